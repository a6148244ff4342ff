using System.Net;
using System.Text.Json;
using ConversationLookup.LocalHost.Inbox;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;
using ConversationLookup.Wassist;
using ConversationLookup.Webhooks;
using Microsoft.Extensions.DependencyInjection;
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

        await page.GetByLabel("Contact", new() { Exact = true }).SelectOptionAsync(new SelectOptionValue { Label = "Zoë 🌍 محمد (Unicode and emoji)" });
        await page.GetByLabel("Message", new() { Exact = true }).FillAsync(Text);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();

        var card = Cards(page);
        await Assertions.Expect(card.Locator(".text")).ToHaveTextAsync(Text);
        await Assertions.Expect(card.Locator(".name")).ToHaveTextAsync("Zoë 🌍 محمد");
        await Assertions.Expect(card.Locator(".outcome")).ToHaveTextAsync("lookup: found");
        await Assertions.Expect(page.GetByText("The app accepted the event.", new() { Exact = true })).ToBeVisibleAsync();
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
        var told = await Cards(page).Locator("pre").TextContentAsync();

        using var again = await app.Http.PostAsync(Of(app, "/inbox/callback"), new StringContent(told!), Token);

        await Assertions.Expect(page.Locator(".again")).ToHaveTextAsync("told 2 times");
    }

    [Theory]
    [InlineData("<html>no notification</html>")]
    [InlineData("")]
    [InlineData("{")]
    public async Task A_callback_that_brings_no_JSON_is_refused_and_the_page_goes_on(string body)
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, storage: "");

        using var refused = await app.Http.PostAsync(Of(app, "/inbox/callback"), new StringContent(body), Token);
        using var taken = await app.Http.PostAsync(Of(app, "/inbox/callback"), new StringContent("""{"it": "is"}"""), Token);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Accepted), (refused.StatusCode, taken.StatusCode));
        var told = app.Services.GetRequiredService<InboxFeed>().ReadAsync(0, Token).Skip(1); // the first says that it is ready
        Assert.Equal("""{"it":"is"}""", (await told.FirstAsync(Token)).Data);
    }

    [Fact]
    public async Task Every_event_that_a_flow_may_be_told_about_can_be_made_to_happen_from_the_form()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, await Azurite.NewAccountAsync());
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(Of(app, "/inbox"));
        await Assertions.Expect(page.GetByLabel("Event", new() { Exact = true }).Locator("option")).ToHaveTextAsync([.. EventTypes.Choices.Select(choice => $"{choice.Title} ({choice.Id})")]);

        foreach (var (name, told) in EventTypes.ForFlows.Select((name, index) => (name, index + 1)))
        {
            await page.GetByLabel("Event", new() { Exact = true }).SelectOptionAsync(name);
            await Assertions.Expect(page.GetByLabel("Message", new() { Exact = true })).ToBeVisibleAsync(new() { Visible = EventTypes.Default.Contains(name) });
            await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
            await Assertions.Expect(Cards(page)).ToHaveCountAsync(told);
            await Assertions.Expect(Cards(page).First.Locator(".type")).ToHaveTextAsync(name);
        }
    }

    [Fact]
    public async Task A_tapped_button_media_and_a_reply_are_sent_from_the_form_and_shown_with_a_contact_who_has_no_number()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, await Azurite.NewAccountAsync());
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(Of(app, "/inbox"));

        await page.GetByLabel("Contact", new() { Exact = true }).SelectOptionAsync(new SelectOptionValue { Label = "Noor Haddad (no phone number, as WhatsApp lets a contact hide it)" });
        await page.GetByText("Button, media, reply").ClickAsync();
        await page.GetByLabel("Button that the contact taps").FillAsync("Change address");
        await page.GetByLabel("ID of the button").FillAsync("address");
        await page.GetByLabel("Addresses of media").FillAsync("https://media.example/door.jpg\nhttps://media.example/voice.mp3");
        await page.GetByLabel("Answers the last message of the business").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();

        await Assertions.Expect(Cards(page)).ToContainTextAsync("Noor HaddadUS.13491208655302741918");
        await Assertions.Expect(Cards(page)).ToContainTextAsync("Button: Change address (address)");
        await Assertions.Expect(Cards(page)).ToContainTextAsync("Answers message b9d0e2f5-6c17-4a38-8d4b-000000000000");
        await Assertions.Expect(Cards(page)).ToContainTextAsync("Media: https://media.example/door.jpg (image/jpeg), https://media.example/voice.mp3 (audio/mpeg)");
        PayloadContract.AssertNotification(JsonDocument.Parse(await Cards(page).Locator("pre").TextContentAsync() ?? "").RootElement);
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task Without_storage_the_page_says_which_setting_it_takes_and_that_the_app_refused_the_event()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, storage: "");
        await using var browser = await Browser.StartAsync();

        var page = await browser.OpenAsync(Of(app, "/inbox"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();

        await Assertions.Expect(page.GetByText("--AzureWebJobsStorage UseDevelopmentStorage=true")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("The app answered 503.")).ToBeVisibleAsync();
    }

    /// <summary>The browser would send a form that nobody listens to yet to the page itself, and the words would be gone.</summary>
    [Fact]
    public async Task The_form_shows_when_it_can_be_sent_and_not_before()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, await Azurite.NewAccountAsync());
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(Of(app, "/inbox"));
        var late = new TaskCompletionSource();
        await page.RouteAsync("**/simulate/conversations", async route =>
        {
            await late.Task;
            await route.ContinueAsync();
        });
        await page.ReloadAsync();

        await Assertions.Expect(page.GetByText("Subscribed to every event.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Send" })).ToBeHiddenAsync();
        late.SetResult();

        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The app accepted the event.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_event_that_the_app_accepted_is_not_promised_to_a_page_that_could_not_subscribe()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, await Azurite.NewAccountAsync(), allowLocalCallbacks: false);
        await using var browser = await Browser.StartAsync();

        var page = await browser.OpenAsync(Of(app, "/inbox"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();

        await Assertions.Expect(page.GetByText("This page is not subscribed.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("so that the event will not appear below.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task With_a_real_key_the_page_says_which_settings_it_takes_and_how_to_set_them()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, await Azurite.NewAccountAsync(), allowLocalCallbacks: false, hasSample: false);
        await using var browser = await Browser.StartAsync();

        var page = await browser.OpenAsync(Of(app, "/inbox"));

        await Assertions.Expect(page.GetByText("dotnet run --project src/ConversationLookup.LocalHost -- --Subscriptions:AllowLocalCallbacks true")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("dotnet user-secrets set Wassist:WebhookSecret")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Send" })).ToBeHiddenAsync();
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task Where_a_function_key_is_asked_for_the_page_has_a_box_for_it_and_keeps_it_for_the_tab()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, await Azurite.NewAccountAsync(), "key");
        await using var browser = await Browser.StartAsync();

        var page = await browser.OpenAsync(Of(app, "/inbox"));
        await Assertions.Expect(page.GetByText("The app needs a function key.")).ToBeVisibleAsync();
        await page.GetByLabel("Function key").FillAsync("wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use this key" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The app does not accept this function key.")).ToBeVisibleAsync();
        await page.GetByLabel("Function key").FillAsync("key");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use this key" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Subscribed to every event.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByLabel("Function key")).ToBeHiddenAsync();

        await page.ReloadAsync();
        await Assertions.Expect(page.GetByText("Subscribed to every event.")).ToBeVisibleAsync();
        var otherTab = await browser.OpenAsync(Of(app, "/inbox"));
        await Assertions.Expect(otherTab.GetByLabel("Function key")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_function_key_in_the_address_is_taken_out_of_it()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, await Azurite.NewAccountAsync(), "key");
        await using var browser = await Browser.StartAsync();

        var page = await browser.OpenAsync(Of(app, "/inbox?code=key"));

        await Assertions.Expect(page.GetByText("Subscribed to every event.")).ToBeVisibleAsync();
        Assert.Equal(Of(app, "/inbox"), page.Url);
    }

    [Fact]
    public async Task The_page_says_when_the_app_is_away_and_subscribes_again_when_it_is_back()
    {
        await using var sample = await StartSampleAsync();
        await using var browser = await Browser.StartAsync();
        var storage = await Azurite.NewAccountAsync();
        var app = await StartAppAsync(sample, storage);
        var page = await browser.OpenAsync(Of(app, "/inbox"));
        await Assertions.Expect(page.GetByText("Subscribed to every event.")).ToBeVisibleAsync();

        await app.DisposeAsync();
        await Assertions.Expect(page.GetByText("The app does not answer.")).ToBeVisibleAsync();

        await using var again = await StartAppAsync(sample, storage, urls: Of(app, ""));
        await Assertions.Expect(page.GetByText("Subscribed to every event.")).ToBeVisibleAsync(new() { Timeout = 60_000 }); // the browser's pauses grow
    }

    [Fact]
    public async Task The_pages_lead_to_each_other_and_have_an_icon()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, storage: "");
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(Of(app, "/inbox"));
        var icon = await page.Locator("link[rel=icon]").GetAttributeAsync("href");

        await page.GetByRole(AriaRole.Link, new() { Name = "All routes" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "flow inbox" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Flow inbox" })).ToBeVisibleAsync();
        using var answer = await app.Http.GetAsync(new Uri(Of(app, icon!)), Token);
        Assert.Equal((HttpStatusCode.OK, "image/svg+xml"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
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
    [InlineData("message.received", "Hello", true, null)]
    [InlineData("subscription.message.received", "Hello", true, Routing.Webhook)]
    [InlineData("subscription.activated", "", false, Routing.Webhook)]
    [InlineData("subscription.revoked", "", false, Routing.Agent)]
    [InlineData("test.ping", "Test event from the sample", true, null)]
    [InlineData("something.new", "", false, null)]
    public async Task The_sample_signs_its_events_as_wassist_does(string type, string text, bool hasMessage, Routing? routing)
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
        sample.SendEventsTo(app.Url);

        var (status, answer) = await SimulateAsync(sample, $$"""{"text":"Hello","event":"{{type}}"}""");

        Assert.Equal((200, 202), (status, answer.GetProperty("webhookStatus").GetInt32()));
        Assert.Equal("/api/webhooks/wassist", path);
        Assert.Equal(answer.GetProperty("deliveryId").GetString(), headers["X-Wassist-Delivery"]);
        Assert.Equal(type, headers["X-Wassist-Event"]);
        Assert.True(WebhookSignature.Parse(headers[WebhookSignature.Header], DateTimeOffset.UtcNow, out _)!.Matches(body, SampleWebhook.Secret));
        var (read, unknownShapes) = EventParser.Parse(body, null, DateTimeOffset.UtcNow, Guid.NewGuid());
        Assert.Empty(unknownShapes);
        Assert.Equal((type, hasMessage, routing), (read.Type, read.Message is not null, read.Routing));
        Assert.Equal(text, read.Message?.Text ?? "");
    }

    /// <summary>In Wassist's shape, which is what the app reads.</summary>
    [Fact]
    public async Task A_simulated_tap_with_media_and_a_reply_reads_as_one_of_wassists()
    {
        var body = Array.Empty<byte>();
        await using var app = await LocalServer.StartAsync(async context =>
        {
            using var buffer = new MemoryStream();
            await context.Request.Body.CopyToAsync(buffer);
            body = buffer.ToArray();
        });
        await using var sample = await StartSampleAsync();
        sample.SendEventsTo(app.Url);

        await SimulateAsync(sample, """
            {"event":"subscription.message.received","conversationId":"b9d0e2f5-6c17-4a38-8d4b-1e9f7a3c5cbb","buttonText":"Yes","buttonId":"yes",
             "media":[{"url":"https://media.example/a.jpg"},{"url":"https://media.example/b","type":"audio/ogg"}],"replyTo":"earlier"}
            """);

        var (read, unknownShapes) = EventParser.Parse(body, null, DateTimeOffset.UtcNow, Guid.NewGuid());
        Assert.Empty(unknownShapes);
        Assert.Equal((Routing.Webhook, "US.13491208655302741918", null), (read.Routing, read.ContactId, read.ContactPhoneNumber));
        var message = read.Message!;
        Assert.Equal(("Yes", "Yes", "yes", "earlier", true), (message.Text, message.ButtonText, message.ButtonId, message.ReplyTo, message.HasMedia));
        Assert.Equal([new("https://media.example/a.jpg", "image/jpeg"), new("https://media.example/b", "audio/ogg")], message.Media);
        Assert.Equal($"wamid.{Guid.Parse(message.Id!):N}", message.WaId, ignoreCase: true);
    }

    [Theory]
    [InlineData("subscription.activated", "webhook", false, 41_000, 41_230)]
    [InlineData("subscription.revoked", "agent", true, 41_000, 41_230)]
    [InlineData("subscription.service_window.expiring", "agent", true, 1, 3_600)]
    [InlineData("subscription.service_window.closed", "agent", true, 0, 0)]
    public async Task A_lookup_after_a_simulated_event_agrees_with_it(string type, string handledBy, bool hasAgent, int fewestSeconds, int mostSeconds)
    {
        await using var sample = await StartSampleAsync();
        sample.SendEventsTo("http://localhost:1");
        await using var app = await StartAppAsync(sample, storage: "");

        await SimulateAsync(sample, $$"""{"event":"{{type}}"}""");
        var summary = (await app.LookUpAsync(sample.Conversations[0].Id)).IsSummary();

        Assert.Equal((handledBy, hasAgent), (summary["handledBy"].GetString(), summary["hasAgent"].GetBoolean()));
        Assert.InRange(summary["replyWindowSecondsLeft"].GetInt32(), fewestSeconds, mostSeconds);
    }

    [Theory]
    [InlineData("""{"media":[{"url":"https://media.example/a.jpg"}]}""", "unified", "", "https://media.example/a.jpg")]
    [InlineData("""{"buttonText":"Yes","buttonId":"yes","replyTo":"earlier"}""", "quick_reply", "Yes", "")]
    public async Task The_conversation_has_what_was_simulated(string simulated, string type, string text, string mediaUrl)
    {
        await using var sample = await StartSampleAsync();
        sample.SendEventsTo("http://localhost:1");
        await using var app = await StartAppAsync(sample, storage: "");

        await SimulateAsync(sample, simulated);

        var last = (await app.GetAsync($"conversations/{sample.Conversations[0].Id}/messages?limit=1")).IsMessagePage()["items"][0];
        Assert.Equal((type, text, mediaUrl), (last.GetProperty("type").GetString(), last.GetProperty("text").GetString(), last.GetProperty("mediaUrl").GetString()));
        var summary = (await app.LookUpAsync(sample.Conversations[0].Id)).IsSummary();
        Assert.Equal((type, text), (summary["lastMessageType"].GetString(), summary["lastMessageText"].GetString()));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"txt":"Hello"}""")]
    [InlineData("""{"text":null,"media":null}""")]
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

    private static ILocator Cards(IPage page) => page.Locator("#cards > li");

    private static async Task<App> StartAppAsync(
        SampleServer sample, string storage, string key = "", bool allowLocalCallbacks = true, bool hasSample = true, string urls = "http://127.0.0.1:0")
    {
        var app = await App.StartAsync(new Dictionary<string, string>
        {
            ["urls"] = urls,
            ["Wassist:BaseUrl"] = sample.Url,
            ["Wassist:ApiKey"] = SampleServer.ApiKey,
            ["Wassist:WebhookSecret"] = SampleWebhook.Secret,
            ["Subscriptions:AllowLocalCallbacks"] = $"{allowLocalCallbacks}",
            ["LocalHost:Key"] = key,
            [InboxEndpoints.SampleUrlSetting] = hasSample ? sample.Url : "",
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
