using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Telemetry;

/// <summary>The local host in a process of its own, with everything it sends.</summary>
internal sealed class HostUnderWatch : IAsyncDisposable
{
    /// <summary>What callers show; it must be in nothing that is sent.</summary>
    public const string FunctionKey = "function-key-do-not-leak";

    private readonly LocalHostProcess _process;
    private readonly HttpClient _http;

    private HostUnderWatch(LocalHostProcess process, HttpClient http, OtlpCollector collector) => (_process, _http, Collector) = (process, http, collector);

    public OtlpCollector Collector { get; }

    /// <param name="wassist">The upstream.</param>
    /// <param name="storage">For events; nothing for lookups alone.</param>
    /// <param name="insights">Where telemetry goes besides the collector.</param>
    public static async Task<HostUnderWatch> StartAsync(FakeWassist wassist, string storage = "", ApplicationInsightsStandIn? insights = null)
    {
        var collector = await OtlpCollector.StartAsync();
        var url = $"http://127.0.0.1:{LocalServer.FreePort()}";
        var process = LocalHostProcess.Start(["--urls", url], new Dictionary<string, string>(collector.Environment.Concat(insights?.Environment ?? new Dictionary<string, string>()))
        {
            ["SSL_CERT_FILE"] = LocalServer.CertificateFile,
            ["Wassist__BaseUrl"] = wassist.Url,
            ["Wassist__ApiKey"] = FakeWassist.Key,
            ["Wassist__WebhookSecret"] = SignedEvent.Secret,
            ["AzureWebJobsStorage"] = storage,
            ["Subscriptions__AllowLocalCallbacks"] = "true",
            ["LocalHost__Key"] = FunctionKey,
            ["Logging__LogLevel__Default"] = "Trace", // what is filtered out for the collector must not depend on it
            ["Logging__LogLevel__Microsoft"] = "Trace",
            ["Lookup__CacheSeconds"] = "60",
        });
        await process.ReadyAsync();
        var http = new HttpClient { BaseAddress = new Uri($"{url}/api/") };
        http.DefaultRequestHeaders.Add("x-functions-key", FunctionKey);
        return new HostUnderWatch(process, http, collector);
    }

    public async Task<string> GetAsync(string path)
    {
        using var response = await _http.GetAsync(path, TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    public async Task<Uri> SubscribeAsync(string callbackUrl)
    {
        using var response = await _http.PostAsync(
            "subscriptions", System.Net.Http.Json.JsonContent.Create(new { callbackUrl }), TestContext.Current.CancellationToken);
        return response.Headers.Location!;
    }

    public async Task ReceiveAsync(SignedEvent received)
    {
        using var request = received.ToRequest();
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task DeleteAsync(Uri location)
    {
        using var response = await _http.DeleteAsync(location, TestContext.Current.CancellationToken);
        Assert.Equal(204, (int)response.StatusCode);
    }

    /// <summary>Waits for a whole trace, known by its first span.</summary>
    public async Task<string> TraceAsync(string root, int spans)
    {
        var trace = "";
        await Collector.EventuallyAsync(() =>
        {
            trace = Collector.Spans.FirstOrDefault(span => $"{span.Kind} {span.Name}" == root)?.TraceId ?? "";
            return Collector.Spans.Count(span => span.TraceId == trace) >= spans;
        });
        return trace;
    }

    public CollectedSpan Span(string trace, string kind) => Collector.Spans.Single(span => span.TraceId == trace && span.Kind == kind);

    public Task EventuallyMeasuredAsync(params string[] points) =>
        Collector.EventuallyAsync(() => points.All(point => Collector.Metrics.ContainsKey(point)));

    /// <summary>Ends it as a host does that scales in: what was not sent yet is sent.</summary>
    public Task StopAsync() => _process.StopAsync();

    /// <summary>Nothing of a person, no key and no capability is in any byte that the collector got.</summary>
    public void AssertNothingPersonal(string capability = "sig=") => AssertNothingPersonal(Collector.Raw, capability);

    /// <summary>The same for what somebody else got.</summary>
    public static void AssertNothingPersonal(IReadOnlyCollection<string> taken, string capability)
    {
        Assert.NotEmpty(taken);
        string[] secrets =
        [
            "7700900222", "7700 900222", "7700%20900222", "7700900111", "Amara", "Osei", "delivery address", "Orders assistant",
            FakeWassist.Key, SignedEvent.Secret, FunctionKey, "/workflows/", "sig=", capability,
        ];
        Assert.All(secrets, secret => Assert.DoesNotContain(taken, sent => sent.Contains(secret, StringComparison.OrdinalIgnoreCase)));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
        await Collector.DisposeAsync();
    }
}
