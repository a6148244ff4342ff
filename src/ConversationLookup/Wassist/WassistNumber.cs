using ConversationLookup.Json;

namespace ConversationLookup.Wassist;

/// <summary>A WhatsApp number of the business.</summary>
/// <param name="PhoneNumber">E.164.</param>
/// <param name="Name">Its own name, or that of its WhatsApp account.</param>
/// <param name="Agent">Who answers there.</param>
/// <param name="IsSandbox">Whether it is Wassist's shared test number, which takes no templates.</param>
/// <param name="AccountIds">The ids of its WhatsApp account: Wassist's own, and WhatsApp's. Templates are approved for an account.</param>
public sealed record WassistNumber(string PhoneNumber, string? Name, WassistAgent? Agent, bool? IsSandbox, IReadOnlyList<string> AccountIds)
{
    /// <returns>Null for one without a number.</returns>
    public static WassistNumber? Read(TolerantObject number)
    {
        if (number.PhoneNumber("number") is not { } phoneNumber)
            return null;
        var account = number.Object("whatsappBusinessAccount");
        return new WassistNumber(
            phoneNumber,
            number.Text("name") ?? number.Text("displayName") ?? account?.Text("name"),
            ConversationParser.ReadAgent(number, "activeAgent"),
            number.Flag("isSandbox"),
            account is { } known ? [.. new[] { known.Text("id"), known.Text("waId") }.OfType<string>()] : []);
    }
}
