using System.Net.Http.Json;
using System.Text.Json;
using ConversationLookup.LocalHost.Inbox;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;
using Microsoft.Playwright;

namespace ConversationLookup.Tests.Inbox;

/// <summary>From the inbox page a person answers a message as a flow would: through the app's own actions.</summary>
public sealed class AnsweringTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_received_message_is_answered_from_its_card_with_buttons_and_a_double_click_sends_once()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample);
        await using var browser = await Browser.StartAsync();
        var card = await OpenCardAsync(browser, app);

        await card.GetByLabel("Text of the answer").FillAsync("Which day suits you?");
        await card.GetByLabel("Button 1", new() { Exact = true }).FillAsync("Monday");
        await card.GetByLabel("Button 3", new() { Exact = true }).FillAsync("Friday");
        await Button(card, "Answer").DblClickAsync();

        await Assertions.Expect(card.Locator(".answered")).ToHaveTextAsync("Sent. Its status is: sent.");
        await Assertions.Expect(card.GetByLabel("Text of the answer")).ToHaveValueAsync("");
        var sent = Assert.Single(await SentAsync(sample));
        Assert.Equal((Bodies.Id, "Which day suits you?"), (sent.GetProperty("conversationId").GetString(), sent.GetProperty("text").GetString()));
        Assert.True(Guid.TryParse(sent.GetProperty("idempotencyKey").GetString(), out _));
        var last = (await app.GetAsync($"conversations/{Bodies.Id}/messages?limit=1")).IsMessagePage()["items"][0];
        Assert.Equal("Which day suits you?\n[Monday] [Friday]", last.GetProperty("text").GetString());
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task Each_press_has_a_key_of_its_own()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample);
        await using var browser = await Browser.StartAsync();
        var card = await OpenCardAsync(browser, app);

        foreach (var text in (string[])["Hello", "Hello"])
        {
            await card.GetByLabel("Text of the answer").FillAsync(text);
            await Button(card, "Answer").ClickAsync();
            await Assertions.Expect(card.GetByLabel("Text of the answer")).ToHaveValueAsync("");
        }

        Assert.Equal(2, (await SentAsync(sample)).Select(one => one.GetProperty("idempotencyKey").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task A_conversation_is_taken_over_and_handed_back_and_the_page_says_who_handles_it()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample);
        await using var browser = await Browser.StartAsync();
        var card = await OpenCardAsync(browser, app);

        await Button(card, "Take over").ClickAsync();
        await Assertions.Expect(card.Locator(".answered")).ToHaveTextAsync("Taken over. The conversation is handled by: human.");
        Assert.True((await app.LookUpAsync()).IsSummary()["isHumanTakeover"].GetBoolean());

        await Button(card, "Hand back").ClickAsync();
        await Assertions.Expect(card.Locator(".answered")).ToHaveTextAsync("Handed back. The conversation is handled by: agent.");
        Assert.False((await app.LookUpAsync()).IsSummary()["isHumanTakeover"].GetBoolean());
    }

    [Theory]
    [InlineData("all", "reply_window_closed")]
    [InlineData("", "action_not_allowed")]
    public async Task What_the_app_refuses_is_said_in_its_words_and_the_text_stays(string allowed, string code)
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, allowed);
        await using var browser = await Browser.StartAsync();
        var card = await OpenCardAsync(browser, app);
        using (var http = new HttpClient())
        using (await http.PostAsync($"{sample.Url}/simulate/message", new StringContent("""{"event":"subscription.service_window.closed"}"""), Token)) { }
        await card.GetByLabel("Text of the answer").FillAsync("Too late");

        var answer = await card.Page.RunAndWaitForResponseAsync(() => Button(card, "Answer").ClickAsync(), "**/messages");

        var problem = JsonDocument.Parse(await answer.TextAsync()).RootElement;
        Assert.Equal(code, problem.GetProperty("code").GetString());
        await Assertions.Expect(card.Locator(".answered")).ToHaveTextAsync(problem.GetProperty("detail").GetString()!);
        await Assertions.Expect(card.GetByLabel("Text of the answer")).ToHaveValueAsync("Too late");
        Assert.Empty(await SentAsync(sample));
    }

    [Fact]
    public async Task A_message_that_was_sent_although_its_answer_was_lost_is_said_to_be_sent()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample);
        await using var browser = await Browser.StartAsync();
        var card = await OpenCardAsync(browser, app);
        using (var http = new HttpClient())
        using (await http.PostAsync($"{sample.Url}/simulate/failure", new StringContent("""{"kind":"reset","accepts":true}"""), Token)) { }

        await card.GetByLabel("Text of the answer").FillAsync("Hello");
        await Button(card, "Answer").ClickAsync();

        await Assertions.Expect(card.Locator(".answered")).ToHaveTextAsync("Sent. Wassist’s answer was lost, but the message is in the conversation.", new() { Timeout = 30_000 });
        Assert.Single(await SentAsync(sample));
    }

    [Fact]
    public async Task It_answers_with_the_function_key_of_the_page()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, key: "key");
        await using var browser = await Browser.StartAsync();
        var card = await OpenCardAsync(browser, app, "?code=key");

        await card.GetByLabel("Text of the answer").FillAsync("Hello");
        await Button(card, "Answer").ClickAsync();

        await Assertions.Expect(card.Locator(".answered")).ToHaveTextAsync("Sent. Its status is: sent.");
    }

    private static Task<SampleServer> StartSampleAsync() =>
        SampleServer.StartAsync(new SampleOptions { Url = "http://127.0.0.1:0" }, TimeProvider.System);

    private static async Task<App> StartAppAsync(SampleServer sample, string allowed = "all", string key = "")
    {
        var app = await App.StartAsync(new Dictionary<string, string>
        {
            ["Wassist:BaseUrl"] = sample.Url,
            ["Wassist:ApiKey"] = SampleServer.ApiKey,
            ["Wassist:WebhookSecret"] = SampleWebhook.Secret,
            ["Subscriptions:AllowLocalCallbacks"] = "true",
            ["Lookup:CacheSeconds"] = "0",
            ["Actions:Allowed"] = allowed,
            ["LocalHost:Key"] = key,
            [InboxEndpoints.SampleUrlSetting] = sample.Url,
            ["AzureWebJobsStorage"] = await Azurite.NewAccountAsync(),
        });
        sample.SendEventsTo(Of(app, ""));
        return app;
    }

    /// <summary>The card of a message that has just been received, with its form open. Later ones come above it.</summary>
    private static async Task<ILocator> OpenCardAsync(Browser browser, App app, string query = "")
    {
        var page = await browser.OpenAsync(Of(app, $"/inbox{query}"));
        await Assertions.Expect(page.GetByText("Subscribed to every event.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        var card = page.Locator("#cards > li").Last;
        await card.Locator(".answer > summary").ClickAsync();
        return card;
    }

    private static ILocator Button(ILocator card, string name) => card.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static async Task<IReadOnlyList<JsonElement>> SentAsync(SampleServer sample)
    {
        using var http = new HttpClient();
        return (await http.GetFromJsonAsync<List<JsonElement>>($"{sample.Url}/simulate/sent", Token))!;
    }

    private static string Of(App app, string path) => app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) + path;
}
