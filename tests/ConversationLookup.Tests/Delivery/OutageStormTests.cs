using System.Collections.Concurrent;
using System.Diagnostics;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Delivery;

/// <summary>A storm while Wassist does not answer.</summary>
[Collection(Storm.Collection)]
public sealed class OutageStormTests(ITestOutputHelper output)
{
    [Fact(Timeout = Storm.Timeout)]
    public async Task Events_are_taken_steadily_while_wassist_hangs()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Never;
        await using var flow = await CountingFlow.StartAsync(fails: false);
        await using var app = await App.StartWithStorageAsync(wassist, new Dictionary<string, string> { ["AzureWebJobsStorage"] = await Azurite.NewStormAccountAsync() });
        await Storm.SubscribeAsync(app, flow.Url);
        await Storm.SendAsync(app, new SignedEvent());

        var seconds = Storm.IsFull ? 30 : 2;
        var taken = new ConcurrentBag<double>();
        var sending = new List<Task>();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var sent = 0; sent < 200 * seconds; sent++)
        {
            sending.Add(SendAsync());
            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        await Task.WhenAll(sending);
        var sorted = taken.Order().ToList();
        output.WriteLine($"{sorted.Count} events at 200 a second: median {sorted[sorted.Count / 2]:F1} ms, p99 {sorted[(int)(sorted.Count * 0.99)]:F1} ms, longest {sorted[^1]:F1} ms");

        async Task SendAsync()
        {
            var started = Stopwatch.GetTimestamp();
            await Storm.SendAsync(app, new SignedEvent());
            taken.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }
}
