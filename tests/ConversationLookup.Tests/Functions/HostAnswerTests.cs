using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Functions;

/// <summary>What the Functions host decides before the worker does, and what it tells the worker of a request.</summary>
public sealed class HostAnswerTests(HostAnswerTests.Fixture fixture) : IClassFixture<HostAnswerTests.Fixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "conversations/7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33", "", 401)]
    [InlineData("GET", "conversations/7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33", "wrong", 401)]
    [InlineData("GET", "conversations/7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33?code=" + WorkerApp.Key, "wrong", 401)] // the header counts
    [InlineData("GET", "nothing", WorkerApp.Key, 404)]
    [InlineData("DELETE", "conversations/7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33", WorkerApp.Key, 404)]
    [InlineData("HEAD", "events", "", 404)]
    [InlineData("OPTIONS", "health", "", 404)]
    [InlineData("GET", "conversations/%00", WorkerApp.Key, 400)]
    public async Task What_the_host_answers_itself_has_no_body_and_reaches_no_function(string method, string path, string key, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (key.Length > 0)
            request.Headers.Add("x-functions-key", key);
        var before = Executing();

        using var response = await fixture.Stranger.SendAsync(request, Token);

        Assert.Equal((status, ""), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Token)));
        Assert.Equal(before, Executing());
    }

    [Fact]
    public async Task A_monitor_gets_the_status_of_health_without_a_body()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "health");

        using var response = await fixture.Stranger.SendAsync(request, Token);

        Assert.Equal((200, ""), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Token)));
    }

    [Fact]
    public async Task A_line_break_behind_a_setting_does_not_keep_the_worker_from_starting() =>
        Assert.Equal("healthy", (await fixture.App.GetAsync("health"))["status"].GetString());

    [Fact]
    public async Task An_empty_id_is_missing_here_too() => (await fixture.App.GetAsync("conversations/")).Is(400, "invalid_conversation_id");

    [Fact]
    public async Task A_slash_in_an_id_stays_encoded_and_is_no_conversation()
    {
        (await fixture.App.LookUpAsync("a%2Fb")).Is(400, "invalid_conversation_id");

        Assert.Empty(fixture.Wassist.Requests);
    }

    [Fact]
    public async Task The_address_that_the_caller_used_is_in_the_definition_and_not_one_that_it_claims()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "swagger.json")
        {
            Headers = { { "Host", "lookup.contoso.example" }, { "X-Forwarded-Host", "evil.example" }, { "X-Forwarded-Proto", "ftp" } },
        };

        using var response = await fixture.Stranger.SendAsync(request, Token);
        var definition = await Answer.ReadAsync(response);

        Assert.Equal(("https", "lookup.contoso.example"), (definition["schemes"][0].GetString(), definition["host"].GetString()));
    }

    /// <summary>What is written before an invocation begins, so that none that an earlier test waited for is still to come.</summary>
    private int Executing() => fixture.App.Host.Output.Count(line => line.Contains("Executing", StringComparison.Ordinal));

    /// <summary>One worker for all of them.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        internal FakeWassist Wassist { get; private set; } = null!;

        internal WorkerApp App { get; private set; } = null!;

        /// <summary>Shows no key.</summary>
        internal HttpClient Stranger { get; private set; } = null!;

        /// <inheritdoc/>
        public async ValueTask InitializeAsync()
        {
            Wassist = await FakeWassist.StartAsync();
            App = await WorkerApp.StartAsync(Wassist, new Dictionary<string, string>
            {
                ["AzureWebJobsStorage"] = "",
                ["Wassist__ApiKeySecretName"] = "wassist-api-key\r\n",
            });
            Stranger = new HttpClient { BaseAddress = App.Http.BaseAddress };
        }

        /// <inheritdoc/>
        public async ValueTask DisposeAsync()
        {
            Stranger.Dispose();
            await App.DisposeAsync();
            await Wassist.DisposeAsync();
        }
    }
}
