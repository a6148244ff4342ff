using ConversationLookup.Tests.Delivery;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Functions;

/// <summary>The worker's process is killed in the middle of a storm: what flows notice of it.</summary>
[Collection(Storm.Collection)]
public sealed class WorkerStormTests(ITestOutputHelper output)
{
    private const int Events = 300;

    [Fact(Timeout = Storm.Timeout)]
    public async Task A_worker_killed_in_the_middle_of_a_storm_loses_no_event_for_any_flow()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var first = await FakeFlow.StartAsync();
        await using var second = await FakeFlow.StartAsync();
        await using var app = await WorkerApp.StartAsync(wassist, new Dictionary<string, string> { ["AzureWebJobsStorage"] = await Azurite.NewStormAccountAsync() });
        await app.SubscribeAsync(first);
        await app.SubscribeAsync(second);
        var killed = app.Host.WorkerProcessId;
        var (refused, ids) = (0, Storm.Deliveries(Events));

        var sending = Storm.SendAllAsync(ids, 4, () => Math.Min(first.Notifications.Count, second.Notifications.Count), async id =>
        {
            var received = new SignedEvent { DeliveryId = id, Body = SignedEvent.MessageReceived($"7c1e4b52-3f0a-4d7e-9b6f-{id[^12..]}") };
            while (await app.ReceiveAsync(received) != 202) // as Wassist sends again what a server failed to take
            {
                Interlocked.Increment(ref refused);
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }, TestContext.Current.CancellationToken);
        await first.ReceivesAsync(Events / 4);
        app.Host.KillWorker();
        await sending;
        foreach (var flow in (FakeFlow[])[first, second])
            await Eventually.IsSoAsync(() => !ids.Except(flow.DeliveryIds).Any(), TimeSpan.FromMilliseconds(50));

        Assert.NotEqual(killed, app.Host.WorkerProcessId);
        output.WriteLine($"{Events} events for 2 flows, all told; {first.Notifications.Count + second.Notifications.Count - (2 * Events)} told again, {refused} webhooks sent again.");
    }
}
