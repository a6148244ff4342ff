using System.Text.Json.Nodes;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>What a caller writes in the sample is taken or refused as the real Wassist does it, and is in the conversation.</summary>
public sealed class SampleMessagesTests
{
    private const string Messages = $"conversations/{Bodies.Id}/messages/";

    [Fact]
    public async Task A_message_is_answered_as_the_live_api_answers_it_and_is_then_the_last_of_its_conversation()
    {
        await using var caller = await SampleCaller.StartAsync();

        var (status, message) = await caller.PostAsync(Messages, """
            {"type":"unified","unified":{"text":"Which day?","footer":"Harbour Shop","media":{"url":"https://media.example/map.png"},
             "buttons":[{"type":"quick_reply","text":"Monday","quickReplyId":"mon"},{"type":"quick_reply","text":"Friday","quickReplyId":"fri"}]}}
            """);

        Assert.Equal((201, "assistant", "unified", "sent"), (status, (string?)message["role"], (string?)message["type"], (string?)message["status"]));
        Assert.True(JsonNode.DeepEquals(message["unified"], JsonNode.Parse("""
            {"body":"Which day?","footer":"Harbour Shop",
             "buttons":[{"type":"quick_reply","text":"Monday","quickReplyId":"mon"},{"type":"quick_reply","text":"Friday","quickReplyId":"fri"}],
             "media":[{"url":"https://media.example/map.png","mimeType":"image/png"}]}
            """)));
        Assert.All(["text", "image", "cta", "listSelection", "template", "quickReply", "replyTo"], part => Assert.Null(message[part]));
        Assert.True(JsonNode.DeepEquals(message, (await caller.GetAsync(Messages)).Body[0]));
        var last = (await caller.ConversationAsync())["lastMessage"]!;
        Assert.Equal(
            ("unified", "Which day?", "assistant", (string?)message["createdAt"]),
            ((string?)last["type"], (string?)last["body"], (string?)last["role"], (string?)last["createdAt"]));
    }

    [Theory]
    [InlineData("any.jpg", 200, "image/jpeg")]
    [InlineData("any.png", 200, "image/png")]
    [InlineData("gone.pdf", 404, "application/json")]
    [InlineData("", 404, "application/json")]
    public async Task A_picture_is_there_under_any_name_that_ends_like_one(string name, int status, string type)
    {
        await using var caller = await SampleCaller.StartAsync();
        using var http = new HttpClient();

        using var answer = await http.GetAsync(new Uri($"{caller.Sample.Url}/media/{name}"), TestContext.Current.CancellationToken);

        Assert.Equal((status, type), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.NotEmpty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_message_is_sent_then_delivered_then_read_as_time_passes()
    {
        await using var caller = await SampleCaller.StartAsync();
        await caller.SendTextAsync("Hello");

        var seen = new List<string?>();
        foreach (var seconds in (double[])[0, 2.999, 0.001, 4.999, 0.001]) // delivered after 3, read after 8
        {
            caller.Time.Advance(TimeSpan.FromSeconds(seconds));
            seen.Add((string?)(await caller.GetAsync(Messages)).Body[0]!["status"]);
        }

        Assert.Equal(["sent", "sent", "delivered", "delivered", "read"], seen);
    }

    [Fact]
    public async Task What_was_sent_reads_as_one_of_wassists_messages_in_the_app()
    {
        await using var caller = await SampleCaller.StartAsync();
        await using var app = await App.StartAsync(new Dictionary<string, string>
        {
            ["Wassist:BaseUrl"] = caller.Sample.Url,
            ["Wassist:ApiKey"] = SampleServer.ApiKey,
            ["Lookup:CacheSeconds"] = "0",
        });
        await caller.PostAsync(Messages, """{"type":"unified","unified":{"text":"See here","buttons":[{"type":"url","text":"Open","url":"https://shop.example/"}]}}""");
        caller.Time.Advance(TimeSpan.FromSeconds(1));
        await caller.PostAsync(Messages, """{"type":"template","template":{"name":"order_update","variables":{"body":["Amara","5512"],"buttons":["5512"]}}}""");

        var page = (await app.GetAsync($"conversations/{Bodies.Id}/messages?limit=2")).IsMessagePage();
        var summary = (await app.LookUpAsync()).IsSummary();

        Assert.Equal(
            ["See here\n[Open: https://shop.example/]", "order_update (Amara, 5512, 5512)"],
            page["items"].EnumerateArray().Select(message => message.GetProperty("text").GetString()));
        Assert.Equal(("template", "assistant"), (summary["lastMessageType"].GetString(), summary["lastMessageRole"].GetString()));
        Assert.DoesNotContain(app.Logs.Own, line => line.EventId == 30);
    }

    [Fact]
    public async Task A_message_as_long_as_may_be_is_sent()
    {
        await using var caller = await SampleCaller.StartAsync();
        var buttons = string.Join(',', Enumerable.Range(1, 3).Select(number => $$"""{"type":"quick_reply","text":"{{new string('x', 19)}}{{number}}","quickReplyId":"{{number}}"}"""));

        var (status, _) = await caller.PostAsync(
            Messages, $$$"""{"type":"unified","unified":{"text":"{{{new string('x', 1024)}}}","footer":"{{{new string('x', 60)}}}","buttons":[{{{buttons}}}]}}""");

        Assert.Equal(201, status);
    }

    [Theory]
    [InlineData("""{"text":"{1025}"}""", "no more than 1024")]
    [InlineData("""{"text":""}""", "blank")]
    [InlineData("""{}""", "blank")]
    [InlineData("""{"text":"x","footer":"{61}"}""", "no more than 60")]
    [InlineData("""{"text":"x","media":{"url":"http://media.example/a.png"}}""", "https")]
    [InlineData("""{"text":"x","buttons":[null]}""", "null")]
    [InlineData("""{"text":"x","media":{}}""", "https")]
    [InlineData("""{"text":"x","buttons":[{"type":"url","text":"a","url":"https://a.example"},{"type":"quick_reply","text":"b","quickReplyId":"b"}]}""", "one type")]
    [InlineData("""{"text":"x","buttons":[{"type":"quick_reply","text":"{21}","quickReplyId":"a"}]}""", "no more than 20")]
    [InlineData("""{"text":"x","buttons":[{"type":"quick_reply","text":"","quickReplyId":"a"}]}""", "blank")]
    [InlineData("""{"text":"x","buttons":[{"type":"quick_reply","text":"a"}]}""", "quickReplyId")]
    [InlineData("""{"text":"x","buttons":[{"type":"url","text":"a"}]}""", "url")]
    [InlineData("""{"text":"x","buttons":[{"text":"a"}]}""", "quick_reply")]
    [InlineData("""{"text":"x","buttons":[{"type":"quick_reply","text":"1","quickReplyId":"1"},{"type":"quick_reply","text":"2","quickReplyId":"2"},{"type":"quick_reply","text":"3","quickReplyId":"3"},{"type":"quick_reply","text":"4","quickReplyId":"4"}]}""", "no more than 3")]
    [InlineData("""{"text":7}""", "JSON parse error")]
    [InlineData("""{"text":"x","foooter":"x"}""", "foooter")]
    [InlineData("null", "required")]
    [InlineData("{", "JSON parse error")]
    public async Task A_message_that_is_too_long_or_too_much_is_refused_with_a_reason_and_not_sent(string unified, string reason)
    {
        await using var caller = await SampleCaller.StartAsync();
        foreach (var length in (int[])[1025, 61, 21])
            unified = unified.Replace($"{{{length}}}", new string('x', length), StringComparison.Ordinal);

        var (status, answer) = await caller.PostAsync(Messages, $$"""{"type":"unified","unified":{{unified}}}""");

        Assert.Equal(400, status);
        Assert.Contains(reason, (string?)answer["detail"], StringComparison.Ordinal);
        Assert.Empty(await caller.SentAsync());
    }

    [Theory]
    [InlineData("""{"type":"text","text":{"body":"x"}}""")]
    [InlineData("""{"type":"text"}""")]
    [InlineData("""{"unified":{"text":"x"}}""")]
    [InlineData("""{"type":"template","unified":{"text":"x"}}""")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task What_is_no_message_is_refused(string body)
    {
        await using var caller = await SampleCaller.StartAsync();

        Assert.Equal(400, (await caller.PostAsync(Messages, body)).Status);
    }

    [Fact]
    public async Task An_emoji_counts_as_one_character()
    {
        await using var caller = await SampleCaller.StartAsync();

        Assert.Equal(201, (await caller.SendTextAsync(string.Concat(Enumerable.Repeat("🌍", 1024)))).Status);
        Assert.Equal(400, (await caller.SendTextAsync(string.Concat(Enumerable.Repeat("🌍", 1025)))).Status);
    }

    [Fact]
    public async Task Free_text_is_refused_while_the_reply_window_is_closed_and_taken_when_the_contact_has_written()
    {
        await using var caller = await SampleCaller.StartAsync();
        var id = caller.IdOf("reply window closed");
        const string Text = """{"type":"unified","unified":{"text":"Hello"}}""";

        var (refused, answer) = await caller.PostAsync($"conversations/{id}/messages/", Text);
        await caller.PostAsync("/simulate/message", $$"""{"conversationId":"{{id}}"}""");
        var (taken, _) = await caller.PostAsync($"conversations/{id}/messages/", Text);
        caller.Time.Advance(TimeSpan.FromHours(24));
        var (late, _) = await caller.PostAsync($"conversations/{id}/messages/", Text);

        Assert.Equal((400, 201, 400), (refused, taken, late));
        Assert.NotEqual("", (string?)answer["detail"]);
    }

    [Fact]
    public async Task What_is_sent_with_one_idempotency_key_twice_is_sent_twice_and_the_key_can_be_seen()
    {
        await using var caller = await SampleCaller.StartAsync();

        await caller.SendTextAsync("Hello", "key-1");
        await caller.SendTextAsync("Hello", "key-1");
        await caller.PostAsync(Messages, """{"type":"template","template":{"name":"opening_hours"}}""");

        var sent = await caller.SentAsync();
        Assert.Equal(
            [(Bodies.Id, "Hello", null, "key-1"), (Bodies.Id, "Hello", null, "key-1"), (Bodies.Id, null, "opening_hours", null)],
            sent.Select(one => ((string?)one!["conversationId"], (string?)one["text"], (string?)one["template"], (string?)one["idempotencyKey"])));
        Assert.Equal(
            sent.Select(one => (string?)one!["messageId"]).Reverse(),
            (await caller.GetAsync($"{Messages}?limit=3")).Body.AsArray().Select(message => (string?)message!["id"]));
    }
}
