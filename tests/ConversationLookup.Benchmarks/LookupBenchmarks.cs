using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using ConversationLookup.Conversations;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Wassist;

namespace ConversationLookup.Benchmarks;

/// <summary>The parts of a lookup that are this app's own, without sockets.</summary>
[MemoryDiagnoser]
public class LookupBenchmarks
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 18, 5, 0, TimeSpan.Zero);

    private byte[] _body = [];
    private Guid _id;
    private WassistConversation _conversation = null!;

    /// <summary>One of each shape, and a long text.</summary>
    [Params("live", "published", "4,096 characters")]
    public string Shape { get; set; } = "";

    /// <summary>Takes the body from the sample.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var sample = SampleConversation.All(Now)[Shape switch { "live" => 0, "published" => 9, _ => 7 }];
        _id = Guid.Parse(sample.Id);
        _body = Encoding.UTF8.GetBytes(sample.At(Now).ToJsonString());
        _conversation = ConversationParser.Parse(_body, _id).Conversation;
    }

    /// <summary>From the upstream's bytes to what was understood.</summary>
    [Benchmark]
    public object Parse() => ConversationParser.Parse(_body, _id);

    /// <summary>From what was understood to the answer's bytes.</summary>
    [Benchmark]
    public byte[] ProjectAndSerialize() =>
        JsonSerializer.SerializeToUtf8Bytes(ConversationProjection.Summarize(_conversation, Now, Now), ConversationJson.Payload.ConversationSummary);
}
