using ConversationLookup.FunctionsHost;

namespace ConversationLookup.Tests.Support;

/// <summary>The published function app: the real worker process behind our stand-in for the Functions host.</summary>
internal sealed class WorkerApp : IAsyncDisposable
{
    /// <summary>The function key, unless a test has another.</summary>
    public const string Key = "function-key-do-not-leak";

    private WorkerApp(FunctionsHost.FunctionsHost host, string key, string storage)
    {
        (Host, Storage) = (host, storage);
        Http = new HttpClient { BaseAddress = new Uri($"{host.Url}/api/"), Timeout = TimeSpan.FromSeconds(100) };
        Http.DefaultRequestHeaders.Add("x-functions-key", key);
    }

    public FunctionsHost.FunctionsHost Host { get; }

    /// <summary>Shows the key.</summary>
    public HttpClient Http { get; }

    public string Url => Host.Url;

    /// <summary>The connection string of its storage, if it has any.</summary>
    public string Storage { get; }

    /// <summary>Starts it with just these settings and waits until it runs.</summary>
    public static async Task<WorkerApp> StartAsync(IReadOnlyDictionary<string, string> settings, string key = Key)
    {
        var app = await TryStartAsync(settings, key);
        Assert.True(app.Host.WorkerProcessId is not null, string.Join(Environment.NewLine, app.Host.Output));
        return app;
    }

    /// <summary>Starts it; the worker may not run then.</summary>
    public static async Task<WorkerApp> TryStartAsync(IReadOnlyDictionary<string, string> settings, string key = Key)
    {
        var options = new FunctionsHostOptions { Key = key, Environment = settings };
        var host = await FunctionsHost.FunctionsHost.StartAsync(options, TestContext.Current.CancellationToken);
        return new WorkerApp(host, key, settings.GetValueOrDefault("AzureWebJobsStorage", ""));
    }

    /// <summary>In front of a fake upstream, with storage, for flows on this machine.</summary>
    public static async Task<WorkerApp> StartAsync(FakeWassist wassist, IReadOnlyDictionary<string, string>? settings = null)
    {
        var all = new Dictionary<string, string>
        {
            ["Wassist__BaseUrl"] = wassist.Url,
            ["Wassist__ApiKey"] = FakeWassist.Key,
            ["Wassist__WebhookSecret"] = SignedEvent.Secret,
            ["Wassist__RequestsPerMinute"] = "0",
            ["Lookup__CacheSeconds"] = "0",
            ["Subscriptions__AllowLocalCallbacks"] = "true",
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            all[name] = value;
        if (!all.ContainsKey("AzureWebJobsStorage"))
            all["AzureWebJobsStorage"] = await Azurite.NewAccountAsync();
        return await StartAsync(all);
    }

    /// <summary>Looks a conversation up.</summary>
    public Task<Answer> LookUpAsync(string id = Bodies.Id, string query = "") => GetAsync($"conversations/{id}{query}");

    /// <summary>Any GET under <c>/api/</c>.</summary>
    public async Task<Answer> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }

    /// <summary>Sends a webhook.</summary>
    public async Task<int> ReceiveAsync(SignedEvent received)
    {
        using var request = received.ToRequest();
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }

    /// <summary>Subscribes a flow to every message; again where storage was too busy, as the platform does.</summary>
    public async Task<Uri> SubscribeAsync(FakeFlow flow)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "subscriptions") { Content = System.Net.Http.Json.JsonContent.Create(new { callbackUrl = flow.CallbackUrl }) };
            var (answer, location) = await Answer.ExchangeAsync(Http, request);
            if (answer.StatusCode == 503)
                continue;
            Assert.Equal(201, answer.StatusCode);
            return location!;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
    }
}
