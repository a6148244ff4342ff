using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;
using ConversationLookup.Wassist;

namespace ConversationLookup.Tests.Guardian;

/// <summary>What Wassist could not deliver is replayed: each delivery once, within the budget, and told once.</summary>
public sealed class FailedDeliveriesTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_failed_while_the_webhook_was_off_is_replayed_once_it_is_on_the_oldest_first()
    {
        await using var app = await WatchingAsync();
        var webhook = app.Webhooks.All[0];
        webhook["active"] = false;
        for (var minute = 0; minute < 60; minute++)
            app.Webhooks.Fail($"d{minute:00}", app.Now + (minute * Minute));
        for (var tick = 0; tick < 13; tick++)
            await app.TickAsync();
        Assert.Empty(app.Webhooks.Replays);

        webhook["active"] = true;
        for (var tick = 0; tick < 4; tick++)
            await app.TickAsync();

        Assert.Equal(Enumerable.Range(0, 60).Select(minute => $"d{minute:00}"), app.Webhooks.Replays);
        Assert.Equal(60, app.Core.Logs.Own.Where(line => line.EventId == 104).Sum(line => int.Parse(line.Text.Split(' ')[3], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task What_failed_for_good_is_replayed_also_where_the_webhook_was_never_off_but_not_what_is_under_way()
    {
        await using var app = await WatchingAsync();
        app.Webhooks.Fail("lost", app.Now + Minute);
        app.Webhooks.Fail("again-soon", app.Now + Minute)["nextAttemptAt"] = "2099-01-01T00:00:00Z";
        app.Webhooks.Fail("fresh", app.Now + (9 * Minute));

        await app.TickAsync();
        Assert.Empty(app.Webhooks.Replays); // Wassist may still try
        await app.TickAsync();

        Assert.Equal(["lost"], app.Webhooks.Replays);
    }

    [Fact]
    public async Task What_failed_before_the_first_look_or_before_any_flow_subscribed_is_left()
    {
        await using var app = await GuardedCore.StartAsync(subscribes: false);
        app.Webhooks.Add();
        app.Webhooks.Fail("before", app.Now + Minute);
        for (var tick = 0; tick < 3; tick++)
            await app.TickAsync();
        app.Webhooks.Fail("nobody", app.Now - Minute);
        await app.Core.SubscribeAsync(app.Flow);

        for (var tick = 0; tick < 3; tick++)
            await app.TickAsync();

        Assert.Empty(app.Webhooks.Replays);
    }

    [Fact]
    public async Task What_failed_more_than_seven_days_ago_is_left()
    {
        await using var app = await WatchingAsync();
        var webhook = app.Webhooks.All[0];
        webhook["active"] = false;
        app.Webhooks.Fail("old", app.Now + Minute);
        app.Webhooks.Fail("young", app.Now + (61 * Minute));
        await app.TickAsync();
        app.Core.Time.Advance(TimeSpan.FromDays(7));

        webhook["active"] = true;
        for (var tick = 0; tick < 3; tick++)
            await app.TickAsync();

        Assert.Equal(["young"], app.Webhooks.Replays);
    }

    [Fact]
    public async Task What_no_flow_wants_what_this_app_cannot_read_and_what_was_for_another_webhook_is_left()
    {
        await using var app = await WatchingAsync();
        app.Webhooks.Add("https://elsewhere.example/");
        app.Webhooks.Fail("unwanted", app.Now, type: "subscription.revoked");
        app.Webhooks.Fail("ping", app.Now, type: "test.ping");
        app.Webhooks.Fail("foreign", app.Now, webhook: "webhook-1");
        app.Webhooks.Fail("unreadable", app.Now + Minute)["responseStatus"] = 400;
        app.Webhooks.Fail("large", app.Now + Minute)["responseStatus"] = 413;
        app.Webhooks.Fail("nobodys", app.Now + Minute).Remove("webhook"); // there are two
        app.Webhooks.Fail("timeless", app.Now + Minute).Remove("createdAt");
        app.Webhooks.Fail("lost", app.Now + Minute);

        for (var tick = 0; tick < 3; tick++)
            await app.TickAsync();

        Assert.Equal(["lost"], app.Webhooks.Replays);
    }

    [Theory]
    [InlineData("""{"id":"x","webhookId":"webhook-0","eventType":"message.received","status":"FAILED","created_at":"{0}"}""", true)]
    [InlineData("""{"id":7,"webhook":{"id":"webhook-0","url":"https://x"},"event":{"name":"message.received"},"state":"dead_letter","createdAt":"{0}"}""", true)]
    [InlineData("""{"id":"x","success":false,"createdAt":"{0}","attempts":3}""", true)]
    [InlineData("""{"id":"x","responseCode":502,"createdAt":"{0}"}""", true)]
    [InlineData("""{"id":"x","status":502,"createdAt":"{0}"}""", true)]
    [InlineData("""{"id":"x","createdAt":"{0}","attempts":[{"statusCode":500},{"statusCode":503}]}""", true)]
    [InlineData("""{"id":"x","createdAt":"{0}","failedAt":"{0}"}""", true)]
    [InlineData("""{"id":"x","createdAt":"{0}","attempts":[{"statusCode":500},{"statusCode":202}]}""", false)]
    [InlineData("""{"id":"x","status":"delivered","createdAt":"{0}"}""", false)]
    [InlineData("""{"id":"x","status":"retrying","responseStatus":500,"createdAt":"{0}"}""", false)]
    [InlineData("""{"id":"x","status":"pending","createdAt":"{0}"}""", false)]
    [InlineData("""{"id":"x","status":"who knows","createdAt":"{0}"}""", false)]
    [InlineData("""{"id":"x","createdAt":"{0}"}""", false)]
    [InlineData("""{"id":"../../conversations","status":"failed","createdAt":"{0}"}""", false)]
    [InlineData("""{"status":"failed","createdAt":"{0}"}""", false)]
    [InlineData("""[null,7,"x"]""", false)]
    public async Task A_delivery_in_any_shape_is_read_and_what_is_not_known_to_have_failed_is_left(string delivery, bool isReplayed)
    {
        await using var app = await WatchingAsync();
        var shape = JsonNode.Parse(delivery.Replace("{0}", app.Now.ToString("O"), StringComparison.Ordinal))!;
        var list = shape is JsonArray ? shape.ToJsonString() : new JsonArray(shape).ToJsonString();
        var webhooks = new JsonArray(app.Webhooks.All[0].DeepClone()).ToJsonString();
        app.Webhooks.OnList = context => FakeWassist.Status(200, context.Request.Path.Value!.Contains("deliveries", StringComparison.Ordinal) ? list : webhooks)(context);

        for (var tick = 0; tick < 3; tick++)
            await app.TickAsync();

        Assert.Equal(isReplayed ? 1 : 0, app.Webhooks.Replays.Count);
    }

    [Fact]
    public async Task Replays_take_half_of_what_events_may_call_and_nothing_from_those_who_wait_for_an_answer()
    {
        await using var app = await WatchingAsync(("Wassist:RequestsPerMinute", "100"));
        for (var lost = 0; lost < 70; lost++)
            app.Webhooks.Fail($"d{lost:00}", app.Now + Minute);
        app.Webhooks.Calls.Clear();
        var client = app.Core.Get<WassistClient>();
        var callers = 0;
        app.Webhooks.OnReplay = async id =>
        {
            if (app.Webhooks.Replays.Count > 30 && callers < 40) // all that callers have in a minute
            {
                callers++;
                await client.GetConversationAsync(Guid.NewGuid(), null, Token);
            }

            return FakeWassist.Status(201, $$"""{"id":"{{id}}-again"}""");
        };

        for (var tick = 0; tick < 4; tick++)
            await app.TickAsync();

        Assert.Equal((70, 70, 40), (app.Webhooks.Replays.Count, app.Webhooks.Replays.Distinct().Count(), callers));
        var calls = app.Webhooks.Calls.ToList();
        Assert.All(calls, start => Assert.InRange(calls.Count(call => call >= start && call < start + Minute), 1, 30 + 40));
        Assert.InRange(calls.Count, 70 + 7 + 40, 70 + 30 + 40); // a look after every ten, and before
    }

    /// <summary>The next look is due after five, and the host's limit is near.</summary>
    [Fact]
    public async Task After_four_minutes_a_run_leaves_the_rest_to_the_next()
    {
        await using var app = await WatchingAsync(("Wassist:RequestsPerMinute", "100"));
        for (var lost = 0; lost < 40; lost++)
            app.Webhooks.Fail($"d{lost:00}", app.Now + Minute);
        await app.TickAsync();
        app.Webhooks.OnReplay = id =>
        {
            app.Core.Time.Advance(TimeSpan.FromSeconds(7)); // a Wassist that is slow
            return Task.FromResult(FakeWassist.Status(201, $$"""{"id":"{{id}}-again"}"""));
        };

        var due = app.Now + (5 * Minute);
        await app.TickAsync();
        Assert.InRange(app.Webhooks.Replays.Count, 10, 34);
        Assert.InRange(app.Now - due, 4 * Minute, 5 * Minute);
        await app.TickAsync();

        Assert.Equal((40, 40), (app.Webhooks.Replays.Count, app.Webhooks.Replays.Distinct().Count()));
    }

    [Fact]
    public async Task Where_no_call_is_left_it_stops_and_goes_on_at_the_next_look()
    {
        await using var app = await WatchingAsync(("Wassist:RequestsPerMinute", "100"));
        for (var lost = 0; lost < 30; lost++)
            app.Webhooks.Fail($"d{lost:00}", app.Now + Minute);
        await app.TickAsync();
        var spent = false;
        app.Webhooks.OnReplay = async id =>
        {
            if (app.Webhooks.Replays.Count == 5)
            {
                var (client, until) = (app.Core.Get<WassistClient>(), app.Now + Minute);
                try
                {
                    while (true)
                        await client.GetConversationAsync(Guid.NewGuid(), until, Token);
                }
                catch (Problems.ProblemException)
                {
                    spent = true;
                }
            }

            return FakeWassist.Status(201, $$"""{"id":"{{id}}-again"}""");
        };

        await app.TickAsync();
        Assert.Equal((true, 5), (spent, app.Webhooks.Replays.Count));
        await app.TickAsync();

        Assert.Equal((30, 30), (app.Webhooks.Replays.Count, app.Webhooks.Replays.Distinct().Count()));
    }

    [Theory]
    [InlineData(201, "replayed", false)]
    [InlineData(204, "replayed", false)]
    [InlineData(400, "refused", true)]
    [InlineData(500, "unknown", true)]
    public async Task What_became_of_a_replay_is_counted_and_a_refusal_is_said(int status, string outcome, bool isSaid)
    {
        await using var app = await WatchingAsync();
        app.Webhooks.Fail("lost", app.Now + Minute);
        app.Webhooks.OnReplay = _ => Task.FromResult(FakeWassist.Status(status, """{"detail":"no"}"""));
        using var replays = new MetricCollector(app.Core, "conversation_lookup.replays");

        await app.TickAsync();
        await app.TickAsync();

        Assert.Equal([$"outcome={outcome}"], replays.Measured);
        Assert.Equal(isSaid, app.Core.Logs.Own.Any(line => line.EventId == 105 && line.Text.Contains("lost", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task While_the_last_delivery_failed_it_tries_seldom_and_then_waits_for_one_that_arrives()
    {
        await using var app = await WatchingAsync();
        app.Webhooks.All[0]["consecutiveFailures"] = 3;
        for (var lost = 0; lost < 30; lost++)
            app.Webhooks.Fail($"d{lost:00}", app.Now + Minute);

        for (var tick = 0; tick < 40; tick++)
            await app.TickAsync();
        Assert.Equal(["d00", "d01", "d02"], app.Webhooks.Replays);
        app.Webhooks.All[0]["consecutiveFailures"] = 0;
        app.Webhooks.OnReplay = id =>
        {
            app.Webhooks.All[0]["consecutiveFailures"] = app.Webhooks.Replays.Count == 10 ? 1 : 0; // the app is away again
            return Task.FromResult(FakeWassist.Status(201, "{}"));
        };
        await app.TickAsync();

        Assert.Equal(3 + 7, app.Webhooks.Replays.Count); // one, two, four
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public async Task Where_more_failures_could_switch_the_webhook_off_nothing_is_tried(int failures, bool isTried)
    {
        await using var app = await WatchingAsync();
        app.Webhooks.All[0]["consecutiveFailures"] = failures;
        app.Webhooks.Fail("lost", app.Now + Minute);

        for (var tick = 0; tick < 5; tick++)
            await app.TickAsync();

        Assert.Equal(isTried ? ["lost"] : [], app.Webhooks.Replays);
    }

    [Fact]
    public async Task A_replay_that_fails_is_replayed_in_turn_and_what_fails_every_time_is_left_after_five()
    {
        await using var app = await WatchingAsync();
        app.Webhooks.Fail("lost", app.Now + Minute);
        app.Webhooks.OnReplay = id =>
        {
            app.Webhooks.Fail($"{id}-again", app.Now + Minute);
            return Task.FromResult(FakeWassist.Status(201, $$"""{"id":"{{id}}-again","status":"pending"}"""));
        };

        for (var tick = 0; tick < 20; tick++)
            await app.TickAsync();

        Assert.Equal(["lost", "lost-again", "lost-again-again", "lost-again-again-again", "lost-again-again-again-again"], app.Webhooks.Replays);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(500)]
    public async Task A_replay_that_is_refused_or_not_answered_is_tried_five_times_and_holds_nothing_up(int status)
    {
        await using var app = await WatchingAsync();
        app.Webhooks.Fail("odd", app.Now + Minute);
        app.Webhooks.Fail("lost", app.Now + Minute);
        app.Webhooks.OnReplay = id => Task.FromResult(id == "odd" ? FakeWassist.Status(status, """{"detail":"No."}""") : FakeWassist.Status(201, "{}"));

        for (var tick = 0; tick < 9; tick++)
            await app.TickAsync();

        Assert.Equal(["lost", "odd", "odd", "odd", "odd", "odd"], app.Webhooks.Replays.Order());
        Assert.Equal(5, app.Core.Logs.Own.Count(line => line.EventId == 105));
    }

    [Fact]
    public async Task Where_the_key_may_not_list_deliveries_the_webhook_is_watched_all_the_same()
    {
        await using var app = await WatchingAsync();
        app.Webhooks.OnList = context => FakeWebhooks.IsOfDeliveries(context) ? FakeWassist.Status(403, """{"detail":"No."}""")(context) : app.Webhooks.ListAsync(context);
        app.Webhooks.Calls.Clear();

        for (var tick = 0; tick < 5; tick++)
            await app.TickAsync();

        Assert.Equal(5 + 1, app.Webhooks.Calls.Count);
        Assert.StartsWith(
            "Wassist does not let this API key ask for deliveries: ", Assert.Single(app.Core.Logs.Own, line => line.EventId == 102).Text, StringComparison.Ordinal);
        Assert.StartsWith("The webhook is on", (await app.HealthAsync()).Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, new string[0])]
    [InlineData(100, new[] { "newer" })] // the first page is a beginning
    public async Task Where_a_list_is_not_answered_to_its_end_the_rest_is_replayed_once_it_is(int from, string[] atOnce)
    {
        await using var app = await WatchingAsync();
        app.Webhooks.Fail("older", app.Now + Minute);
        for (var between = 0; between < 120; between++)
            app.Webhooks.Fail($"fine-{between}", app.Now + Minute)["status"] = "delivered";
        app.Webhooks.Fail("newer", app.Now + Minute);
        app.Webhooks.OnList = context =>
            FakeWebhooks.IsOfDeliveries(context) && FakeWebhooks.Number(context, "offset") >= from ? FakeWassist.Status(500)(context) : app.Webhooks.ListAsync(context);

        for (var tick = 0; tick < 3; tick++)
            await app.TickAsync();
        Assert.Equal(atOnce, app.Webhooks.Replays);
        Assert.StartsWith("The webhook is on", (await app.HealthAsync()).Description, StringComparison.Ordinal);
        Assert.Equal(from == 0, app.Core.Logs.Own.Any(line => line.EventId == 103 && line.Text.Contains("upstream_unavailable", StringComparison.Ordinal)));
        app.Webhooks.OnList = null;
        for (var tick = 0; tick < 3; tick++)
            await app.TickAsync();

        Assert.Equal(["newer", "older"], app.Webhooks.Replays.Order());
    }

    [Fact]
    public async Task Two_instances_replay_each_delivery_once()
    {
        await using var one = await WatchingAsync();
        await using var other = await GuardedCore.StartAsync(other: one);
        for (var lost = 0; lost < 40; lost++)
            one.Webhooks.Fail($"d{lost:00}", one.Now + Minute);

        for (var tick = 0; tick < 4; tick++)
            await Task.WhenAll(one.TickAsync(), other.TickAsync());

        Assert.Equal((40, 40), (one.Webhooks.Replays.Count, one.Webhooks.Replays.Distinct().Count()));
    }

    [Fact]
    public async Task A_process_that_is_killed_between_replay_and_note_replays_again_and_the_flow_is_told_once()
    {
        await using var killed = await WatchingAsync();
        var events = new Dictionary<string, JsonObject>();
        for (var lost = 0; lost < 3; lost++)
        {
            killed.Webhooks.Fail($"d{lost}", killed.Now + Minute);
            events[$"d{lost}"] = SignedEvent.MessageReceived();
        }

        await killed.TickAsync();
        killed.DeliverReplays(id => (JsonObject)events[id].DeepClone());
        var replay = killed.Webhooks.OnReplay;
        using var death = CancellationTokenSource.CreateLinkedTokenSource(Token);
        killed.Webhooks.OnReplay = async id =>
        {
            var answer = await replay(id);
            if (killed.Webhooks.Replays.Count == 2)
                await death.CancelAsync();
            return answer;
        };
        await Assert.ThrowsAnyAsync<Exception>(() => killed.TickAsync(death.Token));
        await using var next = await GuardedCore.StartAsync(other: killed);
        next.DeliverReplays(id => (JsonObject)events[id].DeepClone());

        await next.TickAsync();
        await next.HandleQueuesAsync();

        Assert.Equal(["d0", "d1", "d1", "d2"], killed.Webhooks.Replays.Order());
        Assert.Equal(
            events.Values.Select(one => (string)one["message"]!["id"]!).Order(),
            killed.Flow.Notifications.Select(told => told.GetProperty("message").GetProperty("id").GetString()!).Order());
    }

    [Fact]
    public async Task A_long_list_is_read_page_by_page_until_what_is_done_with()
    {
        await using var app = await WatchingAsync();
        app.Webhooks.Fail("lost", app.Now + Minute);
        for (var later = 0; later < 250; later++)
            app.Webhooks.Fail($"fine-{later}", app.Now + Minute)["status"] = "delivered";
        for (var tick = 0; tick < 3; tick++)
            await app.TickAsync();
        Assert.Equal(["lost"], app.Webhooks.Replays);

        for (var tick = 0; tick < 3; tick++)
            await app.TickAsync();
        app.Webhooks.Calls.Clear();
        await app.TickAsync();

        Assert.Equal(2, app.Webhooks.Calls.Count); // the webhooks, and one page
    }

    /// <summary>An app that has looked once and found nothing wrong.</summary>
    private static async Task<GuardedCore> WatchingAsync(params (string Name, string Value)[] settings)
    {
        var app = await GuardedCore.StartAsync(settings: settings);
        app.Webhooks.Add();
        await app.TickAsync();
        return app;
    }
}
