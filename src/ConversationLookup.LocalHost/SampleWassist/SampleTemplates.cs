using static ConversationLookup.LocalHost.SampleWassist.SampleAccount;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>The sample's templates: one of every kind that a sender must tell apart.</summary>
public static class SampleTemplates
{
    public static IReadOnlyList<SampleTemplate> All { get; } =
    [
        // Values by their places, in the text and in a button's address.
        new(
            "60a1b2c3-0001-4d5e-8f90-a1b2c3d4e5f6",
            "order_update",
            "UTILITY",
            "en_GB",
            "POSITIONAL",
            """
            [
              { "type": "BODY", "text": "Hello {{1}}, your order {{2}} is on its way.", "example": { "body_text": [["Amara", "5512"]] } },
              { "type": "FOOTER", "text": "Harbour Shop" },
              { "type": "BUTTONS", "buttons": [
                { "type": "URL", "text": "Track it", "url": "https://shop.example/orders/{{1}}", "example": ["https://shop.example/orders/5512"] }
              ] }
            ]
            """,
            [(ShopAccount, "APPROVED"), (BerlinAccount, "APPROVED")]),
        // Values by name, in the text and above it.
        new(
            "60a1b2c3-0002-4d5e-8f90-a1b2c3d4e5f6",
            "appointment_reminder",
            "UTILITY",
            "en_GB",
            "NAMED",
            """
            [
              { "type": "HEADER", "format": "TEXT", "text": "See you on {{day}}", "example": { "header_text_named_params": [{ "param_name": "day", "example": "Monday" }] } },
              { "type": "BODY", "text": "Hello {{first_name}}, we expect you at {{time}}.", "example": { "body_text_named_params": [{ "param_name": "first_name", "example": "Amara" }, { "param_name": "time", "example": "10:30" }] } },
              { "type": "BUTTONS", "buttons": [{ "type": "QUICK_REPLY", "text": "I will be there" }, { "type": "QUICK_REPLY", "text": "Another day" }] }
            ]
            """,
            [(ShopAccount, "APPROVED")]),
        // A picture above the text.
        new(
            "60a1b2c3-0003-4d5e-8f90-a1b2c3d4e5f6",
            "new_arrivals",
            "MARKETING",
            "en_GB",
            "POSITIONAL",
            """
            [
              { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["https://media.example/arrivals.jpg"] } },
              { "type": "BODY", "text": "New this week: {{1}}. Come and see.", "example": { "body_text": [["lanterns"]] } }
            ]
            """,
            [(ShopAccount, "APPROVED")]),
        // No values at all.
        new(
            "60a1b2c3-0004-4d5e-8f90-a1b2c3d4e5f6",
            "opening_hours",
            "UTILITY",
            "en_GB",
            "POSITIONAL",
            """[{ "type": "BODY", "text": "We are open from 9 to 18, Monday to Saturday." }]""",
            [(ShopAccount, "APPROVED")]),
        new(
            "60a1b2c3-0005-4d5e-8f90-a1b2c3d4e5f6",
            "welcome_back",
            "MARKETING",
            "en_GB",
            "POSITIONAL",
            """[{ "type": "BODY", "text": "Welcome back! Shall we talk about {{1}}?", "example": { "body_text": [["your order"]] } }]""",
            [(ShopAccount, "APPROVED")]),
        // Not yet approved for the first number, only for the other; a code to copy behind a button that has no value.
        new(
            "60a1b2c3-0006-4d5e-8f90-a1b2c3d4e5f6",
            "spring_sale",
            "MARKETING",
            "en_GB",
            "POSITIONAL",
            """
            [
              { "type": "BODY", "text": "Spring is here: {{1}} off everything.", "example": { "body_text": [["20 %"]] } },
              { "type": "BUTTONS", "buttons": [{ "type": "QUICK_REPLY", "text": "No more offers" }, { "type": "COPY_CODE", "text": "Copy code", "example": "SPRING20" }] }
            ]
            """,
            [(ShopAccount, "PENDING"), (BerlinAccount, "APPROVED")]),
        // Another language.
        new(
            "60a1b2c3-0007-4d5e-8f90-a1b2c3d4e5f6",
            "lieferung_unterwegs",
            "UTILITY",
            "de",
            "POSITIONAL",
            """[{ "type": "BODY", "text": "Guten Tag {{1}}, Ihre Bestellung {{2}} ist unterwegs.", "example": { "body_text": [["Jonas", "5512"]] } }]""",
            [(ShopAccount, "APPROVED"), (BerlinAccount, "APPROVED")]),
    ];

    /// <summary>Why a template cannot be sent.</summary>
    /// <param name="number">Where it is sent from.</param>
    public static string? FaultOf(TemplateMessage message, SampleNumber number) => All.FirstOrDefault(template => template.Name == message.Name) switch
    {
        _ when number.IsSandbox => "Templates cannot be sent from a sandbox number.",
        null => "template.name: The organization has no such template.",
        var template when !template.IsApprovedFor(number.Account) => $"template.name: '{template.Name}' is not approved for this number.",
        var template => template.FaultOf(message.Variables),
    };
}
