using System.Text.Json;
using System.Text.Json.Serialization;
using ConversationLookup.Webhooks;

namespace ConversationLookup.Storage;

/// <summary>One queue message: its content, or where it is parked, and how often it was put back.</summary>
/// <param name="Tries">How often the content was handled without success. A copy that is put back starts a new dequeue count.</param>
/// <param name="Content">The content itself.</param>
/// <param name="Blob">The blob that holds it, for one that is too large for a message.</param>
/// <param name="TraceParent">The span that sent it, as in the header <c>traceparent</c>.</param>
internal sealed record Parcel(int Tries, JsonElement? Content, string? Blob, string? TraceParent);

/// <summary>How things wait on a queue. Unlike payloads they keep the fractions of a second.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Parcel))]
[JsonSerializable(typeof(WassistEvent))]
internal sealed partial class QueueJson : JsonSerializerContext;
