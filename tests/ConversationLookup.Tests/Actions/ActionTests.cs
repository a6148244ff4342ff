using System.Text.Json.Nodes;
using ConversationLookup.Actions;
using ConversationLookup.Tests.Support;
using ConversationLookup.Wassist;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Tests.Actions;

/// <summary>What each action sends, and what a flow is answered.</summary>
public sealed class ActionTests
{
    /// <summary>Every action with a body that is right.</summary>
    internal static readonly (ConversationAction Action, string Path, object? Body)[] All =
    [
        (ConversationAction.SendMessage, $"conversations/{Bodies.Id}/messages", new { text = "Hello" }),
        (ConversationAction.SendTemplate, $"conversations/{Bodies.Id}/template", new { templateName = "plain" }),
        (ConversationAction.PromptAgent, $"conversations/{Bodies.Id}/prompt", new { prompt = "Ask for the order number" }),
        (ConversationAction.TakeOver, $"conversations/{Bodies.Id}/takeover", new { minutes = 30 }),
        (ConversationAction.HandBack, $"conversations/{Bodies.Id}/handback", null),
        (ConversationAction.MarkRead, $"conversations/{Bodies.Id}/read", null),
        (ConversationAction.ShowTyping, $"conversations/{Bodies.Id}/typing", null),
        (ConversationAction.StartConversation, "conversations", new { toPhoneNumber = "+44 7700 900999" }),
    ];

    [Fact]
    public async Task A_text_is_sent_once_with_everything_that_belongs_to_it_and_answered_as_the_message_it_became()
    {
        await using var acting = await ActingApp.StartAsync();

        var answer = await acting.DoAsync("messages", new
        {
            text = " Which day suits you? ",
            footer = "Contoso",
            mediaUrl = "https://shop.example/days.PNG?v=2",
            buttons = new[] { new { text = "Monday", id = "mon" }, new { text = "Friday", id = "fri" } },
        });

        answer.IsSentMessage();
        Assert.Equal((Bodies.Id, "answer", "assistant", "sent"), (answer["conversationId"].GetString(), answer["confirmedBy"].GetString(), answer["role"].GetString(), answer["status"].GetString()));
        Assert.Equal("Which day suits you?\nContoso\n[Monday] [Friday]", answer["text"].GetString());
        Assert.Equal("https://shop.example/days.PNG?v=2", answer["mediaUrl"].GetString());
        var post = Assert.Single(acting.Wassist.Posts);
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""
            {"type":"unified","unified":{"text":"Which day suits you?","footer":"Contoso","media":{"url":"https://shop.example/days.PNG?v=2"},
             "buttons":[{"type":"quick_reply","text":"Monday","quickReplyId":"mon"},{"type":"quick_reply","text":"Friday","quickReplyId":"fri"}]}}
            """),
            post.Body), post.Body.ToJsonString());
        Assert.NotEqual("", post.IdempotencyKey);
    }

    [Fact]
    public async Task A_button_may_open_an_address_instead()
    {
        await using var acting = await ActingApp.StartAsync();

        (await acting.DoAsync("messages", new { text = "Look", buttons = new[] { new { text = "Open", url = "https://shop.example/a?b=c" } } })).IsSentMessage();

        Assert.Equal("""[{"type":"url","text":"Open","url":"https://shop.example/a?b=c"}]""", acting.Wassist.Posts.Single().Body["unified"]!["buttons"]!.ToJsonString());
    }

    [Fact]
    public async Task A_picture_needs_no_text()
    {
        await using var acting = await ActingApp.StartAsync();

        (await acting.DoAsync("messages", new { mediaUrl = "https://shop.example/a.jpg" })).IsSentMessage();

        Assert.Equal("""{"media":{"url":"https://shop.example/a.jpg"}}""", acting.Wassist.Posts.Single().Body["unified"]!.ToJsonString());
    }

    [Theory]
    [InlineData("takeover", """{"minutes":30}""", """{"durationMinutes":30}""", true)]
    [InlineData("takeover", """{"minutes":"45"}""", """{"durationMinutes":45}""", true)]
    [InlineData("takeover", "{}", """{"durationMinutes":10}""", true)]
    [InlineData("takeover", "", """{"durationMinutes":10}""", true)]
    [InlineData("handback", "", "{}", false)]
    [InlineData("read", "{}", "{}", false)]
    [InlineData("typing", "", "{}", false)]
    [InlineData("typing", "null", "{}", false)]
    [InlineData("prompt", """{"prompt":"Ask for the order number"}""", """{"prompt":"Ask for the order number"}""", false)]
    public async Task What_is_done_to_a_conversation_is_answered_with_the_conversation(string route, string body, string sent, bool isTakenOver)
    {
        await using var acting = await ActingApp.StartAsync();

        var answer = (await acting.PostTextAsync($"conversations/{Bodies.Id}/{route}", body)).IsSummary();

        Assert.Equal((Bodies.Id, isTakenOver), (answer["id"].GetString(), answer["isHumanTakeover"].GetBoolean()));
        Assert.Equal("Orders assistant", answer["agentName"].GetString()); // Wassist's own answer to a takeover has another field
        Assert.Equal(sent, Assert.Single(acting.Wassist.Posts).Body.ToJsonString());
    }

    [Fact]
    public async Task A_takeover_that_cannot_be_read_again_is_done_all_the_same()
    {
        await using var acting = await ActingApp.StartAsync();
        acting.Upstream.Answer = context => context.Request.Method == "GET" ? FakeWassist.Status(429, """{"retry_after":60}""")(context) : acting.Wassist.AnswerAsync(context);

        var answer = await acting.DoAsync("takeover");

        Assert.Equal(200, answer.StatusCode);
        Assert.True(answer["isHumanTakeover"].GetBoolean());
        Assert.Single(acting.Wassist.Deeds);
    }

    [Fact]
    public async Task A_conversation_is_started_with_a_template_and_answered_201()
    {
        await using var acting = await ActingApp.StartAsync();

        var answer = await acting.PostAsync("conversations", new
        {
            toPhoneNumber = "0044 7700 900999",
            fromPhoneNumber = "+44 7700 900111",
            agentId = "b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55",
            templateName = "welcome",
            values = new { body_first_name = "Amara", body_code = 4711 },
        });

        Assert.Equal(201, answer.StatusCode);
        PayloadContract.AssertSummary(answer.Body);
        Assert.Equal("+447700900999", answer["contactPhoneNumber"].GetString());
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""
            {"toNumber":"+447700900999","fromNumber":"+447700900111","agentId":"b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55",
             "message":{"type":"template","template":{"name":"welcome","variables":{"body":{"first_name":"Amara","code":"4711"}}}}}
            """),
            acting.Wassist.Posts.Single().Body), acting.Wassist.Posts.Single().Body.ToJsonString());
    }

    [Fact]
    public async Task Free_text_while_the_reply_window_is_closed_is_refused_before_it_is_sent_and_a_template_is_not()
    {
        await using var acting = await ActingApp.StartAsync();
        acting.Wassist.Change = body => body["chatWindowRemainingTime"] = 0;

        (await acting.SendAsync("Hello")).Is(409, "reply_window_closed");
        Assert.Empty(acting.Wassist.Posts);

        (await acting.DoAsync("template", new { templateName = "plain" })).IsSentMessage();
    }

    [Fact]
    public async Task Where_Wassist_does_not_say_whether_the_window_is_open_it_decides()
    {
        await using var acting = await ActingApp.StartAsync();
        acting.Wassist.Change = body => body["chatWindowRemainingTime"] = null;
        (await acting.SendAsync("Hello")).IsSentMessage();
        acting.Wassist.FateOf = (_, _) => new Fate(false, FakeWassist.Status(400, """{"detail":"Message failed to send because more than 24 hours have passed"}"""));

        (await acting.SendAsync("Hello")).Is(409, "reply_window_closed");
    }

    [Fact]
    public async Task A_lookup_after_an_action_knows_of_it()
    {
        await using var acting = await ActingApp.StartAsync(new Dictionary<string, string> { ["Lookup:CacheSeconds"] = "60" });
        Assert.False((await acting.App.LookUpAsync()).IsSummary()["isHumanTakeover"].GetBoolean());
        Assert.Equal(0, (await acting.App.GetAsync($"conversations/{Bodies.Id}/messages")).IsMessagePage()["count"].GetInt32());
        await acting.App.GetAsync("conversations");

        await acting.DoAsync("takeover");
        await acting.SendAsync("Hello");

        Assert.True((await acting.App.LookUpAsync()).IsSummary()["isHumanTakeover"].GetBoolean());
        Assert.Equal(1, (await acting.App.GetAsync($"conversations/{Bodies.Id}/messages")).IsMessagePage()["count"].GetInt32());
        Assert.Equal("Hello", (await acting.App.GetAsync("conversations")).IsConversationPage()["items"][0].GetProperty("lastMessageText").GetString());

        await acting.PostAsync("conversations", new { toPhoneNumber = "+44 7700 900999" });

        Assert.Equal(2, (await acting.App.GetAsync("conversations")).IsConversationPage()["count"].GetInt32());
    }

    [Fact]
    public async Task With_nothing_allowed_nothing_leaves_whatever_is_tried()
    {
        await using var acting = await ActingApp.StartAsync(new Dictionary<string, string> { ["Actions:Allowed"] = "" });

        foreach (var (action, path, body) in All)
        {
            var answer = (await acting.PostAsync(path, body, ("Idempotency-Key", "a"))).Is(403, "action_not_allowed");
            Assert.Contains($"'{action}'", answer.Detail, StringComparison.Ordinal);
            Assert.Contains("'Actions:Allowed'", answer.Detail, StringComparison.Ordinal);
        }

        Assert.Empty(acting.Upstream.Requests);
    }

    [Fact]
    public async Task Only_what_is_named_is_allowed()
    {
        await using var acting = await ActingApp.StartAsync(new Dictionary<string, string> { ["Actions:Allowed"] = " takeover , HandBack" });

        foreach (var (action, path, body) in All)
        {
            var answer = await acting.PostAsync(path, body);
            Assert.Equal(action is ConversationAction.TakeOver or ConversationAction.HandBack ? 200 : 403, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData(400, """{"detail":"Outside the 24-hour window"}""", 409, "reply_window_closed", "template")]
    [InlineData(400, """{"unified":{"text":["Ensure this field has no more than 1024 characters."]}}""", 424, "upstream_rejected_request", "'text'")]
    [InlineData(422, """{"toNumber":["Enter a valid phone number: +447700900222"]}""", 424, "upstream_rejected_request", "'toPhoneNumber'")]
    [InlineData(400, """{"detail":"Templates cannot be sent from sandbox numbers"}""", 424, "upstream_rejected_request", "sandbox")]
    [InlineData(402, """{"detail":"Payment required"}""", 424, "upstream_rejected_request", "payment")]
    [InlineData(409, """{"detail":"secret words of the upstream"}""", 424, "upstream_rejected_request", "409")]
    [InlineData(404, """{"detail":"No Conversation matches the given query."}""", 404, "conversation_not_found", "id")]
    [InlineData(429, """{"retry_after":40}""", 429, "upstream_rate_limited", "Retry-After")]
    [InlineData(403, "<html>Forbidden</html>", 502, "upstream_invalid_response", "proxy")]
    public async Task What_Wassist_refuses_is_said_in_our_words_and_may_be_tried_again(int status, string body, int expected, string code, string says)
    {
        await using var acting = await ActingApp.StartAsync();
        acting.Wassist.FateOf = (number, _) => number == 0 ? new Fate(false, FakeWassist.Status(status, body)) : Fate.Good;

        var refused = (await acting.SendAsync("Hello", "key-1")).Is(expected, code);

        Assert.Contains(says, refused.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("secret words", refused.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("447700900222", refused.Text, StringComparison.Ordinal);
        if (status != 429)
            (await acting.SendAsync("Hello", "key-1")).IsSentMessage();
    }

    [Fact]
    public async Task A_refused_key_leaves_no_doubt_where_there_is_no_call_left_for_the_new_one()
    {
        await using var vault = await KeyVaultStandIn.StartAsync();
        await using var upstream = await FakeWassist.StartAsync();
        upstream.Answer = new ActingWassist().AnswerAsync;
        await using var app = await vault.StartAppAsync(
            upstream, settings: new Dictionary<string, string> { ["Actions:Allowed"] = "all", ["Wassist:RequestsPerMinute"] = "1", ["Wassist:InteractivePercent"] = "100" });
        await app.Services.GetRequiredService<WassistSecrets>().ApiKey.WarmUpAsync(TestContext.Current.CancellationToken);

        (vault.Secrets[KeyVaultStandIn.ApiKey], upstream.AcceptedKey) = ("the-new-key", "the-new-key");

        (await ActingApp.PostAsync(app, $"conversations/{Bodies.Id}/takeover", null)).Is(429, "upstream_rate_limited");
        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task A_rotated_key_is_read_and_the_message_sent_once()
    {
        await using var vault = await KeyVaultStandIn.StartAsync();
        await using var upstream = await FakeWassist.StartAsync();
        var wassist = new ActingWassist();
        upstream.Answer = wassist.AnswerAsync;
        await using var app = await vault.StartAppAsync(upstream, settings: new Dictionary<string, string> { ["Actions:Allowed"] = "all", ["AzureWebJobsStorage"] = await Azurite.NewAccountAsync() });
        await ActingApp.PostAsync(app, $"conversations/{Bodies.Id}/typing", null);

        (vault.Secrets[KeyVaultStandIn.ApiKey], upstream.AcceptedKey) = ("the-new-key", "the-new-key");
        var answer = await ActingApp.PostAsync(app, $"conversations/{Bodies.Id}/typing", null);

        Assert.Equal(200, answer.StatusCode);
        Assert.Equal(2, wassist.Deeds.Count);
    }
}
