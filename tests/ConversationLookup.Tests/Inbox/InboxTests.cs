using System.Text.Json;
using ConversationLookup.LocalHost.Inbox;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;
using ConversationLookup.Webhooks;
using Microsoft.Playwright;

namespace ConversationLookup.Tests.Inbox;

/// <summary>The local loop: the sample sends a signed event, and the inbox page shows what a flow would receive.</summary>
public sealed class InboxTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_contact_writes_in_the_sample_appears_on_the_page_as_a_flow_would_receive_it()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, await Azurite.NewAccountAsync());
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(Of(app, "/inbox"));
        await Assertions.Expect(page.GetByText("Subscribed to every event.")).ToBeVisibleAsync();
        const string Text = "<b>Is it here?</b> 👩‍👩‍👧‍👦 \"quoted\" & more";

        await page.GetByLabel("Conversation").SelectOptionAsync(new SelectOptionValue { Label = "Unicode and emoji" });
        await page.GetByLabel("Message of the contact").FillAsync(Text);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();

        var card = page.GetByRole(AriaRole.Listitem);
        await Assertions.Expect(card.Locator(".text")).ToHaveTextAsync(Text);
        await Assertions.Expect(card.Locator(".name")).ToHaveTextAsync("Zoë 🌍 محمد");
        await Assertions.Expect(card.Locator(".outcome")).ToHaveTextAsync("found");
        await Assertions.Expect(page.GetByText("was taken.")).ToBeVisibleAsync();
        PayloadContract.AssertNotification(JsonDocument.Parse(await card.Locator("pre").TextContentAsync() ?? "").RootElement);

        await page.ReloadAsync();
        await Assertions.Expect(card).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Assertions.Expect(card).ToHaveCountAsync(2); // the page subscribed again, and is still told once
        await Assertions.Expect(page.Locator(".again").First).ToHaveTextAsync("");
        if (Environment.GetEnvironmentVariable("INBOX_SCREENSHOT") is { } path)
            await page.ScreenshotAsync(new() { Path = path, FullPage = true });
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task An_event_that_is_told_again_is_shown_once_and_says_so()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, await Azurite.NewAccountAsync());
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(Of(app, "/inbox"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        var told = await page.GetByRole(AriaRole.Listitem).Locator("pre").TextContentAsync();

        using var again = await app.Http.PostAsync(Of(app, "/inbox/callback"), new StringContent(told!), Token);

        await Assertions.Expect(page.Locator(".again")).ToHaveTextAsync("told 2 times");
    }

    [Theory]
    [InlineData("", "Ask the operator to set 'AzureWebJobsStorage'.")]
    [InlineData("key", "Send the function key in the 'x-functions-key' header.")]
    public async Task The_page_says_why_it_cannot_subscribe(string key, string detail)
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, storage: "", key);
        await using var browser = await Browser.StartAsync();

        var page = await browser.OpenAsync(Of(app, "/inbox"));

        await Assertions.Expect(page.Locator("#status")).ToContainTextAsync(detail);
    }

    [Fact]
    public async Task With_a_function_key_the_page_takes_it_as_a_flow_does()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, await Azurite.NewAccountAsync(), "key");
        await using var browser = await Browser.StartAsync();

        var page = await browser.OpenAsync(Of(app, "/inbox?code=key"));

        await Assertions.Expect(page.GetByText("Subscribed to every event.")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("/inbox")]
    [InlineData("/inbox/events")]
    public async Task Under_another_name_than_this_machines_there_is_no_inbox(string path)
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, storage: "");
        using var request = new HttpRequestMessage(HttpMethod.Get, Of(app, path)) { Headers = { Host = "rebound.example" } };

        (await app.SendAsync(request)).Is(404, "route_not_found");
    }

    [Theory]
    [InlineData("message.received", "Hello", true)]
    [InlineData("subscription.message.received", "Hello", true)]
    [InlineData("subscription.revoked", "", false)]
    [InlineData("test.ping", "Test event from the sample", true)]
    [InlineData("something.new", "", false)]
    public async Task The_sample_signs_its_events_as_wassist_does(string type, string text, bool hasMessage)
    {
        var path = "";
        var headers = new Dictionary<string, string>();
        var body = Array.Empty<byte>();
        await using var app = await LocalServer.StartAsync(async context =>
        {
            using var buffer = new MemoryStream();
            await context.Request.Body.CopyToAsync(buffer);
            (path, body) = (context.Request.Path, buffer.ToArray());
            headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString());
            context.Response.StatusCode = 202;
        });
        await using var sample = await StartSampleAsync();
        sample.SendEventsTo(app.Urls.Single());

        var (status, answer) = await SimulateAsync(sample, $$"""{"text":"Hello","event":"{{type}}"}""");

        Assert.Equal((200, 202), (status, answer.GetProperty("webhookStatus").GetInt32()));
        Assert.Equal("/api/webhooks/wassist", path);
        Assert.Equal(answer.GetProperty("deliveryId").GetString(), headers["X-Wassist-Delivery"]);
        Assert.Equal(type, headers["X-Wassist-Event"]);
        Assert.True(WebhookSignature.Parse(headers[WebhookSignature.Header], DateTimeOffset.UtcNow, out _)!.Matches(body, Simulation.WebhookSecret));
        var (read, unknownShapes) = EventParser.Parse(body, null, DateTimeOffset.UtcNow, Guid.NewGuid());
        Assert.Empty(unknownShapes);
        Assert.Equal((type, hasMessage), (read.Type, read.Message is not null));
        Assert.Equal(text, read.Message?.Text ?? "");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"text":7}""")]
    [InlineData("""{"conversationId":"7"}""")]
    public async Task What_cannot_be_simulated_is_400_with_what_to_do(string body)
    {
        await using var sample = await StartSampleAsync();
        sample.SendEventsTo("http://localhost:1");

        var (status, answer) = await SimulateAsync(sample, body);

        Assert.Equal(400, status);
        Assert.NotEqual("", answer.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_lookup_after_a_simulated_message_shows_it()
    {
        await using var sample = await StartSampleAsync();
        sample.SendEventsTo("http://localhost:1");
        await using var app = await StartAppAsync(sample, storage: "");

        var (_, answer) = await SimulateAsync(sample, """{"text":"Hello"}""");
        var summary = (await app.LookUpAsync(sample.Conversations[0].Id)).IsSummary();

        Assert.Equal(0, answer.GetProperty("webhookStatus").GetInt32());
        Assert.Equal(("Hello", "user", true), (summary["lastMessageText"].GetString(), summary["lastMessageRole"].GetString(), summary["replyWindowIsOpen"].GetBoolean()));
    }

    private static Task<SampleServer> StartSampleAsync() =>
        SampleServer.StartAsync(new SampleOptions { Url = "http://127.0.0.1:0" }, TimeProvider.System);

    private static async Task<App> StartAppAsync(SampleServer sample, string storage, string key = "")
    {
        var app = await App.StartAsync(new Dictionary<string, string>
        {
            ["Wassist:BaseUrl"] = sample.Url,
            ["Wassist:ApiKey"] = SampleServer.ApiKey,
            ["Wassist:WebhookSecret"] = Simulation.WebhookSecret,
            ["Subscriptions:AllowLocalCallbacks"] = "true",
            ["LocalHost:Key"] = key,
            [InboxEndpoints.SampleUrlSetting] = sample.Url,
            ["AzureWebJobsStorage"] = storage,
        });
        sample.SendEventsTo(Of(app, ""));
        return app;
    }

    private static string Of(App app, string path) => app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) + path;

    private static async Task<(int Status, JsonElement Answer)> SimulateAsync(SampleServer sample, string body)
    {
        using var http = new HttpClient();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded"); // as curl -d says
        using var response = await http.PostAsync(sample.Url + "/simulate/message", content, Token);
        return ((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement);
    }
}
