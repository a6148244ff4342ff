using Azure.Data.Tables;
using ConversationLookup.Guardian;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using ConversationLookup.Wassist;
using ConversationLookup.Webhooks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Tests.Guardian;

/// <summary>What a look at the webhook in Wassist finds, and what an operator is told of it.</summary>
public sealed class WebhookGuardianTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_webhook_that_is_on_and_has_every_event_is_fine()
    {
        await using var app = await GuardedCore.StartAsync();
        app.Webhooks.Add();
        Assert.Contains("yet", (await app.HealthAsync()).Description, StringComparison.Ordinal);

        await app.TickAsync();

        var health = await app.HealthAsync();
        Assert.Equal((HealthStatus.Healthy, true), (health.Status, health.Description!.StartsWith("The webhook is on", StringComparison.Ordinal)));
        Assert.DoesNotContain(app.Core.Logs.Own, line => line.EventId is >= 100 and < 110);
    }

    [Theory]
    [InlineData("off", "switched off")]
    [InlineData("failing", "10 deliveries")]
    [InlineData("lacks_events", "subscription.message.received")]
    [InlineData("missing", "https://contoso.example/api/webhooks/wassist")]
    public async Task What_needs_a_person_degrades_health_is_counted_at_each_look_and_logged_once(string outcome, string said)
    {
        await using var app = await GuardedCore.StartAsync();
        using var looks = new MetricCollector(app.Core, "conversation_lookup.webhook_looks");
        app.Webhooks.Add("https://elsewhere.example/api/webhooks/wassist");
        if (outcome != "missing")
            app.Webhooks.Add(active: outcome != "off", failures: outcome == "failing" ? 10 : 0, events: outcome == "lacks_events" ? ["message.received"] : []);

        await app.TickAsync();
        await app.TickAsync();

        var health = await app.HealthAsync();
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains(said, health.Description, StringComparison.Ordinal);
        Assert.Equal([$"outcome={outcome}", $"outcome={outcome}"], looks.Measured);
        Assert.Equal(LogLevel.Warning, Assert.Single(app.Core.Logs.Own, line => line.EventId == 100).Level);

        app.Webhooks.All.Clear();
        app.Webhooks.Add();
        await app.TickAsync();

        Assert.Equal(HealthStatus.Healthy, (await app.HealthAsync()).Status);
        Assert.Single(app.Core.Logs.Own, line => line.EventId == 101);
    }

    [Theory]
    [InlineData("https://contoso.example/api/webhooks/wassist/")]
    [InlineData("https://CONTOSO.example:443/api/Webhooks/wassist")]
    public async Task The_webhook_of_this_app_is_found_however_its_address_is_written(string url)
    {
        await using var app = await GuardedCore.StartAsync();
        app.Webhooks.Add(url);

        await app.TickAsync();

        Assert.Equal(HealthStatus.Healthy, (await app.HealthAsync()).Status);
    }

    [Theory]
    [InlineData("http://contoso.example/api/webhooks/wassist")]
    [InlineData("https://contoso.example:8443/api/webhooks/wassist")]
    [InlineData("https://contoso.example/webhooks/wassist")]
    [InlineData("nowhere")]
    public async Task A_webhook_that_leads_elsewhere_is_not_this_apps(string url)
    {
        await using var app = await GuardedCore.StartAsync();
        app.Webhooks.Add(url);
        app.Webhooks.Fail("foreign", app.Now + TimeSpan.FromMinutes(6));

        for (var tick = 0; tick < 4; tick++)
            await app.TickAsync();

        Assert.Equal(HealthStatus.Degraded, (await app.HealthAsync()).Status);
        Assert.Empty(app.Webhooks.Replays);
    }

    [Fact]
    public async Task Azure_says_the_address_where_no_setting_does_and_where_neither_does_nobody_asks()
    {
        await using var azure = await GuardedCore.StartAsync(settings: [("PublicBaseUrl", ""), ("WEBSITE_HOSTNAME", "func-1.azurewebsites.net")]);
        await using var nowhere = await GuardedCore.StartAsync(settings: [("PublicBaseUrl", "")]);
        azure.Webhooks.Add("https://func-1.azurewebsites.net/api/webhooks/wassist");

        await azure.TickAsync();
        await nowhere.TickAsync();

        Assert.StartsWith("The webhook is on", (await azure.HealthAsync()).Description, StringComparison.Ordinal);
        var health = await nowhere.HealthAsync();
        Assert.Equal(HealthStatus.Healthy, health.Status);
        Assert.Contains("'PublicBaseUrl'", health.Description, StringComparison.Ordinal);
        Assert.Empty(nowhere.Webhooks.Calls);
    }

    [Fact]
    public async Task Nobody_asks_while_no_flow_subscribes()
    {
        await using var app = await GuardedCore.StartAsync(subscribes: false);

        await app.TickAsync();

        Assert.Equal(HealthStatus.Healthy, (await app.HealthAsync()).Status);
        Assert.Empty(app.Webhooks.Calls);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task A_key_that_may_not_ask_is_left_alone_for_a_day_and_stays_good_for_everybody_else(int status)
    {
        await using var app = await GuardedCore.StartAsync();
        app.Webhooks.OnList = FakeWassist.Status(status, """{"detail":"You do not have permission to perform this action."}""");

        await app.TickAsync();
        await app.Core.Get<WassistClient>().GetConversationAsync(Guid.Parse(Bodies.Id), null, Token);
        for (var tick = 0; tick < 12; tick++)
            await app.TickAsync();

        Assert.Equal(2, app.Webhooks.Calls.Count);
        var line = Assert.Single(app.Core.Logs.Own, line => line.EventId == 102);
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.StartsWith("Wassist does not let this API key ask for webhooks: ", line.Text, StringComparison.Ordinal);
        var health = await app.HealthAsync();
        Assert.Equal(HealthStatus.Healthy, health.Status);
        Assert.Contains("does not let this API key", health.Description, StringComparison.Ordinal);

        app.Core.Time.Advance(TimeSpan.FromDays(1));
        await app.TickAsync();
        Assert.Equal(3, app.Webhooks.Calls.Count);
    }

    [Fact]
    public async Task A_new_key_is_asked_with_at_once()
    {
        await using var before = await GuardedCore.StartAsync();
        before.Webhooks.Add();
        before.Webhooks.OnList = FakeWassist.Status(403, """{"detail":"No."}""");
        await before.TickAsync();
        await using var after = await GuardedCore.StartAsync(other: before, settings: ("Wassist:ApiKey", "another-key-do-not-leak"));
        after.Core.Wassist.AcceptedKey = "another-key-do-not-leak";
        after.Webhooks.OnList = null;

        await after.TickAsync();

        Assert.StartsWith("The webhook is on", (await after.HealthAsync()).Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500, "{}")]
    [InlineData(404, "<html>")]
    [InlineData(200, "{}")]
    public async Task What_was_found_last_stands_while_wassist_does_not_answer(int status, string body)
    {
        await using var app = await GuardedCore.StartAsync();
        app.Webhooks.Add(active: false);
        await app.TickAsync();

        app.Webhooks.OnList = FakeWassist.Status(status, body);
        await app.TickAsync();

        Assert.Equal(HealthStatus.Degraded, (await app.HealthAsync()).Status);
        Assert.Single(app.Core.Logs.Own, line => line.EventId == 103);
    }

    [Fact]
    public async Task Any_instance_says_what_another_found_and_only_one_looks()
    {
        await using var one = await GuardedCore.StartAsync();
        one.Webhooks.Add(active: false);
        await using var other = await GuardedCore.StartAsync(other: one);
        await one.TickAsync();

        await other.TickAsync();

        Assert.Equal(HealthStatus.Degraded, (await other.HealthAsync()).Status);
        Assert.Single(one.Webhooks.Calls);
    }

    [Fact]
    public async Task The_secret_of_a_webhook_is_nowhere()
    {
        await using var app = await GuardedCore.StartAsync();
        app.Webhooks.Add(active: false);
        app.Webhooks.Add("https://elsewhere.example/");

        await app.TickAsync();

        Assert.DoesNotContain(FakeWebhooks.Secret, (await app.HealthAsync()).Description, StringComparison.Ordinal);
        Assert.DoesNotContain(app.Core.Logs.Lines, line => line.Text.Contains(FakeWebhooks.Secret, StringComparison.Ordinal));
        var rows = app.Core.Storage.Table(StorageNames.Deliveries).QueryAsync<TableEntity>(cancellationToken: Token);
        Assert.DoesNotContain(
            await rows.SelectMany(row => row).Select(property => $"{property.Value}").ToListAsync(Token),
            value => value.Contains(FakeWebhooks.Secret, StringComparison.Ordinal) || value.Contains(FakeWassist.Key, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""[{"id":1,"url":"https://contoso.example/api/webhooks/wassist"}]""", "working")]
    [InlineData("""[{"id":1,"url":"https://contoso.example/api/webhooks/wassist","events":"message.received, subscription.message.received","active":"true"}]""", "working")]
    [InlineData("""{"results":[{"id":"a","url":"https://contoso.example/api/webhooks/wassist","events":[{"name":"message.received"},{"name":"subscription.message.received"}],"consecutiveFailures":null}]}""", "working")]
    [InlineData("""[{"id":1,"url":"https://contoso.example/api/webhooks/wassist","events":["*"]}]""", "working")]
    [InlineData("""[{"id":1,"url":"https://contoso.example/api/webhooks/wassist","events":[]}]""", "lacks_events")]
    [InlineData("""[{"id":1,"url":"https://contoso.example/api/webhooks/wassist","disabledAt":"2026-11-21T18:00:00Z"}]""", "off")]
    [InlineData("""[{"id":1,"url":"https://contoso.example/api/webhooks/wassist","active":"False"}]""", "off")]
    [InlineData("""[{"id":1,"url":"https://contoso.example/api/webhooks/wassist","consecutiveFailures":"12"}]""", "failing")]
    [InlineData("""[{"id":1,"url":"https://contoso.example/api/webhooks/wassist","active":false},{"id":2,"url":"https://contoso.example/api/webhooks/wassist","active":true}]""", "working")]
    [InlineData("""[{"id":1,"url":7,"active":[],"events":7},null,7,{}]""", "missing")]
    public async Task A_list_in_any_shape_is_read(string body, string outcome)
    {
        await using var app = await GuardedCore.StartAsync();
        app.Webhooks.OnList = FakeWassist.Status(200, body);

        await app.TickAsync();

        Assert.Equal(outcome, (await app.Core.Get<GuardianTable>().FindAsync(Token))!.Outcome);
    }

    [Fact]
    public async Task Of_two_instances_whose_clocks_strike_within_four_and_a_half_minutes_one_looks()
    {
        await using var one = await GuardedCore.StartAsync();
        await using var other = await GuardedCore.StartAsync(other: one);
        var longest = TimeSpan.FromMinutes(4.5);
        Assert.NotNull(await one.Core.Get<GuardianTable>().TakeTurnAsync(Token));

        other.Core.Time.Advance(one.Now + longest - TimeSpan.FromTicks(1) - other.Now);
        Assert.Null(await other.Core.Get<GuardianTable>().TakeTurnAsync(Token));

        other.Core.Time.Advance(TimeSpan.FromTicks(1));
        Assert.NotNull(await other.Core.Get<GuardianTable>().TakeTurnAsync(Token));
    }

    [Fact]
    public async Task A_silence_is_told_while_flows_subscribe_and_ends_with_the_next_event()
    {
        await using var app = await GuardedCore.StartAsync(settings: ("Webhooks:SilenceAfterMinutes", "30"));
        app.Webhooks.Add();
        await app.TickAsync(); // it listens from here on
        await ReceiveAsync(app);
        for (var tick = 0; tick < 5; tick++)
            await app.TickAsync();
        Assert.Equal(HealthStatus.Healthy, (await app.HealthAsync()).Status);

        await app.TickAsync();
        await app.TickAsync();

        var health = await app.HealthAsync();
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains("'Webhooks:SilenceAfterMinutes' allows (30 minutes)", health.Description, StringComparison.Ordinal);
        await using var other = await GuardedCore.StartAsync(other: app, settings: ("Webhooks:SilenceAfterMinutes", "30"));
        await ReceiveAsync(other);
        await app.TickAsync();
        Assert.Equal(HealthStatus.Healthy, (await app.HealthAsync()).Status);
    }

    [Fact]
    public async Task Where_the_key_may_not_ask_or_the_address_is_not_known_silence_is_told_all_the_same()
    {
        await using var forbidden = await GuardedCore.StartAsync(settings: ("Webhooks:SilenceAfterMinutes", "5"));
        forbidden.Webhooks.OnList = FakeWassist.Status(403, """{"detail":"No."}""");
        await using var nowhere = await GuardedCore.StartAsync(settings: [("Webhooks:SilenceAfterMinutes", "5"), ("PublicBaseUrl", "")]);

        foreach (var app in (GuardedCore[])[forbidden, nowhere])
        {
            for (var tick = 0; tick < 3; tick++)
                await app.TickAsync();
            Assert.StartsWith("Wassist has sent nothing since", (await app.HealthAsync()).Description, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_storm_of_events_is_noted_once_a_minute()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var app = await GuardedCore.StartAsync(settings: [("Webhooks:SilenceAfterMinutes", "30"), ("AzureWebJobsStorage", storage.ConnectionString)]);
        storage.Requests.Clear();

        for (var received = 0; received < 20; received++)
            await ReceiveAsync(app);
        app.Core.Time.Advance(TimeSpan.FromMinutes(1));
        await ReceiveAsync(app);

        Assert.Equal(2, storage.Requests.Count(request => request.Service == "Table"));
    }

    [Fact]
    public async Task While_the_tables_are_away_events_are_taken_and_the_next_one_after_is_noted()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var app = await GuardedCore.StartAsync(settings: [("Webhooks:SilenceAfterMinutes", "30"), ("AzureWebJobsStorage", storage.ConnectionString)]);
        storage.TablesAreGone = true;
        await ReceiveAsync(app);

        var health = await app.HealthAsync();
        Assert.Equal(HealthStatus.Healthy, health.Status); // another check says what to do about storage
        Assert.Contains("cannot be read while storage does not answer", health.Description, StringComparison.Ordinal);

        storage.TablesAreGone = false;
        Assert.Null(await app.Core.Get<EventWatch>().GetLastAsync(TestContext.Current.CancellationToken));
        await ReceiveAsync(app);
        Assert.Equal(app.Now, await app.Core.Get<EventWatch>().GetLastAsync(TestContext.Current.CancellationToken));
    }

    private static async Task ReceiveAsync(GuardedCore app) =>
        Assert.Equal(202, (await app.Core.ReceiveAsync(new SignedEvent { At = app.Now })).Status);
}
