using System.Diagnostics;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Tests.Delivery;

/// <summary>A storm in which calls fail everywhere.</summary>
[Collection(Storm.Collection)]
public sealed class FaultStormTests(ITestOutputHelper output)
{
    [Fact(Timeout = Storm.Timeout)]
    public async Task With_one_call_in_twenty_failing_everywhere_every_flow_is_told_of_every_event()
    {
        await using var wassist = await FakeWassist.StartAsync();
        var (call, sentAgain) = (0, 0);
        wassist.Answer = context => Storm.FailsAt(Interlocked.Increment(ref call), 0) ? FakeWassist.Status(500)(context) : FakeWassist.Json(id => Bodies.Live(id))(context);
        await using var first = await CountingFlow.StartAsync(fails: true);
        await using var second = await CountingFlow.StartAsync(fails: true);
        await using var app = await App.StartWithStorageAsync(wassist, new Dictionary<string, string> { ["AzureWebJobsStorage"] = await Azurite.NewStormAccountAsync() });
        foreach (var flow in (CountingFlow[])[first, second])
            await Storm.SubscribeAsync(app, flow.Url);
        var started = Stopwatch.GetTimestamp();

        var ids = Storm.Deliveries(Storm.Events);
        await Storm.SendAllAsync(ids, 8, () => Math.Min(first.Accepted.Count, second.Accepted.Count), async id =>
        {
            var conversation = $"7c1e4b52-3f0a-4d7e-9b6f-{Convert.ToInt32(id[^4..], 16) % 997:x12}";
            Interlocked.Add(ref sentAgain, await Storm.SendAsync(app, new SignedEvent { DeliveryId = id, Body = SignedEvent.MessageReceived(conversation) }));
        }, TestContext.Current.CancellationToken);
        var taken = Stopwatch.GetElapsedTime(started);
        await Task.WhenAll(first.ToldAsync(ids), second.ToldAsync(ids));

        var pairs = 2 * Storm.Events;
        var repeats = first.Accepted.Values.Concat(second.Accepted.Values).Sum() - pairs;
        output.WriteLine($"{Storm.Events} events taken in {taken.TotalSeconds:F1} s ({sentAgain} sent again after 503), {pairs} notifications told after {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");
        output.WriteLine($"{wassist.Requests.Count} upstream calls, {first.Refused + second.Refused} callbacks refused, {repeats} repeats ({100.0 * repeats / pairs:F3}%)");
        Assert.True(repeats < pairs / 100.0, $"{repeats} repeats");
        foreach (var queue in StorageNames.Queues)
            Assert.Equal(0, await CountAsync(app, queue + AppStorage.PoisonSuffix));
    }

    private static async Task<long> CountAsync(App app, string queue) => await app.Services.GetRequiredService<AppStorage>().UseQueueAsync(
        queue, async (client, ended) => (await client.GetPropertiesAsync(ended)).Value.ApproximateMessagesCountLong, TestContext.Current.CancellationToken);
}
