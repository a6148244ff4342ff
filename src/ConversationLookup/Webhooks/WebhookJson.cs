using System.Text.Json.Serialization;
using ConversationLookup.Json;

namespace ConversationLookup.Webhooks;

/// <summary>What the sender of a webhook is answered.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(WebhookReceipt))]
public sealed partial class WebhookJson : JsonSerializerContext
{
    public static WebhookJson Payload { get; } = new(PayloadJson.Options());
}

/// <summary>How an event waits on its queue. Unlike a payload it keeps the fractions of a second.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WassistEvent))]
public sealed partial class EventJson : JsonSerializerContext;
