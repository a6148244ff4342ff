using Microsoft.Playwright;

namespace ConversationLookup.Tests.Support;

/// <summary>Debian's Chromium, without a window.</summary>
internal sealed class Browser(IPlaywright playwright, IBrowser browser) : IAsyncDisposable
{
    private const string Chromium = "/usr/bin/chromium";

    /// <summary>What the pages complained about.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>What the pages asked for beyond this machine.</summary>
    public List<string> Elsewhere { get; } = [];

    public static async Task<Browser> StartAsync()
    {
        Assert.SkipUnless(File.Exists(Chromium), $"There is no {Chromium}; on Debian: apt-get install chromium.");
        var playwright = await Playwright.CreateAsync();
        return new Browser(playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        }));
    }

    public async Task<IPage> OpenAsync(string url)
    {
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 1000, Height = 800 } });
        page.PageError += (_, error) => Errors.Add(error);
        page.Request += (_, request) =>
        {
            if (Uri.TryCreate(request.Url, UriKind.Absolute, out var asked) && asked.Scheme.StartsWith("http", StringComparison.Ordinal) && !asked.IsLoopback)
                Elsewhere.Add(request.Url);
        };
        await page.GotoAsync(url);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
