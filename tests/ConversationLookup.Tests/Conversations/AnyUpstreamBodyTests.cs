using System.Text;
using System.Text.Json;
using ConversationLookup.Tests.Support;
using CsCheck;

namespace ConversationLookup.Tests.Conversations;

/// <summary>
/// Whatever the upstream's 200 holds, a caller gets a payload that keeps the contract or <c>upstream_invalid_response</c>: over real
/// sockets, for 10,000 generated bodies.
/// </summary>
public sealed class AnyUpstreamBodyTests
{
    private const int Bodies = 10_000;

    private static readonly Gen<Func<string, byte[]>> Body = Gen.Frequency(
        (12, AnyJson.Conversation.Select(make => new Func<string, byte[]>(id => Utf8(make(id).ToJsonString())))),
        (2, Gen.Select(AnyJson.Conversation, Gen.Double[0, 1]).Select((make, part) => new Func<string, byte[]>(id => Truncated(Utf8(make(id).ToJsonString()), part)))),
        (2, Gen.Select(AnyJson.Conversation, Gen.Int[0, int.MaxValue], Gen.Byte.Array[1, 3]).Select((make, at, bytes) => new Func<string, byte[]>(id => Overwritten(Utf8(make(id).ToJsonString()), at, bytes)))),
        (1, Gen.Select(Gen.Int[1, 200_000], Gen.Bool).Select((depth, closed) => new Func<string, byte[]>(id => Nested(id, depth, closed)))),
        (1, AnyJson.Any.Select(value => new Func<string, byte[]>(_ => Utf8(value?.ToJsonString() ?? "null")))),
        (1, Gen.Byte.Array[0, 200].Select(bytes => new Func<string, byte[]>(_ => bytes))));

    [Fact]
    public async Task Ten_thousand_upstream_bodies_give_a_payload_or_an_invalid_response_and_nothing_else()
    {
        var made = new Dictionary<string, Func<string, byte[]>>();
        var random = new PCG(20_261_121);
        for (var body = 0; body < Bodies; body++)
            made[Guid.NewGuid().ToString()] = Body.Generate(random, null, out _);
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = context =>
        {
            var id = context.Request.Path.Value!.Split('/')[^2];
            return context.Response.Body.WriteAsync(made[id](id)).AsTask();
        };
        await using var app = await App.StartAsync(wassist);

        var payloads = 0;
        await Parallel.ForEachAsync(made.Keys, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (id, _) =>
        {
            var answer = await app.LookUpAsync(id);
            if (answer.StatusCode == 200)
            {
                Assert.Equal(id, answer.IsSummary()["id"].GetString());
                Interlocked.Increment(ref payloads);
            }
            else
            {
                answer.Is(502, "upstream_invalid_response");
            }
        });

        // Both outcomes must be common, or the generator says nothing.
        Assert.InRange(payloads, Bodies / 2, Bodies * 9 / 10);
        Assert.Equal(Bodies, wassist.Requests.Count);
    }

    private static byte[] Utf8(string json) => Encoding.UTF8.GetBytes(json);

    private static byte[] Truncated(byte[] body, double part) => body[..(int)(body.Length * part)];

    private static byte[] Overwritten(byte[] body, int at, byte[] bytes)
    {
        for (var offset = 0; offset < bytes.Length; offset++)
            body[(int)(((long)at + offset) % body.Length)] = bytes[offset];
        return body;
    }

    private static byte[] Nested(string id, int depth, bool closed) =>
        Utf8($$"""{"id":{{JsonSerializer.Serialize(id)}},"x":{{new string('[', depth)}}{{(closed ? new string(']', depth) + "}" : "")}}""");
}
