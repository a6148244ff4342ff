using System.Text.Json;
using ConversationLookup.LocalHost;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>The sample behaves like the real Wassist, and every conversation it has is one the app understands.</summary>
public sealed class SampleWassistTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_conversation_of_the_sample_gives_a_whole_summary_that_shows_what_it_is_there_for()
    {
        await using var sample = await StartAsync();
        await using var app = await StartAppAsync(sample);

        var summaries = new Dictionary<string, JsonElement>();
        foreach (var conversation in sample.Conversations)
            summaries[conversation.Shows] = (await app.LookUpAsync(conversation.Id)).IsSummary().Body;

        Assert.Equal("human", summaries["taken over by a person"].GetProperty("handledBy").GetString());
        Assert.Equal("webhook", summaries["answered by a webhook"].GetProperty("handledBy").GetString());
        Assert.True(summaries["on Wassist's sandbox number"].GetProperty("isSandbox").GetBoolean());
        Assert.False(summaries["reply window closed"].GetProperty("replyWindowIsOpen").GetBoolean());
        Assert.False(summaries["no message yet, no agent, no name"].GetProperty("hasLastMessage").GetBoolean());
        Assert.Contains("👩‍👩‍👧‍👦", summaries["Unicode and emoji"].GetProperty("lastMessageText").GetString(), StringComparison.Ordinal);
        Assert.Equal(4096, summaries["a message of 4,096 characters"].GetProperty("lastMessageText").GetString()!.Length);
        Assert.Equal("Where is my parcel?", summaries["the shape of Wassist's published schema"].GetProperty("lastMessageText").GetString());
        Assert.DoesNotContain(app.Logs.Own, line => line.EventId == 30);
    }

    [Theory]
    [InlineData(null, "/api/v1/conversations/7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33/", 401, "Authentication credentials were not provided.")]
    [InlineData("wrong", "/api/v1/conversations/7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33/", 401, "Invalid API key.")]
    [InlineData("sample-key", "/api/v1/conversations/00000000-0000-4000-8000-000000000000/", 404, "No Conversation matches the given query.")]
    [InlineData("sample-key", "/api/v1/conversations/7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33", 404, "Not found.")]
    [InlineData("sample-key", "/api/v1/nothing/", 404, "Not found.")]
    public async Task It_refuses_as_the_real_one_does(string? key, string path, int status, string detail)
    {
        await using var sample = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(sample.Url) };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null)
            request.Headers.Add("X-API-Key", key);

        using var response = await http.SendAsync(request, Token);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(detail, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("detail").GetString());
        Assert.NotEqual("", response.Headers.GetValues("X-Request-Id").Single());
    }

    [Fact]
    public async Task It_limits_a_key_by_the_minute_and_says_for_how_long()
    {
        await using var sample = await StartAsync(requestsPerMinute: 2);
        await using var app = await StartAppAsync(sample);

        (await app.LookUpAsync()).IsSummary();
        (await app.LookUpAsync()).IsSummary();

        Assert.InRange((await app.LookUpAsync()).Is(429, "upstream_rate_limited").RetryAfterSeconds, 6, 60);
    }

    [Fact]
    public async Task A_settings_free_start_points_the_app_at_the_sample_with_its_key()
    {
        var builder = LocalHostApp.CreateBuilder(["--SampleWassist:Url", "http://127.0.0.1:0"]);
        await using var sample = await LocalHostApp.StartSampleAsync(builder.Configuration);

        Assert.Equal((sample!.Url, SampleServer.ApiKey), (builder.Configuration["Wassist:BaseUrl"], builder.Configuration["Wassist:ApiKey"]));
    }

    [Theory]
    [InlineData("Wassist:BaseUrl", "https://backend.wassist.app")]
    [InlineData("Wassist:ApiKey", "key")]
    [InlineData("KeyVault:Uri", "https://contoso.vault.azure.net")]
    public async Task Anything_that_says_which_wassist_to_ask_leaves_the_sample_out(string setting, string value)
    {
        var builder = LocalHostApp.CreateBuilder([$"--{setting}={value}"]);

        Assert.Null(await LocalHostApp.StartSampleAsync(builder.Configuration));
    }

    [Fact]
    public void Its_reply_windows_run_down_as_time_passes()
    {
        var start = new DateTimeOffset(2026, 11, 21, 18, 0, 0, TimeSpan.Zero);
        var conversation = SampleConversation.All(start)[0];

        Assert.Equal(41_230, conversation.At(start)["chatWindowRemainingTime"]!.GetValue<int>());
        Assert.Equal(41_130, conversation.At(start.AddSeconds(100))["chatWindowRemainingTime"]!.GetValue<int>());
        Assert.Equal(0, conversation.At(start.AddDays(2))["chatWindowRemainingTime"]!.GetValue<int>());
    }

    private static Task<SampleServer> StartAsync(int requestsPerMinute = 100) =>
        SampleServer.StartAsync(new SampleOptions { Url = "http://127.0.0.1:0", RequestsPerMinute = requestsPerMinute }, TimeProvider.System);

    private static Task<App> StartAppAsync(SampleServer sample) => App.StartAsync(new Dictionary<string, string>
    {
        ["Wassist:BaseUrl"] = sample.Url,
        ["Wassist:ApiKey"] = SampleServer.ApiKey,
        ["Lookup:CacheSeconds"] = "0",
    });
}
