using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
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
        Assert.Equal(
            ("", "US.13491208655302741918"),
            (summaries["no phone number, as WhatsApp lets a contact hide it"].GetProperty("contactPhoneNumber").GetString(), summaries["no phone number, as WhatsApp lets a contact hide it"].GetProperty("contactId").GetString()));
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

    [Theory]
    [InlineData("", 10)]
    [InlineData("?contactPhoneNumber=%2B49 157 35550123", 1)]
    [InlineData("?contactPhoneNumber=%2B49 157 35550124", 0)]
    [InlineData("?businessPhoneNumber=447700900111", 8)] // one is on the sandbox number, and one, in the published shape, does not say its number
    [InlineData("?agentId=b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", 7)]
    [InlineData("?agentId=b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e56", 0)]
    [InlineData("?status=closed", 2)]
    [InlineData("?hasUnread=true", 7)]
    [InlineData("?lastMessageAfter=2000-01-01", 8)]
    [InlineData("?lastMessageBefore=2000-01-01", 0)]
    [InlineData("?status=active&contactPhoneNumber=447700900222&hasUnread=true", 1)]
    public async Task Its_list_is_filtered_as_a_caller_wants(string query, int total)
    {
        await using var sample = await StartAsync();
        await using var app = await StartAppAsync(sample);

        var answer = (await app.GetAsync($"conversations{query}")).IsConversationPage();

        Assert.Equal((total, total), (answer["total"].GetInt32(), answer["count"].GetInt32()));
    }

    [Fact]
    public async Task Its_list_leaves_out_what_was_written_at_the_very_time_that_is_asked_for()
    {
        await using var caller = await SampleCaller.StartAsync();
        var (_, all) = await caller.GetAsync("conversations/?ordering=-last_message_time");
        var times = all["results"]!.AsArray().Select(conversation => (string?)(conversation!["lastMessage"] as JsonObject)?["createdAt"]).OfType<string>().ToList();
        var time = times.Order(StringComparer.Ordinal).ElementAt(times.Count / 2);
        var at = times.Count(other => other == time);

        var (_, after) = await caller.GetAsync($"conversations/?lastMessageAfter={Uri.EscapeDataString(time)}");
        var (_, before) = await caller.GetAsync($"conversations/?lastMessageBefore={Uri.EscapeDataString(time)}");

        Assert.True(at > 0);
        Assert.Equal(times.Count - at, (int)after["count"]! + (int)before["count"]!);
    }

    [Theory]
    [InlineData("", null, null, 10)]
    [InlineData("limit=3", null, "limit=3&offset=3", 3)]
    [InlineData("limit=3&offset=1", "limit=3&offset=0", "limit=3&offset=4", 3)]
    [InlineData("limit=3&offset=5", "limit=3&offset=2", "limit=3&offset=8", 3)]
    [InlineData("limit=5&offset=5", "limit=5&offset=0", null, 5)]
    [InlineData("limit=0&offset=x", null, "limit=1&offset=1", 1)]
    public async Task Its_pages_lead_to_one_another(string query, string? previous, string? next, int items)
    {
        await using var caller = await SampleCaller.StartAsync();

        var (_, page) = await caller.GetAsync($"conversations/?{query}");

        Assert.Equal((10, items), ((int)page["count"]!, page["results"]!.AsArray().Count));
        Assert.Equal((previous, next), (QueryOf(page["previous"]), QueryOf(page["next"])));

        static string? QueryOf(JsonNode? url) => url is null ? null : new Uri((string)url!).Query.TrimStart('?');
    }

    [Fact]
    public async Task Its_first_conversation_has_a_message_of_every_type_in_the_order_they_were_written()
    {
        await using var sample = await StartAsync();
        await using var app = await StartAppAsync(sample);

        var answer = (await app.GetAsync($"conversations/{Bodies.Id}/messages")).IsMessagePage();

        var messages = answer["items"].EnumerateArray().ToList();
        Assert.Equal(
            ["template", "text", "unified", "quick_reply", "cta_button", "image", "list_selection", "location", "text", "text"],
            messages.Select(message => message.GetProperty("type").GetString()));
        Assert.All(messages, message => Assert.NotEqual("", message.GetProperty("text").GetString()));
        Assert.Equal(messages.Select(message => message.GetProperty("createdAt").GetString()).Order(), messages.Select(message => message.GetProperty("createdAt").GetString()));
        var summary = await app.LookUpAsync();
        Assert.Equal(
            (summary["lastMessageText"].GetString(), summary["lastMessageAt"].GetString()),
            (messages[^1].GetProperty("text").GetString(), messages[^1].GetProperty("createdAt").GetString()));
    }

    [Fact]
    public async Task What_a_contact_writes_is_the_last_message_of_list_and_lookup()
    {
        await using var sample = await StartAsync();
        sample.SendEventsTo("http://127.0.0.1:9"); // nobody is there
        await using var app = await StartAppAsync(sample);
        using var http = new HttpClient();

        foreach (var text in (string[])["First", "Second"])
            using (await http.PostAsync($"{sample.Url}/simulate/message", new StringContent($$"""{"text":"{{text}}"}"""), Token)) { }

        var answer = (await app.GetAsync($"conversations/{Bodies.Id}/messages?limit=2")).IsMessagePage();
        Assert.Equal(["First", "Second"], answer["items"].EnumerateArray().Select(message => message.GetProperty("text").GetString()));
        Assert.Equal("Second", (await app.LookUpAsync())["lastMessageText"].GetString());
        Assert.Equal(Bodies.Id, (await app.GetAsync("conversations?limit=1")).IsConversationPage()["items"][0].GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("message.received", "subscription.message.received")]
    [InlineData("message.received")]
    public async Task A_message_of_a_conversation_that_is_routed_to_a_webhook_is_sent_as_two_events_and_any_other_as_one(params string[] names)
    {
        await using var sample = await StartAsync();
        var events = new ConcurrentQueue<(string Name, string Delivery, string Message)>();
        await using var receiver = await LocalServer.StartAsync(async context =>
        {
            var body = await JsonNode.ParseAsync(context.Request.Body);
            events.Enqueue(((string)body!["event"]!, context.Request.Headers["X-Wassist-Delivery"]!, (string)body["message"]!["id"]!));
        });
        sample.SendEventsTo(receiver.Url);
        using var http = new HttpClient();
        var conversation = names.Length == 2 ? "a4e0c7d8-1b25-4f39-8c6e-93d1f2b7e055" : Bodies.Id;
        using (await http.PostAsync($"{sample.Url}/simulate/message", new StringContent($$"""{"conversationId":"{{conversation}}"}"""), Token)) { }

        Assert.Equal(names, events.Select(one => one.Name));
        Assert.Single(events.Select(one => one.Message).Distinct());
        Assert.Equal(names.Length, events.Select(one => one.Delivery).Distinct().Count());
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
