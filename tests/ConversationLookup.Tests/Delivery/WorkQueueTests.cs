using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Queues.Models;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using ConversationLookup.Webhooks;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Tests.Delivery;

/// <summary>What every queue of this app does, whatever is on it.</summary>
public sealed class WorkQueueTests
{
    private const string Queue = StorageNames.Events;

    private const string Poison = Queue + AppStorage.PoisonSuffix;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The host deletes what returned, and counts what threw.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(AppStorage.MaxDequeueCount - 1, false)]
    [InlineData(AppStorage.MaxDequeueCount, true)]
    [InlineData(AppStorage.MaxDequeueCount + 1, true)]
    public async Task What_fails_in_a_way_nobody_thought_of_is_thrown_to_the_host_and_said_when_it_was_the_last_time(long dequeueCount, bool isPoison)
    {
        await using var core = await Core.StartAsync();
        using var poisoned = new MetricCollector(core, "conversation_lookup.poisoned");

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => core.Get<WorkQueue<WassistEvent>>().HandleAsync(
            WithCount(core.Event(), dequeueCount), (_, _) => throw new InvalidOperationException("nobody thought of it"), Token));

        Assert.Equal("nobody thought of it", thrown.Message);
        Assert.Equal(isPoison ? [$"queue={Queue}"] : [], poisoned.Measured);
        Assert.Equal(isPoison, core.Logs.Own.Any(line => line.EventId == 46 && line.Level == LogLevel.Error && line.Text.Contains("failed at every try", StringComparison.Ordinal)));
        Assert.Equal((0, 0), (await core.CountAsync(Queue), await core.CountAsync(Poison))); // the host moves it
    }

    [Fact]
    public async Task What_the_hosts_stop_cuts_off_is_no_poison()
    {
        await using var core = await Core.StartAsync();
        using var poisoned = new MetricCollector(core, "conversation_lookup.poisoned");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => core.Get<WorkQueue<WassistEvent>>().HandleAsync(
            WithCount(core.Event(), AppStorage.MaxDequeueCount),
            async (_, stopping) =>
            {
                await stop.CancelAsync();
                stopping.ThrowIfCancellationRequested();
                return Verdict.Done;
            },
            stop.Token));

        Assert.Empty(poisoned.Measured);
        Assert.DoesNotContain(core.Logs.Own, line => line.EventId == 46);
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 2)]
    public async Task What_is_put_back_counts_a_try_only_where_it_was_one(bool spendsTry, int tries)
    {
        await using var core = await Core.StartAsync();
        var wait = TimeSpan.FromMilliseconds(1);

        await core.Get<WorkQueue<WassistEvent>>().HandleAsync(
            core.Event(tries: 2), (_, _) => Task.FromResult(spendsTry ? Verdict.TryAgain(wait) : Verdict.NotYet(wait)), Token);

        Assert.Equal(0, await VisibleAsync(core)); // a queue cuts fractions of a second off, so they are rounded up
        Assert.Equal(tries, Core.EnvelopeOf(await core.TakeWhenItComesAsync(Queue)).Tries);
    }

    [Fact]
    public async Task What_is_put_back_says_whose_copy_it_is()
    {
        await using var core = await Core.StartAsync();

        await core.Get<WorkQueue<WassistEvent>>().HandleAsync(core.Event(), (item, _) =>
        {
            item.Predecessors = [item.Handling];
            return Task.FromResult(Verdict.NotYet(TimeSpan.Zero));
        }, Token);

        var again = Core.EnvelopeOf(await core.TakeWhenItComesAsync(Queue));
        Assert.Single(again.Predecessors!);
    }

    [Fact]
    public async Task What_a_handler_remembers_is_put_back_and_what_it_does_not_is_not()
    {
        await using var core = await Core.StartAsync();
        var queue = core.Get<WorkQueue<WassistEvent>>();

        await queue.HandleAsync(core.Event(), (item, _) =>
        {
            item.Change(item.Content with { Sent = ["a flow"] });
            return Task.FromResult(Verdict.NotYet(TimeSpan.Zero));
        }, Token);
        var remembered = await core.TakeWhenItComesAsync(Queue);
        IReadOnlyList<string> sent = [];
        await queue.HandleAsync(remembered, (item, _) =>
        {
            sent = item.Content.Sent;
            return Task.FromResult(Verdict.Done);
        }, Token);

        Assert.Equal(["a flow"], sent);
        Assert.Equal(0, await core.CountAsync(Queue));
    }

    /// <summary>47 KiB: with base64 and XML around it, just less than the 64 KiB that a queue takes.</summary>
    [Fact]
    public async Task The_largest_message_is_on_the_queue_whole_and_a_byte_more_is_parked()
    {
        await using var core = await Core.StartAsync();
        var queue = core.Get<WorkQueue<WassistEvent>>();
        var content = JsonSerializer.Deserialize(core.Event().Body.ToObjectFromJson<JsonObject>()!["content"], EventJson.Default.WassistEvent)!;
        await queue.SendAsync(content, Token);
        var small = Assert.Single(await core.TakeAllAsync(Queue)).Body.ToMemory().Length;
        var largest = content with { Sent = [new string('x', (47 * 1024) - small - 2)] }; // and its quotes

        await queue.SendAsync(largest, Token);
        Assert.Equal(47 * 1024, Assert.Single(await core.TakeAllAsync(Queue)).Body.ToMemory().Length);
        Assert.Equal(0, await core.CountParkedAsync());

        await queue.SendAsync(largest with { Sent = [largest.Sent[0] + "x"] }, Token);
        var message = Assert.Single(await core.TakeAllAsync(Queue));
        Assert.NotNull(Core.EnvelopeOf(message).Blob);
        Assert.Equal(1, await core.CountParkedAsync());

        var length = 0;
        await queue.HandleAsync(message, (item, _) =>
        {
            length = item.Content.Sent[0].Length;
            return Task.FromResult(Verdict.Done);
        }, Token);
        Assert.Equal((largest.Sent[0].Length + 1, 0), (length, await core.CountParkedAsync()));
    }

    private static QueueMessage WithCount(QueueMessage message, long dequeueCount) => Core.Message(message.Body.ToString(), dequeueCount);

    private static async Task<int> VisibleAsync(Core core) => await core.Storage.UseQueueAsync(
        Queue, async (queue, ended) => (await queue.PeekMessagesAsync(32, ended)).Value.Length, Token);
}
