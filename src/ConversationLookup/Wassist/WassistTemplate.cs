using ConversationLookup.Json;

namespace ConversationLookup.Wassist;

/// <summary>A message template of the account, in Meta's parts.</summary>
/// <param name="Name">What it is sent by.</param>
/// <param name="IsNamed">Whether its placeholders have names, such as <c>{{first_name}}</c>, instead of numbers.</param>
public sealed record WassistTemplate(string Name, string? Category, string? Language, bool IsNamed)
{
    private const string Approved = "APPROVED";

    public TemplateHeader? Header { get; init; }

    /// <summary>With its placeholders.</summary>
    public string? Body { get; init; }

    public string? Footer { get; init; }

    public IReadOnlyList<TemplateButton> Buttons { get; init; } = [];

    /// <summary>Whether it has cards to swipe through, each with values of its own.</summary>
    public bool HasCards { get; init; }

    /// <summary>The WhatsApp accounts that it is approved for, by any of their ids.</summary>
    public IReadOnlyList<string> ApprovedFor { get; init; } = [];

    /// <summary>Whether it may be sent from a number; where Wassist does not say whose the number is, whether from any.</summary>
    public bool IsApprovedFor(WassistNumber? number) =>
        ApprovedFor.Count > 0 && (number is not { AccountIds.Count: > 0 } || number.AccountIds.Any(ApprovedFor.Contains));

    /// <returns>Null for one without a name.</returns>
    public static WassistTemplate? Read(TolerantObject template)
    {
        if (template.Text("name") is not { } name)
            return null;
        var parts = template.Objects("components").Select(part => (Type: part.Text("type")?.ToUpperInvariant(), Part: part)).ToList();
        return new WassistTemplate(
            name, template.Text("category"), template.Text("language"), string.Equals(template.Text("parameterFormat"), "NAMED", StringComparison.OrdinalIgnoreCase))
        {
            Header = parts.Where(part => part.Type == "HEADER").Select(part => new TemplateHeader(part.Part.Text("format")?.ToUpperInvariant() ?? "TEXT", part.Part.Text("text"))).FirstOrDefault(),
            Body = TextOf("BODY"),
            Footer = TextOf("FOOTER"),
            Buttons = [.. parts.Where(part => part.Type == "BUTTONS").SelectMany(part => part.Part.Objects("buttons")).Select(button =>
                new TemplateButton(button.Text("type")?.ToUpperInvariant() ?? "", button.Text("text") ?? "", button.Text("url")))],
            HasCards = parts.Any(part => part.Type == "CAROUSEL"),
            ApprovedFor = [.. template.Objects("accountLinks")
                .Where(link => string.Equals(link.Text("status"), Approved, StringComparison.OrdinalIgnoreCase))
                .SelectMany(link => new[] { link.Text("accountId"), link.Text("wabaId") }).OfType<string>()],
        };

        string? TextOf(string type) => parts.Where(part => part.Type == type).Select(part => part.Part.Text("text")).FirstOrDefault();
    }
}

/// <summary>What stands above a template's text.</summary>
/// <param name="Format"><c>TEXT</c>, <c>IMAGE</c>, <c>VIDEO</c>, <c>DOCUMENT</c> or <c>LOCATION</c>.</param>
/// <param name="Text">With its placeholder.</param>
public sealed record TemplateHeader(string Format, string? Text);

/// <summary>A button under a template.</summary>
/// <param name="Type"><c>URL</c>, <c>QUICK_REPLY</c>, <c>PHONE_NUMBER</c>, <c>COPY_CODE</c> and others.</param>
/// <param name="Text">What stands on it.</param>
/// <param name="Url">Where it leads, with its placeholder.</param>
public sealed record TemplateButton(string Type, string Text, string? Url);
