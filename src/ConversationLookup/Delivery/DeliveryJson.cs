using System.Text.Json.Serialization;
using ConversationLookup.Json;

namespace ConversationLookup.Delivery;

/// <summary>What flows are told, and how it waits on its queue.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(FlowNotification))]
[JsonSerializable(typeof(OutgoingNotification))]
public sealed partial class DeliveryJson : JsonSerializerContext
{
    public static DeliveryJson Payload { get; } = new(PayloadJson.Options());
}
