using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>What else a caller does to the sample's conversations has the effect that it has in the real Wassist, and lasts as long.</summary>
public sealed class SampleActionsTests
{
    [Fact]
    public async Task A_prompted_agent_answers_in_the_conversation_a_moment_later()
    {
        await using var caller = await SampleCaller.StartAsync();

        var (status, answer) = await caller.PostAsync($"conversations/{Bodies.Id}/prompt/", """{"prompt":"Ask for the order number"}""");
        var before = (string?)(await caller.ConversationAsync())["lastMessage"]!["role"];
        caller.Time.Advance(SampleActions.Thinking);
        var after = (await caller.GetAsync($"conversations/{Bodies.Id}/messages/")).Body[0]!;

        Assert.Equal((200, "user"), (status, before));
        Assert.Null(answer["id"]);
        Assert.Equal(("assistant", "text"), ((string?)after["role"], (string?)after["type"]));
        Assert.Contains("Ask for the order number", (string?)after["text"]!["body"], StringComparison.Ordinal);
        Assert.Equal((string?)after["text"]!["body"], (string?)(await caller.ConversationAsync())["lastMessage"]!["body"]);
    }

    [Fact]
    public async Task What_the_business_writes_while_the_agent_thinks_comes_before_the_agents_answer()
    {
        await using var caller = await SampleCaller.StartAsync();
        await caller.PostAsync($"conversations/{Bodies.Id}/prompt/", """{"prompt":"x"}""");
        caller.Time.Advance(SampleActions.Thinking / 2);
        await caller.SendTextAsync("One moment");
        caller.Time.Advance(SampleActions.Thinking);

        var newest = (await caller.GetAsync($"conversations/{Bodies.Id}/messages/?limit=2")).Body.AsArray();

        Assert.Equal(["text", "unified"], newest.Select(message => (string?)message!["type"]));
    }

    [Theory]
    [InlineData("answered by an agent", """{"prompt":" "}""")]
    [InlineData("answered by an agent", "{}")]
    [InlineData("answered by a webhook", """{"prompt":"x"}""")]
    [InlineData("reply window closed", """{"prompt":"x"}""")]
    public async Task A_prompt_that_nobody_can_answer_is_refused(string shows, string body)
    {
        await using var caller = await SampleCaller.StartAsync();

        Assert.Equal(400, (await caller.PostAsync($"conversations/{caller.IdOf(shows)}/prompt/", body)).Status);
    }

    [Theory]
    [InlineData("", 10)]
    [InlineData("{}", 10)]
    [InlineData("""{"durationMinutes":45}""", 45)]
    public async Task A_takeover_lasts_as_long_as_wanted_and_its_answer_has_the_agent_under_another_name(string body, int minutes)
    {
        await using var caller = await SampleCaller.StartAsync();

        var (status, answer) = await caller.PostAsync($"conversations/{Bodies.Id}/takeover/", body);
        caller.Time.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
        var during = (bool)(await caller.ConversationAsync())["isHumanTakeover"]!;
        caller.Time.Advance(TimeSpan.FromSeconds(1));
        var after = (bool)(await caller.ConversationAsync())["isHumanTakeover"]!;

        Assert.Equal((200, true, true, false), (status, (bool)answer["isHumanTakeover"]!, during, after));
        Assert.Equal("Orders assistant", (string?)answer["agent"]!["name"]);
        Assert.False(answer.AsObject().ContainsKey("activeAgent"));
    }

    [Theory]
    [InlineData("answered by an agent")]
    [InlineData("taken over by a person")]
    public async Task A_handback_ends_a_takeover_at_once(string shows)
    {
        await using var caller = await SampleCaller.StartAsync();
        var id = caller.IdOf(shows);
        await caller.PostAsync($"conversations/{id}/takeover/", """{"durationMinutes":60}""");

        var (status, answer) = await caller.PostAsync($"conversations/{id}/handback/", "{}");

        Assert.Equal((200, id, false), (status, (string?)answer["id"], (bool)answer["isHumanTakeover"]!));
        Assert.False((bool)(await caller.ConversationAsync(id))["isHumanTakeover"]!);
    }

    [Theory]
    [InlineData("""{"durationMinutes":0}""")]
    [InlineData("""{"durationMinutes":2000000000}""")]
    [InlineData("""{"durationMinutes":"soon"}""")]
    [InlineData("""{"minutes":5}""")]
    public async Task A_takeover_of_no_length_is_refused(string body)
    {
        await using var caller = await SampleCaller.StartAsync();

        Assert.Equal(400, (await caller.PostAsync($"conversations/{Bodies.Id}/takeover/", body)).Status);
        Assert.False((bool)(await caller.ConversationAsync())["isHumanTakeover"]!);
    }

    [Theory]
    [InlineData("read")]
    [InlineData("typing")]
    public async Task Reading_and_typing_answer_the_conversation_which_is_then_read_until_the_contact_writes_again(string action)
    {
        await using var caller = await SampleCaller.StartAsync();
        async Task<bool> IsUnreadAsync() => (await caller.GetAsync("conversations/?hasUnread=true&limit=100")).Body["results"]!.AsArray().Any(one => (string?)one!["id"] == Bodies.Id);
        Assert.True(await IsUnreadAsync());

        var (status, answer) = await caller.PostAsync($"conversations/{Bodies.Id}/{action}/", "{}");

        Assert.Equal((200, Bodies.Id, "Orders assistant"), (status, (string?)answer["id"], (string?)answer["activeAgent"]!["name"]));
        Assert.False(await IsUnreadAsync());
        await caller.PostAsync("/simulate/message", "{}");
        Assert.True(await IsUnreadAsync());
    }

    [Theory]
    [InlineData("messages")]
    [InlineData("prompt")]
    [InlineData("takeover")]
    [InlineData("handback")]
    [InlineData("read")]
    [InlineData("typing")]
    public async Task An_unknown_conversation_is_404(string action)
    {
        await using var caller = await SampleCaller.StartAsync();

        var (status, answer) = await caller.PostAsync($"conversations/00000000-0000-4000-8000-000000000000/{action}/", "{}");

        Assert.Equal((404, "No Conversation matches the given query."), (status, (string?)answer["detail"]));
    }

    [Fact]
    public async Task A_started_conversation_is_one_like_the_others_and_there_is_one_for_a_contact_and_a_number()
    {
        await using var caller = await SampleCaller.StartAsync();

        var (status, started) = await caller.PostAsync("conversations/", """
            {"toNumber":"+447700900555","agentId":"c8b2eaf1-6d4f-4f3c-9072-1ead9c8b7f66",
             "message":{"type":"template","template":{"name":"opening_hours"}}}
            """, "key-1");
        var (_, again) = await caller.PostAsync("conversations/", """{"toNumber":"+447700900555"}""");
        var (_, elsewhere) = await caller.PostAsync("conversations/", """{"toNumber":"+447700900555","fromNumber":"+493023125111"}""");

        var id = (string)started["id"]!;
        Assert.Equal((201, id), (status, (string?)again["id"]));
        Assert.NotEqual(id, (string?)elsewhere["id"]);
        Assert.Equal(("webhook", null), ((string?)elsewhere["routing"], (string?)elsewhere["activeAgent"]?["name"]));
        Assert.Equal(
            ("447700900555", "447700900111", "Returns assistant", 0, "template"),
            ((string?)started["contact"]!["phoneNumber"], (string?)started["whatsappNumber"]!["number"], (string?)started["activeAgent"]!["name"], (int)started["chatWindowRemainingTime"]!, (string?)started["lastMessage"]!["type"]));
        Assert.Equal((id, "opening_hours", "key-1"), ((string?)(await caller.SentAsync()).Single()!["conversationId"], (string?)(await caller.SentAsync()).Single()!["template"], (string?)(await caller.SentAsync()).Single()!["idempotencyKey"]));
        Assert.Equal(id, (string?)(await caller.GetAsync("conversations/?limit=1")).Body["results"]![0]!["id"]);
        await caller.PostAsync("/simulate/message", $$"""{"conversationId":"{{id}}","text":"Thank you"}""");
        Assert.Equal("Thank you", (string?)(await caller.ConversationAsync(id))["lastMessage"]!["body"]);
    }

    [Fact]
    public async Task A_conversation_that_is_started_with_somebody_who_wrote_before_is_the_one_there_is()
    {
        await using var caller = await SampleCaller.StartAsync();

        var (status, answer) = await caller.PostAsync("conversations/", """{"toNumber":"+447700900222","fromNumber":"+447700900111"}""");

        Assert.Equal((201, Bodies.Id, "Can I change the delivery address?"), (status, (string?)answer["id"], (string?)answer["lastMessage"]!["body"]));
    }

    [Theory]
    [InlineData("{}", "toNumber")]
    [InlineData("""{"toNumber":"Amara"}""", "toNumber")]
    [InlineData("""{"toNumber":"+447700900555","fromNumber":"+447700900556"}""", "fromNumber")]
    [InlineData("""{"toNumber":"+447700900555","agentId":"b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e56"}""", "agentId")]
    [InlineData("""{"toNumber":"+447700900555","fromNumber":"+12025550100","agentId":"c8b2eaf1-6d4f-4f3c-9072-1ead9c8b7f66"}""", "agentId")]
    [InlineData("""{"toNumber":"+447700900555","fromNumber":"+12025550100","message":{"type":"template","template":{"name":"opening_hours"}}}""", "sandbox")]
    [InlineData("""{"toNumber":"+447700900555","message":{"type":"unified","unified":{"text":"Hello"}}}""", "template")]
    [InlineData("""{"toNumber":"+447700900555","message":{"type":"template","template":{"name":"order_update"}}}""", "variables.body")]
    [InlineData("[]", "JSON parse error")]
    public async Task A_conversation_that_cannot_be_started_is_refused_with_a_reason_and_does_not_come_to_be(string body, string reason)
    {
        await using var caller = await SampleCaller.StartAsync();

        var (status, answer) = await caller.PostAsync("conversations/", body);

        Assert.Equal(400, status);
        Assert.Contains(reason, (string?)answer["detail"], StringComparison.Ordinal);
        Assert.Equal(caller.Sample.Conversations.Count, (int)(await caller.GetAsync("conversations/")).Body["count"]!);
    }

    [Fact]
    public async Task Its_agents_come_in_pages_and_with_a_secret_that_nobody_may_show()
    {
        await using var caller = await SampleCaller.StartAsync();

        var (_, first) = await caller.GetAsync("agents/?limit=2");
        var (_, second) = await caller.GetAsync(new Uri((string)first["next"]!).PathAndQuery);

        Assert.Equal((3, null), ((int)first["count"]!, (string?)second["next"]));
        Assert.Equal(SampleAccount.Agents.Select(agent => agent.Name), first["results"]!.AsArray().Concat(second["results"]!.AsArray()).Select(agent => (string?)agent!["name"]));
        Assert.Contains(SampleAccount.ToolSecret, first["results"]![0]!["tools"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_numbers_and_accounts_come_in_bare_arrays_and_the_sandbox_number_belongs_to_no_account()
    {
        await using var caller = await SampleCaller.StartAsync();

        var numbers = (await caller.GetAsync("phone-numbers/")).Body.AsArray();
        var accounts = (await caller.GetAsync("whatsapp-accounts/")).Body.AsArray();

        Assert.Equal(
            [("447700900111", "Harbour Shop", "Orders assistant", "agent", false), ("493023125111", "Harbour Shop Berlin", null, "webhook", false), ("12025550100", null, "Orders assistant", "sandbox", true)],
            numbers.Select(number => (
                (string?)number!["number"], (string?)number["whatsappBusinessAccount"]?["name"], (string?)number["activeAgent"]?["name"], (string?)number["defaultRouting"], (bool)number["isSandbox"]!)));
        Assert.Equal(
            numbers.Where(number => number!["whatsappBusinessAccount"] is not null).Select(number => ((string?)number!["whatsappBusinessAccount"]!["id"], (string?)number["id"])),
            accounts.Select(account => ((string?)account!["id"], (string?)account["phoneNumbers"]!.AsArray().Single()!["id"])));
        Assert.Equal(numbers[2]!["id"]!.ToString(), (string?)(await caller.ConversationAsync(caller.IdOf("on Wassist's sandbox number")))["whatsappNumber"]!["id"]);
    }
}
