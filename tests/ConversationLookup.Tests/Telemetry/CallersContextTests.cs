using System.Net;
using System.Net.Http.Json;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Telemetry;

/// <summary>What a caller sends along for tracing goes no further, but for the id of its trace.</summary>
public sealed class CallersContextTests
{
    private const string TraceId = "7612f3bb62a2467ede2a0a85f3e765d1";
    private const string Words = "words-of-a-caller";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_local_host_sends_neither_baggage_nor_trace_state_on(bool isExported)
    {
        await using var around = await Around.StartAsync();
        var url = $"http://127.0.0.1:{LocalServer.FreePort()}";
        await using var host = LocalHostProcess.Start(["--urls", url], around.Settings(isExported));
        await host.ReadyAsync();

        await around.CallAsync($"{url}/api/", isExported);
    }

    [Fact]
    public async Task The_worker_sends_neither_baggage_nor_trace_state_on()
    {
        await using var around = await Around.StartAsync();
        await using var app = await WorkerApp.StartAsync(around.Settings(isExported: true));

        await around.CallAsync($"{app.Url}/api/", isExported: true, WorkerApp.Key);
    }

    /// <summary>Everybody that the app calls.</summary>
    private sealed class Around(FakeWassist wassist, FakeFlow flow, FaultyStorage storage, OtlpCollector collector) : IAsyncDisposable
    {
        public static async Task<Around> StartAsync() =>
            new(await FakeWassist.StartAsync(), await FakeFlow.StartAsync(), await FaultyStorage.StartAsync(), await OtlpCollector.StartAsync());

        public Dictionary<string, string> Settings(bool isExported) => new(isExported ? collector.Environment : new Dictionary<string, string>())
        {
            ["Wassist__BaseUrl"] = wassist.Url,
            ["Wassist__ApiKey"] = FakeWassist.Key,
            ["Wassist__WebhookSecret"] = SignedEvent.Secret,
            ["AzureWebJobsStorage"] = storage.ConnectionString,
            ["Subscriptions__AllowLocalCallbacks"] = "true",
            ["Lookup__CacheSeconds"] = "0",
        };

        /// <summary>Calls the app in every way that leads to a call of its own.</summary>
        public async Task CallAsync(string address, bool isExported, string key = "")
        {
            using var http = new HttpClient { BaseAddress = new Uri(address) };
            http.DefaultRequestHeaders.Add("x-functions-key", key);
            http.DefaultRequestHeaders.Add("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01");
            http.DefaultRequestHeaders.Add("tracestate", $"vendor={Words}");
            http.DefaultRequestHeaders.Add("baggage", $"who={Words}");
            http.DefaultRequestHeaders.Add("Correlation-Context", $"who={Words}");

            var received = new SignedEvent();
            Assert.Equal(200, await AnswerAsync(() => http.GetAsync($"conversations/{Bodies.Id}", Token)));
            Assert.Equal(201, await AnswerAsync(() => http.PostAsJsonAsync("subscriptions", new { callbackUrl = flow.CallbackUrl }, Token)));
            Assert.Equal(202, await AnswerAsync(() => http.SendAsync(received.ToRequest(), Token)));
            await flow.ReceivesAsync();

            var sent = wassist.Headers.Concat(flow.Calls.Select(call => string.Join('\n', call.Headers))).ToList();
            Assert.Equal(3, sent.Count);
            Assert.All(sent.Concat(storage.Requests.Select(request => request.Text)), request =>
            {
                Assert.DoesNotContain(Words, request, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain("tracestate", request, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain("baggage", request, StringComparison.OrdinalIgnoreCase);
            });
            if (!isExported)
                return;

            Assert.All(sent, request => Assert.Contains($"traceparent", request, StringComparison.OrdinalIgnoreCase));
            Assert.All(sent, request => Assert.Contains($"00-{TraceId}-", request, StringComparison.Ordinal));
            await collector.EventuallyAsync(() => collector.Spans.Any(span => span is { TraceId: TraceId, Kind: "client", Name: "POST" }));
            Assert.DoesNotContain(collector.Raw, bytes => bytes.Contains(Words, StringComparison.Ordinal));
        }

        /// <summary>As the platform and Wassist do, it comes again while storage is busy.</summary>
        private static async Task<int> AnswerAsync(Func<Task<HttpResponseMessage>> call)
        {
            while (true)
            {
                using var response = await call();
                if (response.StatusCode is not HttpStatusCode.ServiceUnavailable)
                    return (int)response.StatusCode;
                await Task.Delay(500, Token);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await collector.DisposeAsync();
            await storage.DisposeAsync();
            await flow.DisposeAsync();
            await wassist.DisposeAsync();
        }
    }
}
