using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Support;

/// <summary>
/// Moves a clock on while the app works. Between two steps this process answers some requests of its own, which take longer the busier the
/// machine is, as the app's work does; after a pause of fixed length the clock of a busy machine would run away from the work.
/// </summary>
internal static class Pace
{
    private const int Requests = 4;

    /// <summary>What runs for the first time takes longer than what this answers over and over.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(5);

    private static readonly HttpClient Http = new();

    private static readonly Lazy<Task<string>> Server = new(async () => (await LocalServer.StartAsync(FakeWassist.Status(200))).Url);

    /// <param name="time">The app's clock.</param>
    /// <param name="work">What it works on; its failure is thrown.</param>
    /// <param name="step">By how much the clock moves at a time.</param>
    /// <param name="atMost">How far the clock moves altogether; the work has to end by then.</param>
    /// <param name="usesStorage">Whether the work needs Azurite, which may be busier than this process.</param>
    public static async Task PassAsync(FakeTimeProvider time, Task work, TimeSpan step, TimeSpan? atMost = null, bool usesStorage = false)
    {
        var end = atMost is { } longest ? time.GetUtcNow() + longest : DateTimeOffset.MaxValue;
        while (!work.IsCompleted)
        {
            if (time.GetUtcNow() + step <= end)
                time.Advance(step);
            await Task.WhenAny(work, BreatheAsync(usesStorage));
        }

        await work;
    }

    /// <summary>Waits for as long as this process, and Azurite, take to answer, and for a few milliseconds at least.</summary>
    public static async Task BreatheAsync(bool usesStorage = false)
    {
        var shortest = Task.Delay(Shortest, TestContext.Current.CancellationToken);
        var server = await Server.Value;
        for (var request = 0; request < Requests; request++)
            await AskAsync(server);
        if (usesStorage)
            await AskAsync(await SharedAzurite.UrlAsync());
        await shortest;
    }

    private static async Task AskAsync(string url)
    {
        using var answer = await Http.GetAsync(url, TestContext.Current.CancellationToken);
    }
}
