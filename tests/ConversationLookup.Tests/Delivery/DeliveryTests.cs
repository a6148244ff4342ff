using Azure.Data.Tables;
using ConversationLookup.Delivery;
using ConversationLookup.Storage;
using ConversationLookup.Subscriptions;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Tests.Delivery;

/// <summary>From a notification on its queue to a flow, and the whole way through a running app.</summary>
public sealed class DeliveryTests
{
    private const string Poison = StorageNames.Notifications + AppStorage.PoisonSuffix;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What is known of a flow that is gone would stay in memory, and hold up one that subscribes anew.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_a_flow_that_has_unsubscribed_or_is_gone_nothing_is_known(bool isGone)
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        var message = await core.NotificationAsync(flow);
        var subscription = Assert.Single(await core.SubscriptionsAsync());
        var line = core.Get<FlowLines>().Of(subscription.CallbackHash);
        if (isGone)
            flow.Answer = FakeWassist.Status(410);
        else
            await core.Get<SubscriptionStore>().RemoveAsync(subscription.Id, TestContext.Current.CancellationToken);

        await core.DeliverAsync(message);

        Assert.NotSame(line, core.Get<FlowLines>().Of(subscription.CallbackHash));
        Assert.Empty(await core.SubscriptionsAsync());
        Assert.Equal(isGone ? 1 : 0, flow.Calls.Count);
    }

    [Fact]
    public async Task A_signed_event_reaches_every_flow_that_wants_it_through_the_running_app()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var first = await FakeFlow.StartAsync();
        await using var second = await FakeFlow.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        await app.SubscribeAsync(first);
        await app.SubscribeAsync(second);
        var sent = new SignedEvent();

        Assert.Equal(202, (await app.ReceiveAsync(sent)).StatusCode);

        foreach (var flow in (FakeFlow[])[first, second])
        {
            var notification = Assert.Single(await flow.ReceivesAsync());
            Assert.Equal((sent.DeliveryId, "found"), (notification.GetProperty("deliveryId").GetString(), notification.GetProperty("lookupOutcome").GetString()));
        }

        Assert.Single(wassist.Requests);
        foreach (var secret in (string[])["+447700900222", "447700900222", "Amara", "delivery address", "AbC%2Bd", SignedEvent.Secret, FakeWassist.Key])
            Assert.DoesNotContain(app.Logs.Own, line => line.Text.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_signed_message_that_comes_under_many_delivery_ids_and_in_both_events_starts_one_run()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        await app.SubscribeAsync(flow);
        var first = new SignedEvent { Body = SignedEvent.MessageReceived(messageId: "m1") };
        var routed = new SignedEvent { Body = SignedEvent.MessageReceived(messageId: "m1", type: "subscription.message.received") };

        Assert.Equal(202, (await app.ReceiveAsync(first)).StatusCode);
        await flow.ReceivesAsync();
        for (var again = 0; again < 5; again++)
        {
            Assert.Equal(202, (await app.ReceiveAsync(first with { DeliveryId = Guid.NewGuid().ToString() })).StatusCode);
            Assert.Equal(202, (await app.ReceiveAsync(routed with { DeliveryId = Guid.NewGuid().ToString() })).StatusCode);
        }

        var storage = app.Services.GetRequiredService<AppStorage>();
        foreach (var queue in StorageNames.Queues)
        {
            await Eventually.IsSoAsync(
                async () => await storage.UseQueueAsync(queue, async (client, ended) => (await client.GetPropertiesAsync(ended)).Value.ApproximateMessagesCountLong, Token) == 0,
                TimeSpan.FromMilliseconds(20));
        }

        Assert.Equal([first.DeliveryId], flow.DeliveryIds);
        Assert.Single(wassist.Requests);
    }

    [Fact]
    public async Task The_callback_is_called_byte_for_byte_as_json_and_without_a_key()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();

        await core.DeliverAsync(await core.NotificationAsync(flow));

        var call = Assert.Single(flow.Calls);
        Assert.Equal(flow.CallbackUrl[flow.CallbackUrl.IndexOf("/workflows", StringComparison.Ordinal)..], call.Target);
        Assert.Equal("application/json; charset=utf-8", call.Headers["Content-Type"]);
        Assert.DoesNotContain(call.Headers.Keys, name => name is "Authorization" or "X-API-Key" or "x-functions-key" or "Cookie");
    }

    [Theory]
    [InlineData(200)]
    [InlineData(202)]
    [InlineData(204)]
    public async Task Any_2xx_is_delivered(int status)
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        flow.Answer = FakeWassist.Status(status, status == 204 ? "" : "{}");

        await core.DeliverAsync(await core.NotificationAsync(flow));

        Assert.Equal((0, 0), (await core.CountAsync(StorageNames.Notifications), await core.CountAsync(Poison)));
    }

    [Theory]
    [InlineData(410, "")]
    [InlineData(404, """{"error":{"code":"WorkflowNotFound","message":"The workflow '08' could not be found."}}""")]
    [InlineData(404, """{"error":{"code":"WorkflowTriggerNotFound","message":"The workflow '08' trigger 'manual' could not be found."}}""")]
    public async Task A_flow_of_which_the_platform_says_that_it_is_gone_is_unsubscribed_at_once(int status, string body)
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        flow.Answer = FakeWassist.Status(status, body);

        await core.DeliverAsync(await core.NotificationAsync(flow));

        Assert.Empty(await core.SubscriptionsAsync());
        Assert.Equal((0, 0), (await core.CountAsync(StorageNames.Notifications), await core.CountAsync(Poison)));
    }

    [Theory]
    [InlineData("<html>Not Found</html>")]
    [InlineData("""{"error":{"code":"ResourceNotFound"}}""")]
    [InlineData("""{"error":"WorkflowNotFound"}""")]
    [InlineData("")]
    public async Task A_404_that_is_not_the_platforms_unsubscribes_only_when_it_comes_again_after_a_minute(string body)
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        flow.Answer = FakeWassist.Status(404, body);
        var message = await core.NotificationAsync(flow);
        await core.DeliverAsync(message);
        core.Time.Advance(TimeSpan.FromSeconds(15));
        await core.DeliverAsync(message = Core.PutBack(message, 1));
        Assert.Single(await core.SubscriptionsAsync());

        core.Time.Advance(TimeSpan.FromSeconds(45));
        await core.DeliverAsync(Core.PutBack(message, 2));

        Assert.Empty(await core.SubscriptionsAsync());
    }

    [Fact]
    public async Task A_404_after_another_answer_counts_from_the_start()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        flow.Answer = FakeWassist.InTurn(FakeWassist.Status(404), FakeWassist.Status(500), FakeWassist.Status(404));
        var message = await core.NotificationAsync(flow);
        for (var tries = 0; tries < 3; tries++)
        {
            await core.DeliverAsync(message);
            message = Core.PutBack(message, tries + 1);
            core.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Single(await core.SubscriptionsAsync());
    }

    [Fact]
    public async Task A_host_that_drops_packets_is_a_failed_try_like_any_other()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        var message = await core.NotificationAsync(flow);
        using var unreachable = LocalServer.StartUnreachable();
        var row = new TableEntity((await core.SubscriptionsAsync()).Single().Id, "callback") { ["Url"] = unreachable.Url };
        await core.Storage.Table(StorageNames.Subscriptions).UpsertEntityAsync(row, cancellationToken: Token);

        await core.DeliverAsync(message);

        Assert.Equal((1, 0), (await core.CountAsync(StorageNames.Notifications), await core.CountAsync(Poison)));
        Assert.Contains(core.Logs.Own, line => line.EventId == 44 && line.Text.Contains("no answer, ConnectionError", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_message_twice_on_the_queue_is_told_once_whichever_comes_first_and_also_at_the_same_moment()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        var message = await core.NotificationAsync(flow);

        await core.WhileTimePassesAsync(Task.WhenAll(Enumerable.Range(0, 5).Select(_ => core.DeliverAsync(Core.Message(message.Body.ToString())))));
        await core.DeliverAsync(message);

        Assert.Single(flow.Calls);
        Assert.Equal(0, await core.CountAsync(Poison));
    }

    [Fact]
    public async Task The_second_of_two_messages_waits_while_the_first_is_tried_again_and_goes_when_it_is_told()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        flow.Answer = FakeWassist.InTurn(FakeWassist.Status(500), FakeWassist.Status(202));
        var message = await core.NotificationAsync(flow);
        await core.DeliverAsync(message);
        await core.DeliverAsync(Core.Message(message.Body.ToString()));
        Assert.Single(flow.Calls);

        core.Time.Advance(TimeSpan.FromSeconds(15));
        await core.DeliverAsync(Core.PutBack(message, 1));
        await core.DeliverAsync(Core.Message(message.Body.ToString()));

        Assert.Equal(2, flow.Calls.Count);
    }

    [Fact]
    public async Task A_message_that_had_to_wait_for_its_turn_keeps_the_right_to_its_next_try()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        await using var flow = await FakeFlow.StartAsync();
        flow.Answer = FakeWassist.Status(500);
        await core.SubscribeAsync(flow);
        for (var told = 0; told < 6; told++)
            await core.FanOutAsync(core.Event());
        foreach (var message in await core.TakeAllAsync(StorageNames.Notifications))
            await core.DeliverAsync(message);
        var failed = storage.Messages.Where(message => message.Contains("\"tries\":1", StringComparison.Ordinal)).First();

        await core.DeliverAsync(Core.Message(failed)); // the flow is left alone: it waits
        core.Time.Advance(TimeSpan.FromSeconds(16));
        flow.Answer = FakeWassist.Status(202);
        var calls = flow.Calls.Count;
        await core.DeliverAsync(Core.Message(storage.Messages.Last()));

        Assert.Equal(calls + 1, flow.Calls.Count);
    }

    [Fact]
    public async Task A_message_whose_holder_was_killed_takes_its_place_after_ten_minutes()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        flow.Answer = FakeWassist.Never;
        var message = await core.NotificationAsync(flow);
        using var killed = new CancellationTokenSource();
        var cut = core.Get<FlowDelivery>().HandleAsync(message, killed.Token);
        await flow.ReceivesAsync();
        await killed.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cut);
        flow.Answer = FakeWassist.Status(202);

        await core.DeliverAsync(Core.Message(message.Body.ToString()));
        Assert.Single(flow.Calls);
        core.Time.Advance(TimeSpan.FromMinutes(10));
        await core.DeliverAsync(Core.Message(message.Body.ToString()));

        Assert.Equal(2, flow.Calls.Count);
    }

    [Fact]
    public async Task A_message_that_was_killed_while_it_called_the_flow_and_comes_back_calls_it_again()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        flow.Answer = FakeWassist.InTurn(FakeWassist.Never, FakeWassist.Status(202));
        var message = await core.NotificationAsync(flow);
        using var killed = new CancellationTokenSource();
        var cut = core.Get<FlowDelivery>().HandleAsync(message, killed.Token);
        await flow.ReceivesAsync();
        await killed.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cut);

        await core.DeliverAsync(message);

        Assert.Equal(2, flow.Calls.Count);
    }

    [Fact]
    public async Task A_message_that_is_moved_back_from_the_poison_queue_is_told_and_its_twin_is_not()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        flow.Answer = FakeWassist.InTurn(FakeWassist.Status(500), FakeWassist.Status(202));
        var message = await core.NotificationAsync(flow);
        message = Core.PutBack(message, 4);
        await core.DeliverAsync(message);
        var twin = Core.Message(message.Body.ToString());
        await core.DeliverAsync(twin);
        Assert.Single(flow.Calls);

        await core.DeliverAsync(Core.Message(Assert.Single(await core.TakeAllAsync(Poison)).Body.ToString()));

        Assert.Equal(2, flow.Calls.Count);
        Assert.Equal(0, await core.CountAsync(StorageNames.Notifications));
    }

    [Fact]
    public async Task Storage_that_is_away_when_the_flow_has_answered_is_waited_for_so_that_the_flow_is_not_told_again()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        await using var flow = await FakeFlow.StartAsync();
        var message = await core.NotificationAsync(flow);
        flow.Answer = context =>
        {
            storage.TablesAreGone = true;
            context.Response.StatusCode = 202;
            return Task.CompletedTask;
        };

        var delivery = core.DeliverAsync(message);
        await flow.ReceivesAsync();
        for (var second = 0; second < 40; second++)
        {
            core.Time.Advance(TimeSpan.FromSeconds(1));
            await Pace.BreatheAsync(usesStorage: true);
        }

        storage.TablesAreGone = false;
        await core.WhileTimePassesAsync(delivery);
        await core.DeliverAsync(message);

        Assert.Single(flow.Calls);
    }

    [Fact]
    public async Task Tables_that_stay_away_leave_a_message_behind_that_only_writes_the_note()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        await using var flow = await FakeFlow.StartAsync();
        var message = await core.NotificationAsync(flow);
        flow.Answer = context =>
        {
            storage.TablesAreGone = true;
            context.Response.StatusCode = 202;
            return Task.CompletedTask;
        };
        var delivery = core.DeliverAsync(message);
        while (!core.Logs.Own.Any(line => line.EventId == 47)) // it waits for storage
        {
            core.Time.Advance(TimeSpan.FromSeconds(1));
            await Pace.BreatheAsync(usesStorage: true);
        }

        await delivery;
        storage.TablesAreGone = false;
        core.Time.Advance(TimeSpan.FromMinutes(3));
        await core.DeliverAsync(Core.Message(storage.Messages.Last()));
        await core.DeliverAsync(message);

        Assert.Single(flow.Calls);
    }

    [Fact]
    public async Task A_flow_that_keeps_failing_costs_its_messages_no_try_for_an_hour()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        flow.Answer = FakeWassist.Status(500);
        await core.SubscribeAsync(flow);
        for (var told = 0; told < 6; told++)
            await core.FanOutAsync(core.Event());
        var messages = await core.TakeAllAsync(StorageNames.Notifications);
        foreach (var message in messages)
            await core.DeliverAsync(message);

        Assert.Equal(5, flow.Calls.Count);
        Assert.Equal(5, core.Logs.Own.Count(line => line.EventId == 44));
        Assert.Equal((6, 0), (await core.CountAsync(StorageNames.Notifications), await core.CountAsync(Poison)));
    }

    [Theory]
    [InlineData("400")]
    [InlineData("401")]
    [InlineData("429")]
    [InlineData("500")]
    [InlineData("502")]
    [InlineData("a redirect")]
    [InlineData("hangs up")]
    [InlineData("refused")]
    public async Task A_flow_that_fails_is_told_again_four_times_and_then_the_message_is_kept(string how)
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        flow.Answer = how switch
        {
            "a redirect" => FakeWassist.Status(302, "", ("Location", "https://evil.example/")),
            "hangs up" => FakeWassist.HangUp,
            "refused" => FakeWassist.Status(500),
            _ => FakeWassist.Status(int.Parse(how, System.Globalization.CultureInfo.InvariantCulture)),
        };
        var message = await core.NotificationAsync(flow);
        if (how == "refused")
            await flow.DisposeAsync();

        for (var tries = 0; tries < 4; tries++)
        {
            await core.DeliverAsync(message);
            Assert.Equal((tries + 1, 0), (await core.CountAsync(StorageNames.Notifications), await core.CountAsync(Poison)));
            message = Core.PutBack(message, tries + 1);
        }

        await core.DeliverAsync(message);

        Assert.Empty(await core.TakeAllAsync(StorageNames.Notifications)); // each of the four waits for its time
        var kept = Assert.Single(await core.TakeAllAsync(Poison));
        Assert.Equal(0, Core.EnvelopeOf(kept).Tries); // moved back, it begins anew
        Assert.Single(await core.SubscriptionsAsync());
        Assert.Equal(4, core.Logs.Own.Count(line => line.EventId == 44));
        Assert.Single(core.Logs.Own, line => line.EventId == 45);
        Assert.DoesNotContain(core.Logs.Own, line => line.Text.Contains("127.0.0.1", StringComparison.Ordinal) || line.Text.Contains("sig=", StringComparison.Ordinal));
    }

    /// <summary>It would lead past the allowed hosts, with what a customer wrote.</summary>
    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_followed_by_nobody(int status)
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await using var elsewhere = await FakeFlow.StartAsync();
        flow.Answer = FakeWassist.Status(status, "", ("Location", elsewhere.CallbackUrl));

        await core.DeliverAsync(await core.NotificationAsync(flow));

        Assert.Single(flow.Notifications);
        Assert.Empty(elsewhere.Notifications);
        Assert.Contains(core.Logs.Own, line => line.EventId == 44 && line.Text.Contains($"it answered {status}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("5", 15)]
    [InlineData("600", 600)]
    public async Task A_flow_that_asks_for_a_longer_wait_is_given_it(string retryAfter, int seconds)
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        flow.Answer = FakeWassist.Status(429, "{}", ("Retry-After", retryAfter));

        await core.DeliverAsync(await core.NotificationAsync(flow));

        Assert.Contains(core.Logs.Own, line => line.EventId == 44 && line.Text.Contains($"Next attempt in {seconds} s.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_flow_that_hangs_is_given_30_seconds()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        flow.Answer = FakeWassist.Never;
        var delivery = core.DeliverAsync(await core.NotificationAsync(flow));
        await flow.ReceivesAsync();

        core.Time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.False(delivery.IsCompleted);
        core.Time.Advance(TimeSpan.FromSeconds(0.2));
        await delivery;

        Assert.Contains(core.Logs.Own, line => line.EventId == 44 && line.Text.Contains("no answer within 30 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_flow_that_keeps_failing_is_left_alone_for_a_while_so_that_it_holds_up_nobody()
    {
        await using var core = await Core.StartAsync();
        await using var bad = await FakeFlow.StartAsync();
        await using var good = await FakeFlow.StartAsync();
        bad.Answer = FakeWassist.Status(500);
        await core.SubscribeAsync(bad);
        await core.SubscribeAsync(good);
        for (var told = 0; told < 20; told++)
            await core.FanOutAsync(core.Event());
        var messages = await core.TakeAllAsync(StorageNames.Notifications);

        foreach (var message in messages)
            await core.DeliverAsync(message);

        Assert.InRange(bad.Calls.Count, 5, 10);
        Assert.Equal(20, good.Calls.Count);
        bad.Answer = FakeWassist.Status(200);
        core.Time.Advance(TimeSpan.FromSeconds(16));
        var before = bad.Calls.Count;
        await core.DeliverAsync(await core.NotificationAsync(bad));
        Assert.Equal(before + 1, bad.Calls.Count);
    }

    [Fact]
    public async Task A_flow_that_unsubscribed_is_not_told_any_more()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        var message = await core.NotificationAsync(flow);
        await core.Get<SubscriptionStore>().RemoveAsync(Assert.Single(await core.SubscriptionsAsync()).Id, Token);

        await core.DeliverAsync(message);

        Assert.Empty(flow.Calls);
        Assert.Equal(0, await core.CountAsync(StorageNames.Notifications));
    }

    [Fact]
    public async Task What_is_on_its_way_reaches_a_trigger_that_subscribed_anew_meanwhile()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        var message = await core.NotificationAsync(flow);
        core.Time.Advance(TimeSpan.FromSeconds(1));
        await core.SubscribeAsync(flow); // the flow was saved: a new subscription, the old one is gone

        await core.DeliverAsync(message);

        Assert.Single(await core.SubscriptionsAsync());
        Assert.Single(flow.Calls);
    }

    [Fact]
    public async Task A_name_that_leads_to_a_private_address_is_not_connected_to()
    {
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["Subscriptions:AllowLocalCallbacks"] = "false" });
        await using var flow = await FakeFlow.StartAsync();
        var url = new Uri(flow.CallbackUrl.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));

        var answer = await core.Get<CallbackClient>().PostAsync(new FlowLine(core.Time), url, "{}"u8.ToArray(), Token);

        Assert.Null(answer.Status);
        Assert.Equal("no answer, ConnectionError", answer.Cause);
        Assert.Empty(flow.Calls);
    }

    [Fact]
    public async Task A_callback_that_the_operator_no_longer_allows_is_not_called()
    {
        var account = await Azurite.NewAccountAsync();
        await using var flow = await FakeFlow.StartAsync();
        await using (var before = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = account }))
            await before.SubscribeAsync(flow);
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = account, ["Subscriptions:AllowLocalCallbacks"] = "false" });
        await core.FanOutAsync(core.Event());

        await core.DeliverAllAsync();

        Assert.Empty(flow.Calls);
        Assert.Contains(core.Logs.Own, line => line.EventId == 44);
    }

    [Theory]
    [InlineData(0, 202, 1)]
    [InlineData(1, 202, 1)]
    [InlineData(2, 202, 2)] // the moment between the answer and the note of it
    [InlineData(3, 202, 1)]
    [InlineData(0, 500, 1)]
    [InlineData(1, 500, 1)]
    [InlineData(2, 500, 2)]
    [InlineData(3, 500, 2)]
    [InlineData(4, 500, 2)]
    public async Task Cut_off_between_any_two_steps_and_run_again_the_flow_is_told_once_but_for_one_moment(int steps, int status, int calls)
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        await using var flow = await FakeFlow.StartAsync();
        flow.Answer = FakeWassist.InTurn(FakeWassist.Status(status), FakeWassist.Status(202));
        var message = await core.NotificationAsync(flow);

        // Who it is for, the note; then the note that it was told, or who has it next and putting it back.
        var killed = core.Get<FlowDelivery>().HandleAsync(message, storage.CutAfter(steps));
        await core.WhileTimePassesAsync(Task.WhenAny(killed));
        Assert.Equal(steps < (status == 202 ? 3 : 4), killed.IsCanceled);
        storage.Heal();
        await core.DeliverAsync(message);
        if (status == 500 && steps > 3)
            await core.DeliverAsync(Core.PutBack(message, 1));

        Assert.Equal(calls, flow.Calls.Count);
    }

    [Fact]
    public async Task Storage_that_is_lost_and_comes_back_loses_no_event()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var wassist = await FakeWassist.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist, new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        await app.SubscribeAsync(flow);
        var sent = Enumerable.Range(0, 5).Select(_ => new SignedEvent()).ToList();

        storage.CutAfter(0);
        foreach (var lost in sent)
            (await app.ReceiveAsync(lost)).Is(503, "storage_unavailable");
        storage.Heal();
        foreach (var again in sent)
            Assert.Equal(202, (await app.ReceiveAsync(again)).StatusCode);

        await flow.ReceivesAsync(sent.Count);
        Assert.Equal(sent.Select(one => one.DeliveryId).Order(), flow.DeliveryIds.Order());
    }

    [Fact]
    public async Task Poison_messages_are_counted_by_health()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        await app.Services.GetRequiredService<AppStorage>().UseQueueAsync(Poison, (queue, ended) => queue.SendMessageAsync("kept", ended), Token);

        var health = await app.GetAsync("health");

        var triggers = health["checks"].EnumerateArray().Single(check => check.GetProperty("name").GetString() == "triggers");
        Assert.Equal((200, "degraded"), (health.StatusCode, triggers.GetProperty("status").GetString()));
        Assert.Contains("1 in 'flow-notifications-poison'", triggers.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
