using System.Text.Json.Serialization;
using ConversationLookup.Json;

namespace ConversationLookup.Health;

/// <summary>What the health route answers.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(HealthBody))]
public sealed partial class HealthJson : JsonSerializerContext
{
    public static HealthJson Payload { get; } = new(PayloadJson.Options());
}
