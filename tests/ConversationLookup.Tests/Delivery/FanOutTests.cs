using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Delivery;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Tests.Delivery;

/// <summary>From an event on its queue to notifications on theirs.</summary>
public sealed class FanOutTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flow_is_told_the_event_and_the_conversation()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow);
        var body = SignedEvent.MessageReceived(messageId: "11111111-aaaa-4bbb-8ccc-000000000003");
        body["message"]!["media"] = JsonNode.Parse("""[{"url":"https://media.example/a.jpg","mimeType":"image/jpeg"},{"url":"https://media.example/b.ogg","mimeType":"audio/ogg"}]""");
        body["message"]!["buttons"] = JsonNode.Parse("""[{"type":"quick_reply","text":"Change address","quickReplyId":"address"}]""");
        body["message"]!["replyTo"] = "11111111-aaaa-4bbb-8ccc-000000000002";
        body["routing"] = "webhook";

        await core.FanOutAsync(core.Event(JsonSerializer.SerializeToElement(body), "d0000000-0000-4000-8000-000000000001"));
        await core.DeliverAllAsync();

        var notification = Assert.Single(flow.Notifications);
        var conversation = notification.GetProperty("conversation");
        Assert.Equal(
            """{"eventType":"message.received","deliveryId":"d0000000-0000-4000-8000-000000000001","occurredAt":"2026-11-21T18:04:09Z","occurredAtMilliseconds":1795284249730,"conversationId":"7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33","routing":"webhook","lookupOutcome":"found","hasMessage":true,"message":{"id":"11111111-aaaa-4bbb-8ccc-000000000003","waId":"wamid.EXAMPLE1","text":"Can I change the delivery address?","buttonText":"Change address","buttonId":"address","replyTo":"11111111-aaaa-4bbb-8ccc-000000000002","hasMedia":true,"mediaUrl":"https://media.example/a.jpg","mediaType":"image/jpeg","media":[{"url":"https://media.example/a.jpg","type":"image/jpeg"},{"url":"https://media.example/b.ogg","type":"audio/ogg"}]},"conversation":"""
            + conversation.GetRawText() + "}",
            notification.GetRawText());
        Assert.Equal(("Orders assistant", "agent", 41230), (conversation.GetProperty("agentName").GetString(), conversation.GetProperty("handledBy").GetString(), conversation.GetProperty("replyWindowSecondsLeft").GetInt32()));
        Assert.Single(core.Wassist.Requests);
    }

    [Fact]
    public async Task An_event_that_nobody_wants_costs_no_lookup()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow, businessPhoneNumber: "+15550001111");

        await core.FanOutAsync(core.Event());
        await core.FanOutAsync(core.Event(JsonSerializer.SerializeToElement(SignedEvent.WindowExpiring())));

        Assert.Empty(core.Wassist.Requests);
        Assert.Equal(0, await core.CountAsync(StorageNames.Notifications));
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", "+447700900111", true)]
    [InlineData("B7A1D9F0-5C3E-4E2B-8F61-0D9C8B7A6E55", "", true)]
    [InlineData("00000000-5c3e-4e2b-8f61-0d9c8b7a6e55", "", false)]
    [InlineData("", "+447700900112", false)]
    public async Task A_flow_that_asked_for_one_agent_or_number_is_told_of_that_only(string agentId, string businessPhoneNumber, bool told)
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow, agentId, businessPhoneNumber);

        await core.FanOutAsync(core.Event());

        Assert.Equal(told ? 1 : 0, await core.CountAsync(StorageNames.Notifications));
    }

    [Fact]
    public async Task A_filter_excludes_only_what_is_known_to_differ()
    {
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["Subscriptions:LookupPatience"] = "00:00:00" });
        core.Wassist.Answer = FakeWassist.Status(429, "{}", ("Retry-After", "60"));
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow, agentId: "some-agent", businessPhoneNumber: "+447700900111");
        var body = SignedEvent.MessageReceived();
        body.Remove("phoneNumber");

        await core.FanOutAsync(core.Event(JsonSerializer.SerializeToElement(body)));

        Assert.Equal(1, await core.CountAsync(StorageNames.Notifications));
    }

    [Theory]
    [InlineData(404, "notFound")]
    [InlineData(400, "unavailable")]
    public async Task What_waiting_cannot_heal_is_told_at_once_with_what_the_event_says(int status, string outcome)
    {
        await using var core = await Core.StartAsync();
        core.Wassist.Answer = FakeWassist.Status(status);
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow);

        await core.FanOutAsync(core.Event());
        await core.DeliverAllAsync();

        var notification = Assert.Single(flow.Notifications);
        var conversation = notification.GetProperty("conversation");
        Assert.Equal(outcome, notification.GetProperty("lookupOutcome").GetString());
        Assert.Equal(
            (Bodies.Id, "Amara Osei", "+447700900222", "+447700900111", "Can I change the delivery address?", "user", "none", 0),
            (conversation.GetProperty("id").GetString(), conversation.GetProperty("contactName").GetString(), conversation.GetProperty("contactPhoneNumber").GetString(),
                conversation.GetProperty("businessPhoneNumber").GetString(), conversation.GetProperty("lastMessageText").GetString(),
                conversation.GetProperty("lastMessageRole").GetString(), conversation.GetProperty("handledBy").GetString(), conversation.GetProperty("replyWindowSecondsLeft").GetInt32()));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(401)]
    public async Task An_event_waits_while_wassist_is_limited_or_down_and_is_told_without_the_lookup_in_the_end(int status)
    {
        await using var core = await Core.StartAsync();
        core.Wassist.Answer = FakeWassist.Status(status, "{}", ("Retry-After", "30"));
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow);
        var (deliveryId, receiptId) = (Guid.NewGuid().ToString(), Guid.NewGuid());

        await core.WhileTimePassesAsync(core.FanOutAsync(core.Event(deliveryId: deliveryId, receiptId: receiptId)));
        Assert.Equal((1, 0), (await core.CountAsync(StorageNames.Events), await core.CountAsync(StorageNames.Notifications)));
        Assert.Empty(await core.TakeAllAsync(StorageNames.Events)); // not yet

        await core.WhileTimePassesAsync(core.FanOutAsync(core.Event(deliveryId: deliveryId, receiptId: receiptId, age: TimeSpan.FromMinutes(2), tries: 5)));
        await core.DeliverAllAsync();

        Assert.Equal("unavailable", Assert.Single(flow.Notifications).GetProperty("lookupOutcome").GetString());
        Assert.Contains(core.Logs.Own, line => line.EventId == 41);
        Assert.Contains(core.Logs.Own, line => line.EventId == 42);
    }

    [Fact]
    public async Task An_event_without_a_conversation_is_told_without_a_lookup()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow);
        var body = SignedEvent.MessageReceived();
        body["conversationId"] = null;
        body["timestamp"] = null;

        await core.FanOutAsync(core.Event(JsonSerializer.SerializeToElement(body)));
        await core.DeliverAllAsync();

        Assert.Equal(("notFound", ""), (flow.Notifications.Single().GetProperty("lookupOutcome").GetString(), flow.Notifications.Single().GetProperty("conversationId").GetString()));
        Assert.Empty(core.Wassist.Requests);
    }

    [Fact]
    public async Task A_delivery_that_wassist_repeats_is_told_once_in_series_and_in_parallel()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow);
        var (body, deliveryId) = (Message("message.received"), Guid.NewGuid().ToString());

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => core.FanOutAsync(core.Event(body, deliveryId))));
        await core.FanOutAsync(core.Event(body, deliveryId));

        Assert.Equal(1, await core.CountAsync(StorageNames.Notifications));
    }

    [Fact]
    public async Task A_message_that_comes_back_after_it_was_handled_is_not_told_again()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow);
        var message = core.Event();

        await core.FanOutAsync(message);
        await core.FanOutAsync(message);
        await core.DeliverAllAsync();

        Assert.Single(flow.Notifications);
    }

    [Theory]
    [InlineData("message.received", "subscription.message.received")]
    [InlineData("subscription.message.received", "message.received")]
    public async Task A_message_that_two_events_bring_is_told_once_to_each_flow_whichever_of_them_it_wants(string early, string late)
    {
        await using var core = await Core.StartAsync();
        await using var both = await FakeFlow.StartAsync();
        await using var onlyLate = await FakeFlow.StartAsync();
        await core.SubscribeAsync(both);
        await core.SubscribeAsync(onlyLate, events: [late]);

        var first = core.Event(Message(early), "d0000000-0000-4000-8000-000000000001");
        await core.FanOutAsync(first);
        await core.FanOutAsync(core.Event(Message(late), "d0000000-0000-4000-8000-000000000002"));
        await core.FanOutAsync(first); // it was cut off before the host could delete it
        await core.FanOutAsync(core.Event(Message(late), "d0000000-0000-4000-8000-000000000003"));
        await core.DeliverAllAsync();

        Assert.Equal(["d0000000-0000-4000-8000-000000000001"], both.DeliveryIds);
        Assert.Equal(["d0000000-0000-4000-8000-000000000002"], onlyLate.DeliveryIds);
    }

    [Theory]
    [InlineData("nobody_subscribed")]
    [InlineData("duplicate")]
    [InlineData("found")]
    [InlineData("notFound")]
    [InlineData("waiting")]
    [InlineData("unavailable")]
    public async Task What_became_of_an_event_is_counted(string outcome)
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        if (outcome != "nobody_subscribed")
            await core.SubscribeAsync(flow);
        if (outcome == "duplicate")
            await core.FanOutAsync(core.Event(Message("message.received")));
        if (outcome is "notFound" or "waiting" or "unavailable")
            core.Wassist.Answer = FakeWassist.Status(outcome switch { "notFound" => 404, "waiting" => 429, _ => 400 }, """{"detail":"no"}""", ("Retry-After", "60"));
        using var events = new MetricCollector(core, "conversation_lookup.events");
        using var spans = new SpanCollector();

        await core.WhileTimePassesAsync(core.FanOutAsync(core.Event(Message("message.received"))));

        const string Span = $"process {StorageNames.Events}";
        Assert.Equal((outcome, outcome == "unavailable"), spans.OutcomeOf(Span));
        Assert.Equal((1, Bodies.Id), (spans.TagOf(Span, "conversation_lookup.try"), spans.TagOf(Span, "conversation_lookup.conversation_id")));
        Assert.Equal([$"type=message.received outcome={outcome}"], events.Measured);
        Assert.Equal(outcome is "found" or "notFound" or "unavailable" or "duplicate" ? 1 : 0, await core.CountAsync(StorageNames.Notifications));
    }

    [Fact]
    public async Task The_second_event_of_a_message_that_every_flow_was_told_of_costs_no_lookup()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow);
        await core.FanOutAsync(core.Event(Message("message.received")));
        core.Time.Advance(TimeSpan.FromSeconds(10));

        await core.FanOutAsync(core.Event(Message("subscription.message.received")));

        Assert.Single(core.Wassist.Requests);
        Assert.Equal(1, await core.CountAsync(StorageNames.Notifications));
    }

    [Fact]
    public async Task Two_events_of_one_message_at_the_same_moment_are_told_once()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow);

        await core.WhileTimePassesAsync(Task.WhenAll(Enumerable.Range(0, 10).Select(index =>
            core.FanOutAsync(core.Event(Message(index % 2 == 0 ? "message.received" : "subscription.message.received"))))));
        await core.DeliverAllAsync();

        Assert.Single(flow.Notifications);
    }

    [Theory]
    [InlineData("message.received", "another id", true)]
    [InlineData("message.received", "another conversation", true)]
    [InlineData("message.received", "another text", false)]
    [InlineData("message.received", "no id, another text", true)]
    [InlineData("subscription.service_window.expiring", "another text", true)]
    public async Task What_counts_as_the_same_is_the_message_or_else_the_signed_content(string type, string differs, bool isTold)
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow, events: [type]);
        var other = SignedEvent.MessageReceived(differs == "another conversation" ? "7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f34" : Bodies.Id, messageId: "m1", type: type);
        var message = SignedEvent.MessageReceived(messageId: "m1", type: type);
        if (differs == "another id")
            other["message"]!["id"] = "m2";
        if (differs.EndsWith("another text", StringComparison.Ordinal))
            other["message"]!["body"] = "Something else";
        if (differs.StartsWith("no id", StringComparison.Ordinal))
            (message["message"]!["id"], other["message"]!["id"]) = (null, null);

        foreach (var body in (JsonObject[])[message, message, other, other])
            await core.WhileTimePassesAsync(core.FanOutAsync(core.Event(JsonSerializer.SerializeToElement(body))));
        await core.DeliverAllAsync();

        Assert.Equal(isTold ? 2 : 1, flow.Notifications.Count);
    }

    [Fact]
    public async Task A_flow_whose_message_storage_did_not_take_is_told_later_and_the_others_once()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        var flows = new List<FakeFlow>();
        for (var index = 0; index < 5; index++)
        {
            flows.Add(await FakeFlow.StartAsync());
            await core.SubscribeAsync(flows[^1]);
        }

        var puts = 0;
        storage.Refuses = request => request.Path.Value!.Contains($"/{StorageNames.Notifications}/messages", StringComparison.Ordinal) && Interlocked.Increment(ref puts) > 2;
        await core.WhileTimePassesAsync(core.FanOutAsync(core.Event()));
        storage.Refuses = _ => false;
        Assert.Equal((1, 2), (await core.CountAsync(StorageNames.Events), await core.CountAsync(StorageNames.Notifications)));
        await core.WhileTimePassesAsync(core.FanOutAsync(await core.TakeWhenItComesAsync(StorageNames.Events)));

        Assert.Equal(5, await core.CountAsync(StorageNames.Notifications));
        await core.DeliverAllAsync();
        Assert.All(flows, flow => Assert.Single(flow.Notifications));
        foreach (var flow in flows)
            await flow.DisposeAsync();
    }

    [Fact]
    public async Task An_error_of_this_app_in_a_lookup_is_logged_waited_for_and_told_as_unavailable()
    {
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["Subscriptions:LookupPatience"] = "00:00:10" }, services =>
            services.AddSingleton<HybridCache, BrokenCache>());
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow);

        await core.FanOutAsync(core.Event());
        Assert.Equal((1, 0), (await core.CountAsync(StorageNames.Events), await core.CountAsync(StorageNames.Notifications)));
        await core.FanOutAsync(core.Event(age: TimeSpan.FromSeconds(10), tries: 1));
        await core.DeliverAllAsync();

        Assert.Equal("unavailable", Assert.Single(flow.Notifications).GetProperty("lookupOutcome").GetString());
        Assert.All(core.Logs.Own.Where(line => line.EventId == 53), line => Assert.Contains("NotSupportedException", line.Text, StringComparison.Ordinal));
        Assert.Equal(2, core.Logs.Own.Count(line => line.EventId == 53));
    }

    [Fact]
    public async Task A_burst_of_events_for_one_conversation_costs_one_call_and_each_lookup_is_newer_than_its_event()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow);
        var early = Enumerable.Range(0, 50).Select(_ => core.Event()).ToList();
        core.Time.Advance(TimeSpan.FromSeconds(1));

        await Task.WhenAll(early.Select(core.FanOutAsync));
        Assert.Single(core.Wassist.Requests);
        var (asked, answer) = (core.Time.GetUtcNow(), core.Wassist.Answer);
        var again = asked;
        core.Wassist.Answer = context =>
        {
            again = core.Time.GetUtcNow();
            return answer(context);
        };

        core.Time.Advance(TimeSpan.FromMilliseconds(500));
        var late = Enumerable.Range(0, 50).Select(_ => core.Event()).ToList();
        await core.WhileTimePassesAsync(Task.WhenAll(late.Select(core.FanOutAsync)));

        Assert.Equal(2, core.Wassist.Requests.Count);
        Assert.InRange((again - asked).TotalSeconds, 2, 3.5); // the clock may move a few tenths of a second on while the app calls
        Assert.Equal(100, await core.CountAsync(StorageNames.Notifications));
    }

    [Theory]
    [InlineData(49_000)]
    [InlineData(65_536)]
    public async Task A_message_larger_than_the_queue_takes_reaches_the_flow_and_leaves_nothing_behind(int length)
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow);
        var text = string.Concat(Enumerable.Repeat("All work and no play é\"\u0001😀 ", length))[..length].TrimEnd('\ud83d');
        Assert.Equal(202, (await core.ReceiveAsync(new SignedEvent { Body = SignedEvent.MessageReceived(text: text) })).Status);
        Assert.Equal(1, await core.CountParkedAsync());

        foreach (var message in await core.TakeAllAsync(StorageNames.Events))
            await core.FanOutAsync(message);
        Assert.Equal(1, await core.CountParkedAsync());
        var notifications = await core.TakeAllAsync(StorageNames.Notifications);
        await core.DeliverAsync(notifications.Single());

        Assert.Equal(text, Assert.Single(flow.Notifications).GetProperty("message").GetProperty("text").GetString());
        Assert.Equal(0, await core.CountParkedAsync());
        await core.DeliverAsync(notifications.Single()); // a copy of it comes back: done
        Assert.Single(flow.Notifications);
        Assert.Equal(0, await core.CountAsync(StorageNames.Notifications + AppStorage.PoisonSuffix));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{"tries":0,"content":{"type":7}}""")]
    [InlineData("""{"tries":0,"content":[]}""")]
    public async Task A_message_that_is_none_of_ours_is_kept_in_the_poison_queue_and_said(string body)
    {
        await using var core = await Core.StartAsync();

        await core.FanOutAsync(Core.Message(body));

        var poison = Assert.Single(await core.TakeAllAsync(StorageNames.Events + AppStorage.PoisonSuffix));
        Assert.Equal(body, poison.Body.ToString());
        Assert.Contains(core.Logs.Own, line => line.EventId == 46);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Cut_off_between_any_two_steps_and_run_again_every_flow_is_told_once(int steps)
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        await using var first = await FakeFlow.StartAsync();
        await using var second = await FakeFlow.StartAsync();
        await core.SubscribeAsync(first);
        await core.SubscribeAsync(second);
        var message = core.Event();

        var killed = core.Get<EventFanOut>().HandleAsync(message, storage.CutAfter(steps));
        await core.WhileTimePassesAsync(Task.WhenAny(killed));
        Assert.Equal(steps < 4, killed.IsCanceled); // four steps: whether subscriptions changed, the claim, two notifications
        storage.Heal();
        await core.FanOutAsync(message);
        await core.DeliverAllAsync();

        Assert.Single(first.Notifications);
        Assert.Single(second.Notifications);
    }

    [Fact]
    public async Task While_the_tables_are_away_a_message_waits_and_is_not_poison()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow);

        storage.TablesAreGone = true;
        await core.WhileTimePassesAsync(core.FanOutAsync(core.Event(tries: 3)));

        Assert.Equal((1, 0), (await core.CountAsync(StorageNames.Events), await core.CountAsync(StorageNames.Events + AppStorage.PoisonSuffix)));
        Assert.Contains(core.Logs.Own, line => line.EventId == 47);
        Assert.Empty(await core.TakeAllAsync(StorageNames.Events)); // in half a minute
    }

    [Fact]
    public async Task A_table_or_queue_that_somebody_deleted_is_made_again()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow);
        await core.FanOutAsync(core.Event());
        await core.Storage.Table(StorageNames.Deliveries).DeleteAsync(Token);
        await core.Storage.UseQueueAsync(StorageNames.Notifications, (queue, ended) => queue.DeleteAsync(ended), Token);

        await core.FanOutAsync(core.Event());

        Assert.Equal(1, await core.CountAsync(StorageNames.Notifications));
    }

    private static JsonElement Message(string type) => JsonSerializer.SerializeToElement(SignedEvent.MessageReceived(messageId: "m1", type: type));

    /// <summary>Stands for a fault nobody thought of.</summary>
    private sealed class BrokenCache : HybridCache
    {
        public override ValueTask<T> GetOrCreateAsync<TState, T>(
            string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public override ValueTask SetAsync<T>(string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
