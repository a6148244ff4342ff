using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ConversationLookup.Json;

namespace ConversationLookup.Http;

/// <summary>What any route may answer.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(ProblemBody))]
public sealed partial class HttpJson : JsonSerializerContext
{
    public static HttpJson Payload { get; } = new(PayloadJson.Options());
}
