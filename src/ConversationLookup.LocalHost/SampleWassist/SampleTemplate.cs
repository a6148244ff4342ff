using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>A message template: what Meta approved for one account or more.</summary>
/// <param name="ParameterFormat"><c>POSITIONAL</c> or <c>NAMED</c>.</param>
/// <param name="Components">Meta's, as JSON.</param>
/// <param name="Links">Meta's verdict for each account that it was submitted to.</param>
public sealed partial record SampleTemplate(
    string Id, string Name, string Category, string Language, string ParameterFormat, string Components, IReadOnlyList<(SampleBusinessAccount Account, string Status)> Links)
{
    private readonly JsonArray _components = JsonNode.Parse(Components)!.AsArray();

    public bool IsApprovedFor(SampleBusinessAccount? account) => Links.Any(link => link.Account == account && link.Status == "APPROVED");

    public JsonObject ToJson() => new()
    {
        ["id"] = Id,
        ["name"] = Name,
        ["category"] = Category,
        ["language"] = Language,
        ["parameterFormat"] = ParameterFormat,
        ["components"] = _components.DeepClone(),
        ["accountLinks"] = new JsonArray([.. Links.Select(link => new JsonObject
        {
            ["accountId"] = link.Account.Id,
            ["accountName"] = link.Account.Name,
            ["wabaId"] = link.Account.WaId,
            ["status"] = link.Status,
            ["rejectionReason"] = null,
        })]),
    };

    /// <summary>Why it cannot be sent with these values.</summary>
    public string? FaultOf(JsonObject? variables) =>
        TextFault("body", variables?["body"]) ?? HeaderFault(variables?["header"]) ?? ButtonsFault(variables?["buttons"]);

    private string? HeaderFault(JsonNode? given) => (string?)Component("HEADER")?["format"] is null or "TEXT"
        ? TextFault("header", given)
        : ListOf(given, mayStandAlone: true) is [{ } url] && url.StartsWith("https://", StringComparison.Ordinal) ? null : Fault("header", "takes the public https address of its media");

    /// <summary>Values in a list, or by name. A header's only value may stand without its list.</summary>
    private string? TextFault(string part, JsonNode? given)
    {
        var names = Placeholder().Matches((string?)Component(part)?["text"] ?? "").Select(match => match.Groups["name"].Value).Distinct().ToList();
        if (ParameterFormat == "NAMED" && names.Count > 0)
        {
            return given is JsonObject values && values.Count == names.Count && names.All(name => IsText(values[name]))
                ? null
                : Fault(part, $"takes an object with {string.Join(" and ", names)}");
        }

        return ListOf(given, mayStandAlone: part == "header")?.Count == names.Count
            ? null
            : Fault(part, Takes(names.Count));
    }

    /// <summary>It is not known whether buttons without a value have a place in the list: both are taken.</summary>
    private string? ButtonsFault(JsonNode? given)
    {
        var buttons = Component("BUTTONS")?["buttons"]?.AsArray() ?? [];
        var variable = buttons.Count(button => (string?)button!["type"] is "COPY_CODE" || ((string?)button["url"])?.Contains("{{", StringComparison.Ordinal) is true);
        var values = ListOf(given, mayStandAlone: false);
        return values is not null && (values.Count == variable || (variable > 0 && values.Count == buttons.Count))
            ? null
            : Fault("buttons", Takes(variable));
    }

    private JsonNode? Component(string type) => _components.FirstOrDefault(component => string.Equals((string?)component!["type"], type, StringComparison.OrdinalIgnoreCase));

    private static string Takes(int texts) => texts switch
    {
        0 => "takes no values",
        1 => "takes a list with 1 text",
        _ => $"takes a list with {texts} texts",
    };

    private string Fault(string part, string takes) => $"template.variables.{part}: '{Name}' {takes}.";

    /// <returns>The texts of a list, or one that stands alone; null where something is no text.</returns>
    private static IReadOnlyList<string>? ListOf(JsonNode? given, bool mayStandAlone) => given switch
    {
        null => [],
        JsonArray list when list.All(IsText) => [.. list.Select(value => (string)value!)],
        JsonValue when mayStandAlone && IsText(given) => [(string)given!],
        _ => null,
    };

    private static bool IsText(JsonNode? value) => value is JsonValue text && text.TryGetValue<string>(out var read) && read.Length > 0;

    [GeneratedRegex(@"\{\{\s*(?<name>\w+)\s*\}\}")]
    private static partial Regex Placeholder();
}
