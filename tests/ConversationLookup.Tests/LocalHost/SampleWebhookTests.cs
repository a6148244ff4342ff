using System.Text.Json.Nodes;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>The sample's webhook is switched off after 20 failures in a row, and its deliveries can be listed and replayed.</summary>
public sealed class SampleWebhookTests
{
    [Fact]
    public async Task It_is_switched_off_after_20_failures_in_a_row_and_keeps_what_comes_then_as_failed()
    {
        await using var caller = await SampleCaller.StartAsync();
        await caller.PostAsync("/simulate/webhook", """{"fails":true}""");
        for (var message = 0; message < 19; message++)
            await caller.PostAsync("/simulate/message", "{}");
        var last = await WebhookAsync(caller);
        Assert.Equal((true, null, null), ((bool)last["active"]!, (string?)last["disabledAt"], (string?)last["disabledReason"]));

        await caller.PostAsync("/simulate/message", "{}");
        var (_, sent) = await caller.PostAsync("/simulate/message", "{}");

        var webhook = await WebhookAsync(caller);
        Assert.Equal((false, 20, true), ((bool)webhook["active"]!, (int)webhook["consecutiveFailures"]!, webhook["disabledAt"] is not null));
        Assert.Equal("20 consecutive failures", (string?)webhook["disabledReason"]);
        Assert.Equal((0, "The webhook is switched off."), ((int)sent["webhookStatus"]!, (string?)sent["detail"]));
        var (_, deliveries) = await caller.GetAsync("webhook-deliveries/");
        Assert.Equal((21, 20), ((int)deliveries["count"]!, deliveries["results"]!.AsArray().Count(one => (string?)one!["status"] == "failed")));
        Assert.Equal(400, (await caller.PostAsync($"webhook-deliveries/{(string)sent["deliveryId"]!}/replay/", "{}")).Status);
    }

    /// <summary>Nobody can call an address that means all of them.</summary>
    [Theory]
    [InlineData("http://+:7071", "http://localhost:7071/api/webhooks/wassist")]
    [InlineData("http://*:7071", "http://localhost:7071/api/webhooks/wassist")]
    [InlineData("http://0.0.0.0:7071", "http://localhost:7071/api/webhooks/wassist")]
    [InlineData("http://[::]:7071", "http://localhost:7071/api/webhooks/wassist")]
    [InlineData("http://127.0.0.1:7071", "http://127.0.0.1:7071/api/webhooks/wassist")]
    public async Task Its_events_go_where_the_app_listens(string appUrl, string webhookUrl)
    {
        await using var caller = await SampleCaller.StartAsync(appUrl);

        caller.Sample.SendEventsTo("http://127.0.0.1:9"); // it was told

        Assert.Equal(webhookUrl, (string?)(await WebhookAsync(caller))["url"]);
    }

    [Fact]
    public async Task A_replay_sends_the_same_event_under_another_id_with_a_new_signature()
    {
        await using var caller = await SampleCaller.StartAsync();
        var received = new List<(string Delivery, string Body, string Signature)>();
        await using var app = await LocalServer.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            received.Add((context.Request.Headers["X-Wassist-Delivery"]!, await reader.ReadToEndAsync(), context.Request.Headers["X-Wassist-Signature"]!));
        });
        await using var sample = await SampleServer.StartAsync(
            new SampleOptions { Url = "http://127.0.0.1:0", WebhookUrl = new Uri($"{app.Url}/api/webhooks/wassist") }, caller.Time);
        using var http = new HttpClient { BaseAddress = new Uri(sample.Url), DefaultRequestHeaders = { { "X-API-Key", SampleServer.ApiKey } } };
        using (await http.PostAsync("/simulate/message", new StringContent("{}"), TestContext.Current.CancellationToken)) { }
        caller.Time.Advance(TimeSpan.FromHours(1));

        using var answer = await http.PostAsync($"/api/v1/webhook-deliveries/{received[0].Delivery}/replay/", null, TestContext.Current.CancellationToken);

        Assert.Equal(201, (int)answer.StatusCode);
        Assert.Equal(received[1].Delivery, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["id"]);
        Assert.Equal((2, received[0].Body), (received.Count, received[1].Body));
        Assert.NotEqual(received[0].Signature, received[1].Signature);
        Assert.NotEqual(received[0].Delivery, received[1].Delivery);
    }

    [Fact]
    public async Task An_event_that_it_does_not_have_is_not_sent()
    {
        await using var caller = await SampleCaller.StartAsync();
        await caller.PostAsync("/simulate/webhook", """{"events":["message.received"]}""");

        var (_, sent) = await caller.PostAsync("/simulate/message", """{"event":"subscription.revoked"}""");

        Assert.Equal((null, 0, "The webhook does not have this event."), ((string?)sent["deliveryId"], (int)sent["webhookStatus"]!, (string?)sent["detail"]));
        Assert.Equal(404, (await caller.PostAsync("webhook-deliveries/nothing/replay/", "{}")).Status);
    }

    [Fact]
    public async Task Before_anybody_listens_there_is_no_event_and_the_answer_says_why()
    {
        await using var sample = await SampleServer.StartAsync(new SampleOptions { Url = "http://127.0.0.1:0" }, TimeProvider.System);
        using var http = new HttpClient { BaseAddress = new Uri(sample.Url) };

        using var answer = await http.PostAsync("/simulate/message", new StringContent("{}"), TestContext.Current.CancellationToken);

        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Contains("does not listen yet", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"fail":true}""")]
    [InlineData("""{"fails":"yes"}""")]
    public async Task What_says_nothing_of_a_webhook_is_400_with_what_to_do(string body)
    {
        await using var caller = await SampleCaller.StartAsync();

        var (status, answer) = await caller.PostAsync("/simulate/webhook", body);

        Assert.Equal(400, status);
        Assert.Contains("'fails'", (string?)answer["detail"], StringComparison.Ordinal);
    }

    private static async Task<JsonNode> WebhookAsync(SampleCaller caller) => (await caller.GetAsync("webhooks/")).Body["results"]![0]!;
}
