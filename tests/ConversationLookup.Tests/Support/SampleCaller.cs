using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ConversationLookup.LocalHost.SampleWassist;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Support;

/// <summary>The sample Wassist with a clock that the test moves, and somebody who has its key.</summary>
internal sealed class SampleCaller : IAsyncDisposable
{
    private readonly HttpClient _http;

    private SampleCaller(SampleServer sample, FakeTimeProvider time)
    {
        (Sample, Time) = (sample, time);
        _http = new HttpClient { BaseAddress = new Uri($"{sample.Url}/api/v1/") };
        _http.DefaultRequestHeaders.Add("X-API-Key", SampleServer.ApiKey);
    }

    public SampleServer Sample { get; }

    public FakeTimeProvider Time { get; }

    /// <param name="appUrl">Where its events go; nobody is there unless given.</param>
    public static async Task<SampleCaller> StartAsync(string appUrl = "http://127.0.0.1:9")
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var sample = await SampleServer.StartAsync(new SampleOptions { Url = "http://127.0.0.1:0", RequestsPerMinute = 0 }, time);
        sample.SendEventsTo(appUrl);
        return new SampleCaller(sample, time);
    }

    /// <summary>The id of the conversation that is there for something.</summary>
    public string IdOf(string shows) => Sample.Conversations.Single(conversation => conversation.Shows == shows).Id;

    public Task<(int Status, JsonNode Body)> GetAsync(string path) => ExchangeAsync(new HttpRequestMessage(HttpMethod.Get, path));

    /// <param name="json">What is sent.</param>
    /// <param name="key">The header <c>Idempotency-Key</c>.</param>
    /// <param name="patience">Ends the wait for the answer.</param>
    public Task<(int Status, JsonNode Body)> PostAsync(string path, string json, string? key = null, CancellationTokenSource? patience = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, null, "application/json") };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return ExchangeAsync(request, patience);
    }

    /// <summary>Sends free text to the first conversation.</summary>
    public Task<(int Status, JsonNode Body)> SendTextAsync(string text, string? key = null, CancellationTokenSource? patience = null) =>
        PostAsync($"conversations/{Bodies.Id}/messages/", $$$"""{"type":"unified","unified":{"text":"{{{text}}}"}}""", key, patience);

    /// <summary>The conversation, the first unless another is named.</summary>
    public async Task<JsonNode> ConversationAsync(string id = Bodies.Id) => (await GetAsync($"conversations/{id}/")).Body;

    /// <summary>What the sample was sent.</summary>
    public async Task<JsonArray> SentAsync() => (await GetAsync("/simulate/sent")).Body.AsArray();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Sample.DisposeAsync();
    }

    private async Task<(int Status, JsonNode Body)> ExchangeAsync(HttpRequestMessage request, CancellationTokenSource? patience = null)
    {
        using (request)
        using (var ended = CancellationTokenSource.CreateLinkedTokenSource(patience?.Token ?? CancellationToken.None, TestContext.Current.CancellationToken))
        using (var response = await _http.SendAsync(request, ended.Token))
            return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>(ended.Token))!);
    }
}
