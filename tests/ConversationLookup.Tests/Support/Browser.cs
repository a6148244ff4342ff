using ConversationLookup.Tests.Support;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(SharedBrowser))]

namespace ConversationLookup.Tests.Support;

/// <summary>A visit in Debian's Chromium, without a window, that shares nothing with another: cookies, storage and cache are its own.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly IBrowserContext _context;

    private Browser(IBrowserContext context) => _context = context;

    /// <summary>What the pages complained about.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>What the pages asked for beyond this machine.</summary>
    public List<string> Elsewhere { get; } = [];

    public static async Task<Browser> StartAsync(int width = 1000, ColorScheme colours = ColorScheme.Light) => new(
        await (await SharedBrowser.GetAsync()).NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 800 }, ColorScheme = colours }));

    public async Task<IPage> OpenAsync(string url)
    {
        var page = await _context.NewPageAsync();
        page.SetDefaultTimeout(60_000);
        page.PageError += (_, error) => Errors.Add(error);
        page.Request += (_, request) =>
        {
            if (Uri.TryCreate(request.Url, UriKind.Absolute, out var asked) && asked.Scheme.StartsWith("http", StringComparison.Ordinal) && !asked.IsLoopback)
                Elsewhere.Add(request.Url);
        };
        await page.GotoAsync(url);
        return page;
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();
}

/// <summary>The Chromium of the whole test run: started by the first test that needs it, stopped after the last.</summary>
public sealed class SharedBrowser : IAsyncDisposable
{
    private const string Chromium = "/usr/bin/chromium";

    private static readonly Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>> Shared = new(StartAsync);

    internal static async Task<IBrowser> GetAsync()
    {
        Programs.RequireOrSkip(Path.GetFileName(Chromium), "chromium");
        return (await Shared.Value.WaitAsync(TestContext.Current.CancellationToken)).Browser;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!Shared.IsValueCreated || await Task.WhenAny(Shared.Value) is not { IsCompletedSuccessfully: true })
            return; // why it did not start, every test that needs it has said
        var (playwright, browser) = await Shared.Value;
        await browser.DisposeAsync();
        playwright.Dispose();
    }

    private static async Task<(IPlaywright Playwright, IBrowser Browser)> StartAsync()
    {
        Assertions.SetDefaultExpectTimeout(60_000); // on a busy machine a page takes its time
        var playwright = await Playwright.CreateAsync();
        return (playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        }));
    }
}
