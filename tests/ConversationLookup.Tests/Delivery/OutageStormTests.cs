using System.Collections.Concurrent;
using System.Diagnostics;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Delivery;

/// <summary>A storm while Wassist does not answer.</summary>
[Collection(Storm.Collection)]
public sealed class OutageStormTests(ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_are_taken_steadily_while_wassist_hangs()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Never;
        await using var flow = await CountingFlow.StartAsync(fails: false);
        await using var app = await App.StartWithStorageAsync(wassist, new Dictionary<string, string> { ["AzureWebJobsStorage"] = await Azurite.NewStormAccountAsync() });
        Assert.Equal(201, (await app.SubscribeAsync(new { callbackUrl = flow.Url })).Answer.StatusCode);
        await app.ReceiveAsync(new SignedEvent());

        var seconds = Storm.IsFull ? 30 : 2;
        var taken = new ConcurrentBag<double>();
        var sending = new List<Task>();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var sent = 0; sent < 200 * seconds; sent++)
        {
            sending.Add(SendAsync());
            await pace.WaitForNextTickAsync(Token);
        }

        await Task.WhenAll(sending);
        var sorted = taken.Order().ToList();
        output.WriteLine($"{sorted.Count} events at 200 a second: median {sorted[sorted.Count / 2]:F1} ms, p99 {sorted[(int)(sorted.Count * 0.99)]:F1} ms, longest {sorted[^1]:F1} ms");

        async Task SendAsync()
        {
            var started = Stopwatch.GetTimestamp();
            var status = 503; // what the storage of all storms leaves undone in its time, Wassist sends again
            for (var sent = 0; status == 503 && sent < 4; sent++)
                status = (await app.ReceiveAsync(new SignedEvent())).StatusCode;
            Assert.Equal(202, status);
            taken.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }
}
