using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Guardian;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Guardian;

/// <summary>The whole story, with the sample Wassist and the local host: the webhook is switched off, an hour's events fail, it comes back.</summary>
public sealed class OutageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_an_hour_in_which_the_webhook_was_off_the_flow_is_told_everything_once()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var url = $"http://127.0.0.1:{LocalServer.FreePort()}";
        await using var sample = await SampleServer.StartAsync(new SampleOptions { Url = "http://127.0.0.1:0", RequestsPerMinute = 0 }, time);
        await using var flow = await FakeFlow.StartAsync();
        await using var app = await App.StartAsync(
            new Dictionary<string, string>
            {
                ["urls"] = url,
                ["PublicBaseUrl"] = url,
                ["Wassist:BaseUrl"] = sample.Url,
                ["Wassist:ApiKey"] = SampleServer.ApiKey,
                ["Wassist:WebhookSecret"] = SampleWebhook.Secret,
                ["Wassist:RequestsPerMinute"] = "10000",
                ["AzureWebJobsStorage"] = await Azurite.NewAccountAsync(),
                ["Subscriptions:AllowLocalCallbacks"] = "true",
            },
            services => services.AddSingleton<TimeProvider>(time));
        sample.SendEventsTo(url);
        using var http = new HttpClient();
        await app.SubscribeAsync(flow);
        await SendAsync("before");
        await flow.ReceivesAsync(1);
        await StepAsync(); // the clock of the sample's list counts in milliseconds

        await SetAsync("""{"fails":true}""");
        for (var minute = 0; minute < 60; minute++)
        {
            await SendAsync($"during {minute}");
            time.Advance(TimeSpan.FromMinutes(1));
        }

        await LookAsync();
        await LookAsync();
        Assert.Equal(HealthStatus.Degraded, await WebhookHealthAsync());
        var webhook = await http.GetFromJsonAsync<JsonNode>($"{sample.Url}/simulate/webhook", Token);
        Assert.Equal((false, 20), ((bool)webhook!["active"]!, (int)webhook["consecutiveFailures"]!));
        Assert.Single(flow.Notifications);

        await SetAsync("""{"fails":false,"active":true}""");
        await LookAsync();
        await ToldAsync(61);
        Assert.Equal(HealthStatus.Healthy, await WebhookHealthAsync());
        await SendAsync("after");
        await ToldAsync(62);
        for (var more = 0; more < 3; more++)
            await LookAsync();

        Assert.Equal(
            Enumerable.Range(0, 60).Select(minute => $"during {minute}").Append("before").Append("after").Order(StringComparer.Ordinal),
            flow.Notifications.Select(told => told.GetProperty("message").GetProperty("text").GetString()!).Order(StringComparer.Ordinal));
        var all = await DeliveriesAsync();
        Assert.Equal(62, all.Count(IsDelivered)); // each once more, and that arrived
        Assert.InRange(all.Count(one => !IsDelivered(one)), 60, 63); // while it failed, a few were tried
        Assert.DoesNotContain(app.Logs.Lines, line => line.Text.Contains(SampleWebhook.Secret, StringComparison.Ordinal));

        async Task SetAsync(string json)
        {
            using var answer = await http.PostAsync($"{sample.Url}/simulate/webhook", new StringContent(json), Token);
            Assert.True(answer.IsSuccessStatusCode);
        }

        async Task SendAsync(string text)
        {
            using var answer = await http.PostAsync($"{sample.Url}/simulate/message", JsonContent.Create(new { text }), Token);
            Assert.True(answer.IsSuccessStatusCode);
        }

        // Whatever is under way comes to its end first: a leap of the clock would cut it off, also a message on its way from the queue.
        async Task LookAsync()
        {
            for (var step = 0; step < 50; step++)
                await StepAsync();
            time.Advance(WebhookGuardian.Interval);
            for (var step = 0; step < 50; step++)
                await StepAsync();
        }

        async Task ToldAsync(int events)
        {
            for (var (told, quiet) = (0, 0); flow.Notifications.Count < events; quiet++)
            {
                await StepAsync();
                if (flow.Notifications.Count > told)
                    (told, quiet) = (flow.Notifications.Count, 0);
                if (quiet == 300)
                {
                    quiet = 0;
                    await LookAsync(); // what a busy storage did not take waits for the next look
                }
            }
        }

        async Task StepAsync()
        {
            await Task.WhenAll(Task.Delay(20, Token), Pace.BreatheAsync(usesStorage: true)); // storage has its time by this clock, too
            time.Advance(TimeSpan.FromSeconds(0.1)); // which replays are apart
        }

        async Task<HealthStatus> WebhookHealthAsync() =>
            (await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token)).Entries["webhook"].Status;

        async Task<IReadOnlyList<JsonNode>> DeliveriesAsync()
        {
            var all = new List<JsonNode>();
            for (var next = $"{sample.Url}/api/v1/webhook-deliveries/?limit=100"; next is not null;)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, next) { Headers = { { "X-API-Key", SampleServer.ApiKey } } };
                using var response = await http.SendAsync(request, Token);
                var page = await response.Content.ReadFromJsonAsync<JsonNode>(Token);
                all.AddRange(page!["results"]!.AsArray().Select(one => one!));
                next = (string?)page["next"];
            }

            return all;
        }
    }

    private static bool IsDelivered(JsonNode delivery) => (string?)delivery["status"] == "delivered";
}
