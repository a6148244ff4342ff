using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Caching.Hybrid;

namespace ConversationLookup.Conversations;

/// <summary>How what Wassist answered is written for other instances.</summary>
public sealed class CacheSerializer<T>(JsonTypeInfo<T> typeInfo) : IHybridCacheSerializer<T>
{
    public T Deserialize(ReadOnlySequence<byte> source)
    {
        var reader = new Utf8JsonReader(source);
        return JsonSerializer.Deserialize(ref reader, typeInfo)!;
    }

    public void Serialize(T value, IBufferWriter<byte> target)
    {
        using var writer = new Utf8JsonWriter(target);
        JsonSerializer.Serialize(writer, value, typeInfo);
    }
}

/// <summary>What is kept.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(Retrieved<WassistConversation>))]
[JsonSerializable(typeof(Retrieved<WassistPage<WassistConversation>>))]
[JsonSerializable(typeof(Retrieved<WassistPage<WassistMessage>>))]
[JsonSerializable(typeof(Retrieved<IReadOnlyList<WassistAgent>>))]
[JsonSerializable(typeof(Retrieved<IReadOnlyList<WassistNumber>>))]
[JsonSerializable(typeof(Retrieved<IReadOnlyList<WassistTemplate>>))]
public sealed partial class CacheJson : JsonSerializerContext;
