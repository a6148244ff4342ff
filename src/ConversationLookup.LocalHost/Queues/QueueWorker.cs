using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using ConversationLookup.Problems;
using ConversationLookup.Storage;

namespace ConversationLookup.LocalHost.Queues;

/// <summary>
/// Does for one queue what the Functions host's queue trigger does, with the settings of <c>host.json</c>: takes messages, calls the
/// handler, deletes what it handled, lets what failed come back, and moves what failed five times to the poison queue.
/// </summary>
/// <remarks>https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue#host-json</remarks>
public sealed class QueueWorker(
    string name, Func<QueueMessage, CancellationToken, Task> handle, AppStorage storage, TimeProvider time, ILogger<QueueWorker> logger) : BackgroundService
{
    /// <summary><c>extensions.queues.batchSize</c>.</summary>
    public const int BatchSize = 16;

    /// <summary><c>extensions.queues.newBatchThreshold</c>: more are taken unless more than these are under way.</summary>
    public const int NewBatchThreshold = 32;

    /// <summary><c>extensions.queues.visibilityTimeout</c>: when a message that failed comes back.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);

    /// <summary>When a message comes back whose worker was killed; longer than any handler takes.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);

    /// <summary><c>extensions.queues.maxPollingInterval</c>.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!storage.IsConfigured)
            return;

        var underWay = new List<Task>();
        var pause = ShortestPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            underWay.RemoveAll(work => work.IsCompleted);
            if (underWay.Count > NewBatchThreshold)
            {
                await Task.WhenAny(underWay);
                continue;
            }

            var messages = await TakeAsync(stoppingToken);
            underWay.AddRange(messages.Select(message => HandleAsync(message, stoppingToken)));
            pause = messages.Length > 0 ? ShortestPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
            if (messages.Length == 0)
                await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(underWay);
    }

    private async Task<QueueMessage[]> TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await storage.TakeAsync(name, BatchSize, Lease, cancellationToken);
        }
        catch (Exception exception) when (exception is ProblemException or OperationCanceledException)
        {
            return []; // health says that storage is away
        }
    }

    private async Task HandleAsync(QueueMessage message, CancellationToken cancellationToken)
    {
        try
        {
            if (await TryAsync(message, cancellationToken) is not { } handled)
                await ReturnAsync(message, TimeSpan.Zero);
            else if (handled)
                await UseAsync((queue, cancellationToken) => queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancellationToken));
            else if (message.DequeueCount >= AppStorage.MaxDequeueCount)
                await PoisonAsync(message);
            else
                await ReturnAsync(message, RetryAfter);
        }
        catch (ProblemException exception)
        {
            logger.MessageComesBack(name, Lease.TotalMinutes, exception.Problem.Cause);
        }
    }

    /// <returns>Whether it was handled; null when the host's stop cut it off.</returns>
    private async Task<bool?> TryAsync(QueueMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await handle(message, cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
#pragma warning disable CA1031 // As in the Functions host, every exception means that the message failed.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            logger.HandlerFailed(name, message.DequeueCount, exception);
            return false;
        }
    }

    private Task ReturnAsync(QueueMessage message, TimeSpan wait) => UseAsync((queue, cancellationToken) =>
        queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: wait, cancellationToken: cancellationToken));

    private async Task PoisonAsync(QueueMessage message)
    {
        await storage.UseQueueAsync(
            name + AppStorage.PoisonSuffix, (queue, cancellationToken) => queue.SendMessageAsync(message.Body, cancellationToken: cancellationToken), CancellationToken.None);
        await UseAsync((queue, cancellationToken) => queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancellationToken));
    }

    /// <summary>What is done is recorded also while the host stops.</summary>
    private async Task UseAsync<T>(Func<QueueClient, CancellationToken, Task<T>> use) => await storage.UseQueueAsync(name, use, CancellationToken.None);
}
