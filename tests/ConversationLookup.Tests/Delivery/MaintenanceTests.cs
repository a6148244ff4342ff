using Azure.Data.Tables;
using ConversationLookup.Delivery;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Tests.Delivery;

/// <summary>What is done once a day.</summary>
public sealed class MaintenanceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Actions_are_forgotten_after_a_day()
    {
        await using var core = await Core.StartAsync();
        await core.Storage.UseTableAsync(StorageNames.Actions, (table, ended) => table.AddEntityAsync(new TableEntity("00", "an action"), ended), Token);

        core.Time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromMinutes(10));
        await core.Get<Maintenance>().RunAsync(Token);

        Assert.Equal(0, await core.Storage.Table(StorageNames.Actions).QueryAsync<TableEntity>(cancellationToken: Token).CountAsync(Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Poison_messages_that_nobody_moved_back_are_warned_of_whoever_put_them_there(int count)
    {
        await using var core = await Core.StartAsync();
        using var kept = new MetricCollector(core, "conversation_lookup.poison_messages");
        for (var message = 0; message < count; message++) // as the Functions host does when its worker died at every try
            await core.Storage.UseQueueAsync(StorageNames.Events + AppStorage.PoisonSuffix, (queue, ended) => queue.SendMessageAsync("kept", ended), Token);

        await core.Get<Maintenance>().RunAsync(Token);

        var warning = Assert.Single(core.Logs.Own, line => line.EventId == 50);
        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.StartsWith($"The poison queue of wassist-events holds {count} messages", warning.Text, StringComparison.Ordinal);
        Assert.Equal(["queue=wassist-events", "queue=flow-notifications"], kept.Measured); // also that there are none any more
    }

    [Fact]
    public async Task Old_records_and_parked_messages_are_purged_and_new_ones_are_not()
    {
        await using var core = await Core.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow);
        var handled = Enumerable.Range(0, 5).Select(_ => core.Event()).ToList();
        foreach (var message in handled)
            await core.FanOutAsync(message);
        await core.ReceiveAsync(new SignedEvent { Body = SignedEvent.MessageReceived(text: new string('x', 60_000)) });

        await core.Get<Maintenance>().RunAsync(Token);
        await core.FanOutAsync(handled[0]);
        await core.DeliverAllAsync();
        Assert.Equal(5, flow.Notifications.Count); // still known

        core.Time.Advance(TimeSpan.FromDays(8) - TimeSpan.FromMinutes(10));
        await core.Get<Maintenance>().RunAsync(Token);
        core.Time.Advance(TimeSpan.FromMinutes(20));
        await core.Get<Maintenance>().RunAsync(Token);

        Assert.Equal(
            ["Purged 0 delivery records and 0 stored messages", "Purged 0 delivery records and 0 stored messages", "Purged 10 delivery records and 1 stored messages"],
            core.Logs.Own.Where(line => line.EventId == 48).Select(line => string.Join(' ', line.Text.Split(' ').Take(8))));
        Assert.DoesNotContain(core.Logs.Own, line => line.EventId == 50);
    }
}
