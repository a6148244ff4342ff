using System.Net;
using System.Text.Json;
using ConversationLookup.LocalHost;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Support;

/// <summary>The local host in this process, on a free port, with settings given as on its command line.</summary>
internal sealed class App : IAsyncDisposable
{
    private readonly WebApplication _app;

    private readonly RequestsUnderWay _underWay;

    private App(WebApplication app, LogCollector logs, RequestsUnderWay underWay)
    {
        (_app, Logs, _underWay) = (app, logs, underWay);
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single() + "/api/") };
    }

    public HttpClient Http { get; }

    public LogCollector Logs { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>The connection string of its storage.</summary>
    public string Storage => _app.Configuration["AzureWebJobsStorage"]!;

    /// <summary>An app in front of a fake upstream.</summary>
    public static Task<App> StartAsync(
        FakeWassist wassist, IReadOnlyDictionary<string, string>? settings = null, Action<IServiceCollection>? configure = null)
    {
        var all = new Dictionary<string, string>
        {
            ["Wassist:BaseUrl"] = wassist.Url,
            ["Wassist:ApiKey"] = FakeWassist.Key,
            ["Wassist:RequestsPerMinute"] = "0",
            ["Lookup:CacheSeconds"] = "0",
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            all[name] = value;
        return StartAsync(all, configure);
    }

    /// <summary>An app in front of a fake upstream that takes webhooks and tells flows on this machine.</summary>
    public static async Task<App> StartWithStorageAsync(
        FakeWassist wassist, IReadOnlyDictionary<string, string>? settings = null, Action<IServiceCollection>? configure = null)
    {
        var all = new Dictionary<string, string>
        {
            ["AzureWebJobsStorage"] = await Azurite.NewAccountAsync(),
            ["Wassist:WebhookSecret"] = SignedEvent.Secret,
            ["Subscriptions:AllowLocalCallbacks"] = "true",
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            all[name] = value;
        return await StartAsync(wassist, all, configure);
    }

    /// <summary>An app with just these settings.</summary>
    public static async Task<App> StartAsync(IReadOnlyDictionary<string, string> settings, Action<IServiceCollection>? configure = null)
    {
        var builder = LocalHostApp.CreateBuilder(["--urls", "http://127.0.0.1:0", .. settings.Select(setting => $"--{setting.Key}={setting.Value}")]);
        var logs = new LogCollector();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
        configure?.Invoke(builder.Services);
        var waiting = new RequestsUnderWay();
        builder.Services.AddSingleton<IStartupFilter>(waiting);
        var app = LocalHostApp.Build(builder);
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new App(app, logs, waiting);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Looks a conversation up.</summary>
    public Task<Answer> LookUpAsync(string id = Bodies.Id, string query = "") => GetAsync($"conversations/{id}{query}");

    /// <summary>Looks a conversation up, and moves the clock on while the app waits for it.</summary>
    public Task<Answer> LookUpWhileTimePassesAsync(FakeTimeProvider time) => WhileTimePassesAsync(time, LookUpAsync());

    /// <summary>Moves the clock on while the app works, no further than it may take.</summary>
    public static async Task<Answer> WhileTimePassesAsync(FakeTimeProvider time, Task<Answer> call, TimeSpan? atMost = null)
    {
        await Pace.PassAsync(time, call, TimeSpan.FromSeconds(0.25), atMost);
        return await call;
    }

    /// <summary>Any GET under <c>/api/</c>.</summary>
    public async Task<Answer> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync(request);
    }

    /// <summary>Sends a webhook.</summary>
    public async Task<Answer> ReceiveAsync(SignedEvent received)
    {
        using var request = received.ToRequest();
        return await SendAsync(request);
    }

    /// <summary>Subscribes a flow.</summary>
    /// <returns>The answer and the address to unsubscribe at.</returns>
    public async Task<(Answer Answer, Uri? Location)> SubscribeAsync(object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "subscriptions") { Content = System.Net.Http.Json.JsonContent.Create(body) };
        return await Answer.ExchangeAsync(Http, request);
    }

    /// <summary>Subscribes a flow to every message.</summary>
    public async Task<Uri> SubscribeAsync(FakeFlow flow)
    {
        var (answer, location) = await SubscribeAsync(new { callbackUrl = flow.CallbackUrl });
        Assert.Equal(201, answer.StatusCode);
        return location!;
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request) => (await Answer.ExchangeAsync(Http, request)).Answer;

    /// <summary>
    /// Has the app answer once. Only the first requests wait on their way to a handler, for the routes to be built, and would be
    /// counted by <see cref="EventuallyWaitingAsync"/> as waiting for what the handler asks.
    /// </summary>
    public async Task WarmUpAsync()
    {
        await GetAsync("health");
        await EventuallyWaitingAsync(0);
    }

    /// <summary>Waits until this many requests are inside the app, no more and no fewer.</summary>
    public Task EventuallyWaitingAsync(int requests) => Eventually.IsSoAsync(() => _underWay.Count == requests);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }

    /// <summary>
    /// Counts the requests whose handler has begun and not ended: a handler runs without a pause up to its first wait, which is
    /// the shared lookup.
    /// </summary>
    private sealed class RequestsUnderWay : IStartupFilter
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, rest) =>
            {
                var handling = rest(context);
                Interlocked.Increment(ref _count);
                try
                {
                    await handling;
                }
                finally
                {
                    Interlocked.Decrement(ref _count);
                }
            });
            next(app);
        };
    }
}

/// <summary>An answer that was read whole; payloads and problems are held to the contract as they are read.</summary>
internal sealed record Answer(HttpStatusCode Status, string Text, JsonElement Body)
{
    public int StatusCode => (int)Status;

    /// <summary>The code of a problem; of anything else, what it is.</summary>
    public string Code => Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty("code", out var code) ? code.GetString()! : $"no problem: '{Text}'";

    public string Detail => Body.GetProperty("detail").GetString()!;

    public int RetryAfterSeconds => Body.GetProperty("retryAfterSeconds").GetInt32();

    public JsonElement this[string property] => Body.GetProperty(property);

    /// <summary>Sends a request.</summary>
    /// <returns>The answer, and its <c>Location</c>.</returns>
    public static async Task<(Answer Answer, Uri? Location)> ExchangeAsync(HttpClient http, HttpRequestMessage request)
    {
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (await ReadAsync(response), response.Headers.Location);
    }

    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var body = text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
        if (!response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType == "application/problem+json")
            PayloadContract.AssertProblem(response, body);
        return new Answer(response.StatusCode, text, body);
    }

    /// <summary>Asserts the status and code of a problem.</summary>
    public Answer Is(int status, string code)
    {
        Assert.Equal((status, code), (StatusCode, StatusCode < 400 ? "ok" : Code));
        return this;
    }

    /// <summary>Asserts a page of conversations.</summary>
    public Answer IsConversationPage()
    {
        Assert.True(Status == HttpStatusCode.OK, Text);
        PayloadContract.AssertConversationPage(Body);
        return this;
    }

    /// <summary>Asserts a page of messages.</summary>
    public Answer IsMessagePage()
    {
        Assert.True(Status == HttpStatusCode.OK, Text);
        PayloadContract.AssertMessagePage(Body);
        return this;
    }

    /// <summary>Asserts a message that was sent.</summary>
    public Answer IsSentMessage()
    {
        Assert.True(Status == HttpStatusCode.OK, Text);
        PayloadContract.AssertSentMessage(Body);
        return this;
    }

    /// <summary>Asserts a whole summary.</summary>
    public Answer IsSummary()
    {
        Assert.True(Status == HttpStatusCode.OK, Text);
        PayloadContract.AssertSummary(Body);
        return this;
    }
}
