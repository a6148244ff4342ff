using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.StaticFiles;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>What is to happen in the sample, with the names that a flow gets. Everything may be left out.</summary>
public sealed record SimulatedEvent
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
    };

    /// <summary>Wassist's name of the event; left out, it is a message.</summary>
    public string? Event { get; init; }

    /// <summary>Left out, it is the first conversation.</summary>
    public string? ConversationId { get; init; }

    public string? Text { get; init; }

    /// <summary>The button that the contact taps.</summary>
    public string? ButtonText { get; init; }

    public string? ButtonId { get; init; }

    /// <summary>The id of the message that this one answers.</summary>
    public string? ReplyTo { get; init; }

    public IReadOnlyList<SimulatedMedia> Media { get; init; } = [];

    /// <summary>The text as Wassist sends it: that of a tapped button is what stands on it.</summary>
    [JsonIgnore]
    public string Body => Text ?? ButtonText ?? (Media.Count > 0 ? "" : "Hello from the sample");

    /// <exception cref="JsonException">It is something else.</exception>
    public static SimulatedEvent Read(string json) =>
        string.IsNullOrWhiteSpace(json) ? new SimulatedEvent() : JsonSerializer.Deserialize<SimulatedEvent>(json, Strict) ?? throw new JsonException();

    /// <summary>The media with the names that Wassist gives them.</summary>
    public JsonArray MediaOfWassist() => new([.. Media.Select(one => one.ToJson())]);

    /// <summary>The buttons with the names that Wassist gives them.</summary>
    public JsonArray ButtonsOfWassist() => ButtonText is null ? [] : [new JsonObject { ["text"] = ButtonText, ["quickReplyId"] = ButtonId }];
}

/// <summary>A picture, a recording or a file.</summary>
/// <param name="Url">Where it is.</param>
/// <param name="Type">Its MIME type; left out, it is told by the end of the address.</param>
public sealed record SimulatedMedia(string Url, string? Type = null)
{
    private static readonly FileExtensionContentTypeProvider Types = new();

    [JsonIgnore]
    public string? MimeType => Type ?? (Types.TryGetContentType(Url, out var type) ? type : null);

    /// <summary>With the names that Wassist gives them.</summary>
    public JsonObject ToJson() => new() { ["url"] = Url, ["mimeType"] = MimeType };
}
