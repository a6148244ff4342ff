using System.Collections.Concurrent;
using System.Globalization;
using Azure.Storage.Queues.Models;
using ConversationLookup.LocalHost.Queues;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>The local host's worker does with a message what the Functions host's queue trigger does.</summary>
public sealed class QueueWorkerTests
{
    private const string Queue = StorageNames.Events;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_handled_is_deleted()
    {
        await using var core = await Core.StartAsync();
        await SendAsync(core);
        var handled = new TaskCompletionSource<string>();

        await RunAsync(core, (message, _) => Task.FromResult(handled.TrySetResult(message.Body.ToString())), handled.Task);

        Assert.Equal("a message", await handled.Task);
        Assert.Equal((0, 0), (await core.CountAsync(Queue), await core.CountAsync(Queue + AppStorage.PoisonSuffix)));
    }

    [Fact]
    public async Task What_failed_comes_back_later()
    {
        await using var core = await Core.StartAsync();
        await SendAsync(core);
        var failed = new TaskCompletionSource();

        await RunAsync(core, (_, _) => Fail(failed), failed.Task);

        Assert.Equal((1, 0), (await core.CountAsync(Queue), await core.CountAsync(Queue + AppStorage.PoisonSuffix)));
        Assert.Empty(await core.TakeAllAsync(Queue));
        Assert.Single(core.Logs.Own, line => line.EventId == 60 && line.Text.StartsWith($"Handling a message of the queue {Queue} failed at try 1.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_storage_does_not_let_go_of_comes_back_after_its_lease_and_the_log_says_so()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        await SendAsync(core);
        var handled = new TaskCompletionSource();
        storage.Refuses = request => request.Method == "DELETE";

        await core.WhileTimePassesAsync(RunAsync(core, (_, _) => Task.FromResult(handled.TrySetResult()), handled.Task));

        Assert.Single(core.Logs.Own, line => line.EventId == 61 && line.Text.StartsWith($"What became of a message of the queue {Queue} could not be recorded: ", StringComparison.Ordinal));
        Assert.Equal(1, await core.CountAsync(Queue));
    }

    [Fact]
    public async Task What_failed_five_times_is_kept_in_the_poison_queue()
    {
        await using var core = await Core.StartAsync();
        await SendAsync(core);
        for (var dequeued = 1; dequeued < AppStorage.MaxDequeueCount; dequeued++)
        {
            await core.Storage.UseQueueAsync(
                Queue,
                async (queue, ended) =>
                {
                    var message = (await queue.ReceiveMessageAsync(cancellationToken: ended)).Value;
                    return await queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero, cancellationToken: ended);
                },
                Token);
        }

        var failed = new TaskCompletionSource();
        await RunAsync(core, (_, _) => Fail(failed), failed.Task);

        Assert.Equal(0, await core.CountAsync(Queue));
        Assert.Equal("a message", Assert.Single(await core.TakeAllAsync(Queue + AppStorage.PoisonSuffix)).Body.ToString());
    }

    [Fact]
    public async Task What_is_under_way_when_the_host_stops_is_there_for_the_next_at_once()
    {
        await using var core = await Core.StartAsync();
        await SendAsync(core);
        var begun = new TaskCompletionSource();

        await RunAsync(
            core,
            async (_, stopping) =>
            {
                begun.TrySetResult();
                await Task.Delay(Timeout.Infinite, stopping);
            },
            begun.Task);

        Assert.Single(await core.TakeAllAsync(Queue));
    }

    [Fact]
    public async Task What_storage_hands_over_late_is_handled_and_not_hidden_until_its_lease_ends()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        await SendAsync(core);
        var (taken, late, handled) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        storage.Holds = request =>
        {
            if (request.Method != "GET" || !request.Path.Value!.EndsWith($"/{Queue}/messages", StringComparison.Ordinal))
                return Task.CompletedTask;
            taken.TrySetResult();
            return late.Task;
        };

        var run = RunAsync(core, (_, _) => Task.FromResult(handled.TrySetResult()), handled.Task);
        await taken.Task.WaitAsync(Token);
        core.Time.Advance(TimeSpan.FromSeconds(60));
        late.SetResult();
        await run;

        Assert.Equal(0, await core.CountAsync(Queue));
    }

    [Fact]
    public async Task An_empty_queue_is_asked_less_and_less_often_until_something_comes()
    {
        await using var core = await Core.StartAsync();
        var (time, handled) = (new HurriedTime(), new TaskCompletionSource());
        using var worker = new QueueWorker(Queue, (_, _) => Task.FromResult(handled.TrySetResult()), core.Storage, time, core.Get<ILogger<QueueWorker>>());
        await worker.StartAsync(Token);

        await time.PausesAsync(5);
        await SendAsync(core);
        await handled.Task.WaitAsync(Token);
        var before = time.Pauses.Count;
        await time.PausesAsync(before + 2);
        await worker.StopAsync(Token);

        Assert.Equal([200, 400, 800, 1000, 1000], time.Pauses.Take(5).Select(pause => pause.TotalMilliseconds));
        Assert.Contains(200, time.Pauses.Skip(5).Select(pause => pause.TotalMilliseconds));
    }

    /// <summary>As the Functions host does: 16 at once, and more while no more than 32 are under way.</summary>
    [Fact]
    public async Task No_more_than_48_messages_are_under_way()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        for (var message = 0; message < 50; message++)
            await SendAsync(core);
        var (underWay, begun, all, go, handled) = (0, new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource(), 0);

        var run = RunAsync(
            core,
            async (_, _) =>
            {
                if (Interlocked.Increment(ref underWay) == 48)
                    begun.SetResult();
                await go.Task;
                if (Interlocked.Increment(ref handled) == 50)
                    all.SetResult();
            },
            all.Task);
        await begun.Task.WaitAsync(Token);
        Assert.Equal(50, await core.CountAsync(Queue));
        Assert.Equal(48, underWay);
        Assert.Equal([16, 16, 16], storage.Requests.Where(request => request.Method == "GET" && request.Query.Contains("numofmessages", StringComparison.Ordinal))
            .Select(request => int.Parse(QueryHelpers.ParseQuery(request.Query)["numofmessages"]!, CultureInfo.InvariantCulture)));
        go.SetResult();
        await run;

        Assert.Equal(0, await core.CountAsync(Queue));
    }

    private static Task Fail(TaskCompletionSource failed)
    {
        failed.TrySetResult();
        return Task.FromException(new InvalidOperationException("the handler failed"));
    }

    private static async Task SendAsync(Core core) => await core.Storage.UseQueueAsync(Queue, (queue, ended) => queue.SendMessageAsync("a message", ended), Token);

    /// <summary>Runs a worker until something happened, and lets it end what it does.</summary>
    private static async Task RunAsync(Core core, Func<QueueMessage, CancellationToken, Task> handle, Task happened)
    {
        using var worker = new QueueWorker(Queue, handle, core.Storage, TimeProvider.System, core.Get<ILogger<QueueWorker>>());
        await worker.StartAsync(Token);
        await happened.WaitAsync(Token);
        await worker.StopAsync(Token);
    }

    /// <summary>Every pause is noted and over at once.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        public ConcurrentQueue<TimeSpan> Pauses { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Pauses.Enqueue(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }

        public Task PausesAsync(int count) => Eventually.IsSoAsync(() => Pauses.Count >= count);
    }
}
