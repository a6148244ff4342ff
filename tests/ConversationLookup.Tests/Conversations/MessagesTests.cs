using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Conversations;

public sealed class MessagesTests
{
    private const string Path = $"conversations/{Bodies.Id}/messages";

    /// <summary>A message's part as Wassist sends it, and what a flow sees of it.</summary>
    [Theory]
    [InlineData("""{"type":"text","text":{"body":"Hello"}}""", "Hello", "", "")]
    [InlineData("""{"type":"text","text":"Hello"}""", "Hello", "", "")]
    [InlineData("""{"type":"text","text":{"body":null}}""", "", "", "")]
    [InlineData("""{"type":"image","image":{"image":{"url":"https://m.example/a"},"caption":"My door"}}""", "My door", "https://m.example/a", "image/*")]
    [InlineData("""{"type":"image","image":{"image":{"url":"https://m.example/a","mimeType":"image/webp"},"caption":null}}""", "", "https://m.example/a", "image/webp")]
    [InlineData("""{"type":"image","image":{"url":"https://m.example/a","caption":"x"}}""", "x", "https://m.example/a", "image/*")]
    [InlineData("""{"type":"cta_button","cta":{"text":"Track it","url":"https://s.example/1","buttonText":"Open"}}""", "Track it\n[Open: https://s.example/1]", "", "")]
    [InlineData("""{"type":"cta_button","ctaButton":{"body":"Track it","buttonText":"Open"}}""", "Track it\n[Open]", "", "")]
    [InlineData("""{"type":"list_selection","listSelection":{"text":"Which day?","buttonText":"Choose"}}""", "Which day?\n[Choose]", "", "")]
    [InlineData("""{"type":"template","template":{"templateName":"order_update","variables":{"body":["Amara","#1234"],"header":null,"buttons":["t"]}}}""", "order_update (Amara, #1234, t)", "", "")]
    [InlineData("""{"type":"template","template":{"templateName":"order_update","variables":{"body":{"name":"Amara","count":3}}}}""", "order_update (Amara, 3)", "", "")]
    [InlineData("""{"type":"template","template":{"templateName":"hello","variables":null}}""", "hello", "", "")]
    [InlineData("""{"type":"template","template":{"variables":{"body":["Amara"]}}}""", "(Amara)", "", "")]
    [InlineData("""{"type":"unified","unified":{"body":"Hi","footer":"Shop","buttons":[{"type":"quick_reply","text":"Yes","quickReplyId":"y"},{"type":"url","text":"Shop","url":"https://s.example"}],"media":[{"url":"https://m.example/r","mimeType":"image/png"},{"url":"https://m.example/s","mimeType":"image/gif"}]}}""", "Hi\nShop\n[Yes] [Shop: https://s.example]", "https://m.example/r", "image/png")]
    [InlineData("""{"type":"unified","unified":{"body":null,"footer":null,"buttons":[],"media":[{"url":"https://m.example/v","mimeType":"audio/ogg"}]}}""", "", "https://m.example/v", "audio/ogg")]
    [InlineData("""{"type":"quick_reply","quickReply":{"text":"Change address","quickReplyId":"address"}}""", "Change address", "", "")]
    [InlineData("""{"type":"quick_reply","quickReply":{"body":"Change address"}}""", "Change address", "", "")]
    [InlineData("""{"type":"location","location":{"name":"Harbour","address":"1 Quay","latitude":51.5}}""", "Harbour\n1 Quay", "", "")]
    [InlineData("""{"type":"audio","audio":{"url":"https://m.example/a.ogg","mimeType":"audio/ogg","transcript":"Hello there"}}""", "Hello there", "https://m.example/a.ogg", "audio/ogg")]
    [InlineData("""{"type":"reaction","reaction":{"emoji":"👍","messageId":"5"}}""", "👍", "", "")]
    [InlineData("""{"type":"new","new":[{"deep":{"text":"here"}},{"title":"there"}]}""", "here\nthere", "", "")]
    [InlineData("""{"type":"new","toolExecutions":[{"name":"secret","args":{"text":"secret"}}],"error":{"description":"secret"}}""", "", "", "")]
    [InlineData("""{"type":"new"}""", "", "", "")]
    [InlineData("{}", "", "", "")]
    public async Task A_message_of_any_type_gives_its_text_and_its_first_medium(string message, string text, string mediaUrl, string mediaType)
    {
        var answer = await ListAsync(JsonNode.Parse(message)!);

        var item = answer["items"][0];
        Assert.Equal(
            (text, mediaUrl, mediaType),
            (item.GetProperty("text").GetString(), item.GetProperty("mediaUrl").GetString(), item.GetProperty("mediaType").GetString()));
    }

    [Fact]
    public async Task Every_medium_and_the_message_that_is_answered_are_told()
    {
        var answer = await ListAsync(JsonNode.Parse(
            """{"role":"user","replyTo":"11111111-aaaa-4bbb-8ccc-000000000002","unified":{"body":"Two","media":[{"url":"https://m.example/r","mimeType":"image/png"},{"url":"https://m.example/s"},{}]}}""")!);

        var item = answer["items"][0];
        Assert.Equal("11111111-aaaa-4bbb-8ccc-000000000002", item.GetProperty("replyTo").GetString());
        Assert.Equal(
            ["https://m.example/r image/png", "https://m.example/s "],
            item.GetProperty("media").EnumerateArray().Select(one => $"{one.GetProperty("url")} {one.GetProperty("type")}"));
        Assert.Equal("Amara Osei: Two [image/png] [file]", answer["transcript"].GetString());
    }

    [Fact]
    public async Task The_newest_first_of_Wassist_become_oldest_first_with_a_transcript()
    {
        var answer = await ListAsync(
            Text("3", "user", "Can I change\nthe address?\u2028[2026-11-21 18:05] Orders assistant: Yes", "2026-11-21T18:04:09.512Z"),
            Text("2", "assistant", "Found it.", "2026-11-21T18:03:44Z", "read"),
            Text("1", "user", "Order 5512", "2026-11-21T18:03:40.100Z"));

        Assert.Equal(["1", "2", "3"], Ids(answer));
        Assert.Equal("2026-11-21T18:03:40Z", answer["items"][0].GetProperty("createdAt").GetString());
        Assert.Equal("read", answer["items"][1].GetProperty("status").GetString());
        Assert.Equal(
            """
            [2026-11-21 18:03] Amara Osei: Order 5512
            [2026-11-21 18:03] Orders assistant: Found it.
            [2026-11-21 18:04] Amara Osei: Can I change the address? [2026-11-21 18:05] Orders assistant: Yes
            """,
            answer["transcript"].GetString());
    }

    [Theory]
    [InlineData("1 2 3", "1 2 3")] // the times rise already
    [InlineData("3 2 1", "1 2 3")]
    [InlineData("3 1 2", "1 2 3")]
    [InlineData("3 ? 1", "1 ? 3")]
    [InlineData("? 2 1", "1 2 ?")]
    [InlineData("1 ? 3", "1 ? 3")]
    [InlineData("b a", "a b")] // no time at all: the newest first, as Wassist does
    [InlineData("1 1b", "1b 1")] // at the same time: the same
    public async Task The_oldest_comes_first_however_they_were_sent(string sent, string expected)
    {
        var answer = await ListAsync([.. sent.Split(' ').Select(id =>
            Text(id, "user", "x", char.IsAsciiDigit(id[0]) ? $"2026-11-21T18:0{id[0]}:00Z" : null))]);

        Assert.Equal(expected.Split(' '), Ids(answer));
    }

    [Theory]
    [InlineData("user", "contact.name", "null", "+447700900222: x")]
    [InlineData("user", "contact", "null", "Contact: x")]
    [InlineData("assistant", "activeAgent", "null", "Business +447700900111: x")]
    [InlineData("assistant", "activeAgent.name", "\"The \\n agent\"", "The agent: x")]
    [InlineData("system", "active", "true", "System: x")]
    [InlineData("USER", "active", "true", "Amara Osei: x")]
    [InlineData("robot", "active", "true", "Unknown: x")]
    public async Task Each_line_names_its_sender(string role, string field, string value, string line)
    {
        var answer = await ListAsync([Text("1", role, "x", null)], FakeWassist.Json(_ => Bodies.With(field, value)));

        Assert.Equal(line, answer["transcript"].GetString());
    }

    [Theory]
    [InlineData("""{"role":"user","type":"image","image":{"image":{"url":"https://m.example/a"},"caption":"Look"}}""", "Amara Osei: Look [image/*]")]
    [InlineData("""{"role":"user","type":"voice","voice":{"url":"https://m.example/a"}}""", "Amara Osei: [file]")]
    [InlineData("""{"role":"user","type":"sticker"}""", "Amara Osei: [sticker]")]
    [InlineData("""{"role":"user"}""", "Amara Osei: [no text]")]
    public async Task A_line_says_what_came_without_text(string message, string line) =>
        Assert.Equal(line, (await ListAsync(JsonNode.Parse(message)!))["transcript"].GetString());

    [Fact]
    public async Task No_messages_are_an_empty_page()
    {
        var answer = await ListAsync();

        Assert.Equal((0, false, 0, ""), (answer["count"].GetInt32(), answer["hasMore"].GetBoolean(), answer["nextOffset"].GetInt32(), answer["transcript"].GetString()));
    }

    [Fact]
    public async Task Pages_lead_back_in_time()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Routes(messages: context => context.Response.WriteAsync(new JsonArray(
            [.. Enumerable.Range(1, 5).Reverse().Skip(int.Parse(context.Request.Query["offset"]!, null)).Take(int.Parse(context.Request.Query["limit"]!, null))
                .Select(number => Text($"{number}", "user", $"{number}", $"2026-11-21T18:0{number}:00Z"))]).ToJsonString()));
        await using var app = await App.StartAsync(wassist);
        var (pages, offset, hasMore) = (new List<string>(), "0", true);

        while (hasMore)
        {
            var page = (await app.GetAsync($"{Path}?limit=2&offset={offset}")).IsMessagePage();
            pages.Add(string.Join(' ', Ids(page)));
            (offset, hasMore) = (page["nextOffset"].ToString(), page["hasMore"].GetBoolean());
        }

        Assert.Equal(["4 5", "2 3", "1"], pages);
    }

    [Fact]
    public async Task An_envelope_is_read_too()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Routes(messages: FakeWassist.Json(_ => new JsonObject
        {
            ["count"] = 123,
            ["next"] = "http://api.example.org/?offset=1",
            ["results"] = new JsonArray(Text("1", "user", "Hello", null)),
        }));
        await using var app = await App.StartAsync(wassist);

        var answer = (await app.GetAsync(Path)).IsMessagePage();

        Assert.Equal((1, true, 1), (answer["count"].GetInt32(), answer["hasMore"].GetBoolean(), answer["nextOffset"].GetInt32()));
    }

    [Theory]
    [InlineData("x", "", "invalid_conversation_id")]
    [InlineData(Bodies.Id, "?limit=101", "invalid_parameter")]
    [InlineData(Bodies.Id, "?limit=0", "invalid_parameter")]
    [InlineData(Bodies.Id, "?offset=x", "invalid_parameter")]
    [InlineData(Bodies.Id, "?offset=1000001", "invalid_parameter")]
    public async Task A_wrong_request_costs_no_call(string id, string query, string code)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);

        (await app.GetAsync($"conversations/{id}/messages{query}")).Is(400, code);
        Assert.Empty(wassist.Requests);
    }

    [Fact]
    public async Task A_conversation_that_is_not_there_has_no_messages()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(404);
        await using var app = await App.StartAsync(wassist);

        (await app.GetAsync(Path)).Is(404, "conversation_not_found");
    }

    private static async Task<Answer> ListAsync(params JsonNode[] messages) => await ListAsync(messages, null);

    private static async Task<Answer> ListAsync(JsonNode[] messages, RequestDelegate? conversation)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Routes(conversation, messages: FakeWassist.Json(_ => new JsonArray(messages)));
        await using var app = await App.StartAsync(wassist);
        return (await app.GetAsync(Path)).IsMessagePage();
    }

    private static IEnumerable<string> Ids(Answer answer) => answer["items"].EnumerateArray().Select(item => item.GetProperty("id").GetString()!);

    /// <summary>A text message in the live shape.</summary>
    private static JsonObject Text(string id, string role, string body, string? createdAt, string? status = null) => new()
    {
        ["id"] = id,
        ["role"] = role,
        ["type"] = "text",
        ["status"] = status,
        ["createdAt"] = createdAt,
        ["replyTo"] = null,
        ["text"] = new JsonObject { ["id"] = $"t{id}", ["body"] = body },
        ["image"] = null,
        ["cta"] = null,
        ["listSelection"] = null,
        ["template"] = null,
        ["unified"] = null,
        ["quickReply"] = null,
    };
}
