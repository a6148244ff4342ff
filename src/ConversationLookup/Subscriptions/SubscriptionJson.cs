using System.Text.Json.Serialization;
using ConversationLookup.Json;
using ConversationLookup.Webhooks;

namespace ConversationLookup.Subscriptions;

/// <summary>What the routes of subscriptions answer.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(EventList))]
[JsonSerializable(typeof(SubscriptionBody))]
public sealed partial class SubscriptionJson : JsonSerializerContext
{
    public static SubscriptionJson Payload { get; } = new(PayloadJson.Options());
}
