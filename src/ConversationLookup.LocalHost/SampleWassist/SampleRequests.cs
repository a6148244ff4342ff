using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>
/// What is sent to the sample. A name that Wassist's reference does not have is refused, which the real one is not known to do: here is
/// where a misspelled one shows.
/// </summary>
public static class SampleRequests
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <exception cref="JsonException">It is something else; an empty body is an empty object.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var json = await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
        return JsonSerializer.Deserialize<T>(string.IsNullOrWhiteSpace(json) ? "{}" : json, Strict) ?? throw new JsonException("It is null.");
    }
}

/// <summary>A message to send: free text with what belongs to it, or a template.</summary>
/// <param name="Type"><c>unified</c> or <c>template</c>.</param>
public sealed record SampleMessageRequest(string? Type, UnifiedMessage? Unified, TemplateMessage? Template)
{
    /// <summary>Why Wassist refuses it, whatever the reply window.</summary>
    /// <param name="number">Where it is sent from.</param>
    public string? FaultFrom(SampleNumber number) => this switch
    {
        { Type: "unified", Unified: { } unified } => unified.Fault,
        { Type: "template", Template: { } template } => SampleTemplates.FaultOf(template, number),
        { Type: "unified" or "template" } => $"{Type}: This field is required.",
        _ => "type: A message is 'unified' or 'template'.",
    };
}

/// <summary>Free text with what belongs to it.</summary>
public sealed record UnifiedMessage(string? Text, string? Footer, UnifiedMedia? Media, IReadOnlyList<UnifiedButton>? Buttons)
{
    private const int LongestText = 1_024;
    private const int LongestFooter = 60;
    private const int MostButtons = 3;

    public IReadOnlyList<UnifiedButton> Buttons { get; } = Buttons ?? [];

    [JsonIgnore]
    public string? Fault => this switch
    {
        { Text: null or "", Media: null } => "unified.text: This field may not be blank.",
        { Text: { } text } when LengthOf(text) > LongestText => TooLong("text", LongestText),
        { Footer: { } footer } when LengthOf(footer) > LongestFooter => TooLong("footer", LongestFooter),
        { Media: { } media } when media.Url?.StartsWith("https://", StringComparison.Ordinal) is not true => "unified.media.url: Enter a public https address.",
        _ when Buttons.Contains(null!) => "unified.buttons: This field may not be null.",
        { Buttons.Count: > MostButtons } => $"unified.buttons: Ensure this field has no more than {MostButtons} elements.",
        _ when Buttons.Select(button => button.Type).Distinct().Count() > 1 => "unified.buttons: All buttons must be of one type.",
        _ => Buttons.Select(button => button.Fault).OfType<string>().FirstOrDefault(),
    };

    /// <summary>As the real one counts: an emoji outside the first plane is one character.</summary>
    public static int LengthOf(string text) => text.EnumerateRunes().Count();

    private static string TooLong(string field, int longest) => $"unified.{field}: Ensure this field has no more than {longest} characters.";
}

/// <param name="Url">Where WhatsApp fetches it.</param>
public sealed record UnifiedMedia(string? Url);

/// <param name="Type"><c>quick_reply</c>, which has an id, or <c>url</c>, which has an address.</param>
public sealed record UnifiedButton(string? Type, string? Text, string? QuickReplyId, string? Url)
{
    private const int LongestText = 20;

    [JsonIgnore]
    public string? Fault => this switch
    {
        { Text: null or "" } => "unified.buttons.text: This field may not be blank.",
        _ when UnifiedMessage.LengthOf(Text) > LongestText => $"unified.buttons.text: Ensure this field has no more than {LongestText} characters.",
        { Type: "quick_reply", QuickReplyId: not (null or ""), Url: null } or { Type: "url", Url: not (null or ""), QuickReplyId: null } => null,
        { Type: "quick_reply" } => "unified.buttons: A quick_reply button has a quickReplyId and no url.",
        { Type: "url" } => "unified.buttons: A url button has a url and no quickReplyId.",
        _ => "unified.buttons.type: A button is 'quick_reply' or 'url'.",
    };

    public JsonObject ToJson()
    {
        var body = new JsonObject { ["type"] = Type, ["text"] = Text };
        var (name, value) = Type == "url" ? ("url", Url) : ("quickReplyId", QuickReplyId);
        body[name] = value;
        return body;
    }
}

/// <param name="Variables">Its values: <c>body</c>, <c>header</c> and <c>buttons</c>.</param>
public sealed record TemplateMessage(string? Name, JsonObject? Variables);

public sealed record SamplePromptRequest(string? Prompt);

/// <param name="DurationMinutes">How long the person has the conversation.</param>
public sealed record SampleTakeoverRequest(int DurationMinutes = 10);

/// <summary>A conversation to start.</summary>
/// <param name="ToNumber">The contact's.</param>
/// <param name="FromNumber">The business's; the first one if left out.</param>
/// <param name="AgentId">Who is to answer; whoever answers that number if left out.</param>
/// <param name="Message">A template to begin with.</param>
public sealed record SampleStartRequest(string? ToNumber, string? FromNumber, string? AgentId, SampleMessageRequest? Message);
