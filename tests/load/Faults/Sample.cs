using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Conversations;
using ConversationLookup.Tests.Support;
using ConversationLookup.Wassist;

namespace ConversationLookup.Load.Faults;

/// <summary>
/// One conversation: what Wassist answers of it when nothing fails, in one of many shapes, and what a lookup is to make of that. Nobody
/// else's answer is like it.
/// </summary>
internal sealed class Sample
{
    private const string Name = "Amara Osei";
    private const string Text = "Can I change the delivery address?";

    private readonly WassistConversation _read;
    private readonly JsonObject _expected;

    public Sample(int index)
    {
        Id = new Guid(index, 0x1f33, 0x4d7e, [0x9b, 0x6f, 0x2a, 0x4d, 0x8c, 0x0e, 0x1f, 0x33]);
        Body = ShapeOf(index, $"{Id:D}");
        (_read, _) = ConversationParser.Parse(Body, Id);
        _expected = Lasting(Summarize(DateTimeOffset.UnixEpoch));
    }

    public Guid Id { get; }

    /// <summary>Wassist's answer.</summary>
    public byte[] Body { get; }

    /// <summary>Compares an answer to a lookup with the one that is due.</summary>
    /// <returns>What is wrong with it; null where nothing is.</returns>
    public string? Check(byte[] answer, DateTimeOffset notBefore, DateTimeOffset now)
    {
        if (JsonNode.Parse(answer) is not JsonObject summary)
            return "the payload is not an object";
        var retrievedAt = summary["retrievedAt"]!.GetValue<DateTimeOffset>();
        if (retrievedAt < notBefore || retrievedAt > now)
            return "the payload is too old, or from the future";
        if (!JsonNode.DeepEquals(Lasting(summary), _expected))
            return "the payload is not the conversation's";

        var due = Summarize(retrievedAt);
        var left = summary["replyWindowSecondsLeft"]!.GetValue<int>();
        var window = due["replyWindowSecondsLeft"]!.GetValue<int>();
        return left > window || left < Math.Max(0, window - (now - retrievedAt).TotalSeconds - 1) || !JsonNode.DeepEquals(summary["replyWindowClosesAt"], due["replyWindowClosesAt"])
            ? "the payload's reply window is wrong"
            : null;
    }

    private JsonObject Summarize(DateTimeOffset retrievedAt) => JsonSerializer.SerializeToNode(
        ConversationProjection.Summarize(_read, retrievedAt, retrievedAt), ConversationJson.Payload.ConversationSummary)!.AsObject();

    /// <summary>What does not change with time.</summary>
    private static JsonObject Lasting(JsonObject summary)
    {
        var lasting = summary.DeepClone().AsObject();
        foreach (var changing in (string[])["retrievedAt", "replyWindowSecondsLeft", "replyWindowClosesAt"])
            lasting.Remove(changing);
        return lasting;
    }

    private static byte[] ShapeOf(int index, string id)
    {
        var live = Bodies.Live(id).ToJsonString().Replace(Name, $"Amara {index}", StringComparison.Ordinal);
        string With(string field, string json) => Bodies.With(field, json).ToJsonString()
            .Replace(Bodies.Id, id, StringComparison.Ordinal).Replace(Name, $"Amara {index}", StringComparison.Ordinal);
        return (index % 16) switch
        {
            0 => Utf8(Bodies.Published(id).ToJsonString().Replace(Text, $"{Text} {index}", StringComparison.Ordinal)),
            1 => Utf8(live.Replace("41230", "1e999", StringComparison.Ordinal)), // more than a double holds
            2 => Utf8(live.Replace("\"contact\":{", "\"contact\":17,\"was\":{", StringComparison.Ordinal)),
            3 => Utf8(With("isHumanTakeover", "[[],{}]")),
            4 => Utf8(With("lastMessage", $"\"{Text} {index}\"")),
            5 => Utf8(With("activeAgent", "[\"none\"]")),
            6 => Utf8(live.Replace("\"latestReferral\":null", $"\"latestReferral\":{Nested(3_000)}", StringComparison.Ordinal)),
            7 => Utf8(live.Replace("\"isSandbox\":false", $"\"isSandbox\":{Nested(200)}", StringComparison.Ordinal)),
            8 => Utf8($$"""{"id":"{{id}}"}"""),
            9 => Utf8(live.Replace(Text, $@"half an emoji \ud83d {index}", StringComparison.Ordinal)),
            10 => [.. Utf8(live[..live.IndexOf(Text, StringComparison.Ordinal)]), 0xFF, 0xC3, .. Utf8(live[live.IndexOf(Text, StringComparison.Ordinal)..])],
            11 => [0xEF, 0xBB, 0xBF, .. Utf8($"  \n{live}\n  ")],
            12 => Utf8(live.Replace(Text, new string('x', 20_000), StringComparison.Ordinal)),
            _ => Utf8(live),
        };
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
