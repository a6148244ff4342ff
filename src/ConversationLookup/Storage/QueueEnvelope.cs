using System.Text.Json;
using System.Text.Json.Serialization;

namespace ConversationLookup.Storage;

/// <summary>One queue message: its content, and what a copy that is put back has to know, because its dequeue count starts anew.</summary>
/// <param name="Tries">How often the content was tried without success.</param>
/// <param name="Content">The content; of one that is too large for a message, what fits.</param>
/// <param name="Blob">The blob that holds the whole of it, for one that is too large for a message.</param>
/// <param name="Predecessors">See <see cref="WorkItem{T}.Predecessors"/>.</param>
/// <param name="TraceParent">The span that sent it, as in the header <c>traceparent</c>.</param>
public sealed record QueueEnvelope(int Tries, JsonElement? Content, string? Blob = null, IReadOnlyList<string>? Predecessors = null, string? TraceParent = null);

/// <summary>How an envelope is written.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(QueueEnvelope))]
public sealed partial class QueueJson : JsonSerializerContext;
