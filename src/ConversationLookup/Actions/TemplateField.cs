using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ConversationLookup.Problems;
using ConversationLookup.Wassist;

namespace ConversationLookup.Actions;

/// <summary>A value that a template needs. Pure.</summary>
/// <param name="Name">The property of <c>values</c>, such as <c>body_1</c>, <c>body_first_name</c>, <c>header_media</c> or <c>button_1</c>.</param>
/// <param name="Placeholder">As the template has it, without braces; empty for a file or a code.</param>
/// <param name="Place">For a person.</param>
public sealed partial record TemplateField(string Name, string Placeholder, string Place)
{
    private const string MediaField = "header_media";

    /// <summary>What a designer calls it: a placeholder's own name says more than its place, its number does not.</summary>
    public string Title => Placeholder.Length > 0 && !char.IsAsciiDigit(Placeholder[0]) ? Placeholder : Name;

    /// <summary>Why this app cannot fill a template; null where it can.</summary>
    public static string? Obstacle(WassistTemplate template) => template switch
    {
        { HasCards: true } => $"The template '{Catalogue.Plain(template.Name)}' has cards to swipe through, which this app cannot fill.",
        { Header.Format: "LOCATION" } => $"The template '{Catalogue.Plain(template.Name)}' has a map, which this app cannot fill.",
        _ => null,
    };

    /// <summary>Everything a template needs, in the order it is read.</summary>
    public static IReadOnlyList<TemplateField> Of(WassistTemplate template) =>
    [
        .. template.Header switch
        {
            { Format: "TEXT" } header => InText("header", "the header", header.Text),
            { Format: "IMAGE" or "VIDEO" or "DOCUMENT" } header => [new TemplateField(MediaField, "", $"the header's {header.Format.ToLowerInvariant()}, an https address")],
            _ => [],
        },
        .. InText("body", "the body", template.Body),
        .. template.Buttons.Select((button, index) => (Button: button, Number: index + 1))
            .Where(one => NeedsValue(one.Button))
            .Select(one => new TemplateField(
                string.Create(CultureInfo.InvariantCulture, $"button_{one.Number}"),
                "",
                one.Button.Type == "COPY_CODE" ? "the code that the button copies" : $"the end of the address that the button '{one.Button.Text}' opens")),
    ];

    /// <summary>What Wassist puts into the template: lists by number, or objects by name.</summary>
    /// <param name="values">A text for each of <see cref="Of"/>.</param>
    public static JsonObject Fill(WassistTemplate template, IReadOnlyDictionary<string, string> values)
    {
        var variables = new JsonObject();
        if (In("header") is { Count: > 0 } header)
            variables["header"] = template.IsNamed && header[0].Placeholder.Length > 0 ? ByName(header) : values[header[0].Name];
        if (In("body") is { Count: > 0 } body)
            variables["body"] = template.IsNamed ? ByName(body) : new JsonArray([.. body.Select(field => JsonValue.Create(values[field.Name]))]);
        if (In("button") is { Count: > 0 } buttons)
            variables["buttons"] = new JsonArray([.. buttons.Select(field => JsonValue.Create(values[field.Name]))]);
        return variables;

        List<TemplateField> In(string part) => [.. Of(template).Where(field => field.Name.StartsWith($"{part}_", StringComparison.Ordinal))];

        JsonObject ByName(IEnumerable<TemplateField> fields) => new(fields.Select(field => KeyValuePair.Create<string, JsonNode?>(field.Placeholder, values[field.Name])));
    }

    /// <summary>The template as a contact sees it, with its placeholders.</summary>
    public static string Preview(WassistTemplate template) => string.Join('\n', new[]
    {
        template.Header is { Format: "TEXT" } text ? text.Text : template.Header is { } header ? $"[{header.Format.ToLowerInvariant()}]" : null,
        template.Body,
        template.Footer,
        template.Buttons.Count == 0 ? null : string.Join(' ', template.Buttons.Select(button => button.Url is null ? $"[{button.Text}]" : $"[{button.Text}: {button.Url}]")),
    }.Where(part => !string.IsNullOrWhiteSpace(part)));

    private static bool NeedsValue(TemplateButton button) => button.Type == "COPY_CODE" || (button.Type == "URL" && Placeholders().IsMatch(button.Url ?? ""));

    private static IEnumerable<TemplateField> InText(string part, string place, string? text) => Placeholders().Matches(text ?? "")
        .Select(match => match.Groups["name"].Value)
        .Distinct()
        .OrderBy(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0) // a list goes by number; names stay as they stand
        .Select(name => new TemplateField($"{part}_{name}", name, $"{{{{{name}}}}} in {place}"));

    [GeneratedRegex(@"\{\{\s*(?<name>[A-Za-z0-9_]+)\s*\}\}")]
    private static partial Regex Placeholders();
}
