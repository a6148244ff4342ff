using System.Text.Json.Serialization;
using ConversationLookup.Json;

namespace ConversationLookup.Conversations;

/// <summary>What lookups answer.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ConversationPage))]
[JsonSerializable(typeof(ConversationSummary))]
[JsonSerializable(typeof(MessagePage))]
public sealed partial class ConversationJson : JsonSerializerContext
{
    public static ConversationJson Payload { get; } = new(PayloadJson.Options());
}
