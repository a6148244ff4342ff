using System.Net.Http.Json;
using ConversationLookup.Tests.Connector;
using ConversationLookup.Tests.Support;
using Xunit.Sdk;

namespace ConversationLookup.Tests.EndToEnd;

/// <summary>
/// The app that the end-to-end cases run against, known only by its address: the local host, the Functions worker, or the one at
/// <c>LOOKUP_BASE_URL</c>, whatever hosts it.
/// </summary>
/// <remarks>
/// <c>LOOKUP_BASE_URL</c> is the app's address without <c>/api</c>; <c>LOOKUP_KEY</c> its function key, where the host asks for one; and
/// <c>LOOKUP_WEBHOOK_SECRET</c> what its webhooks are signed with. Cases that need more than is given are skipped and say why.
/// </remarks>
public abstract class AppUnderTest : IAsyncLifetime
{
    /// <summary>The function key of a host that is started for the cases.</summary>
    protected const string OwnKey = "end-to-end-key";

    private HttpClient? _http;
    private SkipException? _skip;

    /// <summary>The address that was given, if one was.</summary>
    public static string? GivenAddress => Environment.GetEnvironmentVariable("LOOKUP_BASE_URL") is { Length: > 0 } given ? given : null;

    /// <summary>Its address, ending in a slash.</summary>
    public Uri Root { get; private set; } = null!;

    /// <summary>Whether it can reach this machine, and nobody's real flows are subscribed.</summary>
    public bool IsLocal => Root.IsLoopback;

    internal ServedDefinition Definition { get; private set; } = null!;

    private string? Key { get; set; }

    private string? WebhookSecret { get; set; }

    /// <summary>Starts what the cases run against; skips where something for that is missing.</summary>
    protected abstract Task StartAsync();

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        try
        {
            await StartAsync();
        }
        catch (SkipException skip)
        {
            // A skip in here would fail the cases: each of them skips instead.
            _skip = skip;
        }
    }

    /// <summary>This app; the case is skipped where it could not be started.</summary>
    public AppUnderTest OrSkip() => _skip is null ? this : throw _skip;

    /// <summary>Uses the app at an address.</summary>
    protected async Task UseAsync(string address, string? key, string? webhookSecret)
    {
        (Root, Key, WebhookSecret) = (new Uri(address.TrimEnd('/') + "/"), key, webhookSecret);
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(Root, "api/"), Timeout = TimeSpan.FromSeconds(120) };
        Definition = await ServedDefinition.ParseAsync((await GetAsync("swagger.json")).Text);
    }

    /// <summary>The function key; the case is skipped where the host asks for none.</summary>
    public string RequireKey()
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Key), "LOOKUP_KEY is not set: this host asks for no key.");
        return Key!;
    }

    /// <summary>What webhooks are signed with; the case is skipped where nobody tells.</summary>
    public string RequireWebhookSecret()
    {
        Assert.SkipWhen(string.IsNullOrEmpty(WebhookSecret), "LOOKUP_WEBHOOK_SECRET is not set.");
        return WebhookSecret!;
    }

    internal Task<Answer> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    /// <summary>With the key; sends and disposes the request.</summary>
    internal async Task<Answer> SendAsync(HttpRequestMessage request) => (await ExchangeAsync(request, Key)).Answer;

    /// <summary>Without the key; sends and disposes the request.</summary>
    internal async Task<Answer> SendAsIsAsync(HttpRequestMessage request) => (await ExchangeAsync(request, key: null)).Answer;

    /// <summary>Subscribes a flow.</summary>
    /// <returns>The answer and the address to unsubscribe at.</returns>
    internal Task<(Answer Answer, Uri? Location)> SubscribeAsync(object body) =>
        ExchangeAsync(new HttpRequestMessage(HttpMethod.Post, "subscriptions") { Content = JsonContent.Create(body) }, Key);

    /// <summary>A conversation that there is.</summary>
    internal async Task<System.Text.Json.JsonElement> AnyConversationAsync()
    {
        var page = (await GetAsync("conversations?limit=1")).IsConversationPage();
        Assert.True(page["count"].GetInt32() == 1, "The Wassist account behind the app has no conversation to try with.");
        return page["items"][0];
    }

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        _http?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private async Task<(Answer Answer, Uri? Location)> ExchangeAsync(HttpRequestMessage request, string? key)
    {
        using var sent = request;
        if (!string.IsNullOrEmpty(key))
            sent.Headers.Add("x-functions-key", key);
        return await Answer.ExchangeAsync(_http!, sent);
    }
}
