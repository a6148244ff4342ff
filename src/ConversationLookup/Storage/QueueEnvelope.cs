using System.Text.Json;
using System.Text.Json.Serialization;

namespace ConversationLookup.Storage;

/// <summary>One queue message: its content, or the blob that holds it, and how often it was put back.</summary>
/// <param name="Tries">How often the content was handled without success. A copy that is put back starts a new dequeue count.</param>
/// <param name="Content">The content itself.</param>
/// <param name="Blob">The blob that holds it, for one that is too large for a message.</param>
/// <param name="TraceParent">The span that sent it, as in the header <c>traceparent</c>.</param>
public sealed record QueueEnvelope(int Tries, JsonElement? Content, string? Blob, string? TraceParent);

/// <summary>How an envelope is written.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(QueueEnvelope))]
public sealed partial class QueueJson : JsonSerializerContext;
