using System.Text.RegularExpressions;
using ConversationLookup.LocalHost.Inbox;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;
using Microsoft.Playwright;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>axe finds nothing on either page, on a phone or a desk, by day or by night.</summary>
public sealed partial class AccessibilityTests
{
    private static readonly string LongWord = new('x', 300);

    [Fact]
    public async Task Axe_finds_nothing_in_an_inbox_that_is_in_use_and_no_word_is_too_long_for_it()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAsync(sample.Url, new() { ["AzureWebJobsStorage"] = await Azurite.NewAccountAsync() });
        sample.SendEventsTo(Of(app, ""));
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(Of(app, "/inbox"));
        await Assertions.Expect(page.GetByText("Subscribed to every event.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Nothing yet.")).ToBeVisibleAsync();
        await AssertCleanOnEveryScreenAsync(page);

        await page.GetByText("Button, media, reply").ClickAsync();
        await page.GetByLabel("Message", new() { Exact = true }).FillAsync(LongWord);
        await page.GetByLabel("Button that the contact taps").FillAsync(LongWord);
        await page.GetByLabel("Addresses of media").FillAsync($"https://media.example/{LongWord}.jpg");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await page.GetByText("All that the flow receives").ClickAsync();
        await page.Locator(".answer > summary").ClickAsync();
        await page.GetByLabel("Text of the answer").FillAsync(LongWord);
        await page.GetByLabel("Button 1", new() { Exact = true }).FillAsync(LongWord);
        await page.GetByRole(AriaRole.Button, new() { Name = "Answer", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator(".answered")).ToHaveTextAsync(Said());

        await Assertions.Expect(page.GetByText("Nothing yet.")).ToBeHiddenAsync();
        await AssertCleanOnEveryScreenAsync(page);
    }

    [Fact]
    public async Task Axe_finds_nothing_in_an_inbox_that_says_what_it_needs()
    {
        Dictionary<string, string>[] needs =
        [
            new() { ["LocalHost:Key"] = "key" },
            new() { ["Subscriptions:AllowLocalCallbacks"] = "false", ["AzureWebJobsStorage"] = await Azurite.NewAccountAsync(), [InboxEndpoints.SampleUrlSetting] = "" },
            [],
        ];
        foreach (var settings in needs)
        {
            await using var app = await StartAsync("http://127.0.0.1:9", settings);
            await using var browser = await Browser.StartAsync();
            var page = await browser.OpenAsync(Of(app, "/inbox"));
            await Assertions.Expect(page.Locator("#status[data-state=problem]")).ToBeVisibleAsync();

            await AssertCleanOnEveryScreenAsync(page);
        }
    }

    /// <summary>One width at a time: with every route on it, the page is as much as a test can look at on a busy machine.</summary>
    [Theory]
    [InlineData(375)]
    [InlineData(1280)]
    public async Task Axe_finds_nothing_in_the_reference_from_top_to_bottom(int width)
    {
        await using var app = await StartAsync("http://127.0.0.1:9", new() { ["LocalHost:Key"] = "key" });
        await using var browser = await Browser.StartAsync(1280);
        var page = await browser.OpenAsync(Of(app, "/"));
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Conversation Lookup" })).ToBeVisibleAsync();

        // What is not on the screen yet has not been made yet.
        while (!await page.EvaluateAsync<bool>(
            "async () => { scrollBy(0, 600); await new Promise(requestIdleCallback); return scrollY + innerHeight >= document.documentElement.scrollHeight - 1; }"))
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Get health" })).ToBeVisibleAsync();
        await AssertCleanAsync(page, width);
    }

    private static async Task AssertCleanOnEveryScreenAsync(IPage page)
    {
        foreach (var width in (int[])[375, 1280])
            await AssertCleanAsync(page, width);
    }

    private static async Task AssertCleanAsync(IPage page, int width)
    {
        await page.SetViewportSizeAsync(width, 800);
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        foreach (var colours in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await page.EmulateMediaAsync(new() { ColorScheme = colours });
            await Axe.AssertCleanAsync(page);
        }
    }

    private static Task<SampleServer> StartSampleAsync() =>
        SampleServer.StartAsync(new SampleOptions { Url = "http://127.0.0.1:0" }, TimeProvider.System);

    private static Task<App> StartAsync(string sample, Dictionary<string, string> settings) => App.StartAsync(
        new Dictionary<string, string>
        {
            ["Wassist:BaseUrl"] = sample,
            ["Wassist:ApiKey"] = SampleServer.ApiKey,
            ["Wassist:WebhookSecret"] = SampleWebhook.Secret,
            ["Subscriptions:AllowLocalCallbacks"] = "true",
            [InboxEndpoints.SampleUrlSetting] = sample,
        }.Concat(settings).GroupBy(setting => setting.Key).ToDictionary(settings => settings.Key, settings => settings.Last().Value));

    /// <summary>Whatever the app answers, but for the moment before it does.</summary>
    [GeneratedRegex("^(?!Asking the app).+")]
    private static partial Regex Said();

    private static string Of(App app, string path) => app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) + path;
}
