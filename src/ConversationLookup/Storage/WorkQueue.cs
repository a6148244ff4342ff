using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Azure;
using Azure.Storage.Queues.Models;
using ConversationLookup.Problems;
using ConversationLookup.Telemetry;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Storage;

/// <summary>
/// One queue with its rules: large contents are parked in a blob, a content that must wait is put back with its delay, and what
/// cannot be handled is kept in the poison queue.
/// </summary>
/// <remarks>
/// Putting back sends a delayed copy before the original is deleted: a crash between the two repeats, and loses nothing. An
/// exception instead would make the Functions host count a failure for every flow that is briefly away, with one fixed delay.
/// </remarks>
/// <param name="shorten">The part of a content that always fits into a message, in case its blob is gone.</param>
public sealed class WorkQueue<T>(
    string name, JsonTypeInfo<T> typeInfo, Func<T, T> shorten, AppStorage storage, LookupMetrics metrics, ILogger<WorkQueue<T>> logger)
    where T : class
{
    /// <summary>
    /// A queue takes 64 KiB: https://learn.microsoft.com/azure/storage/queues/storage-queues-introduction. That is 48 KiB before base64, and
    /// Azurite counts the XML around it, too.
    /// </summary>
    private const int LargestMessage = 47 * 1024;

    private static readonly TimeSpan StorageWait = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Forever = TimeSpan.FromSeconds(-1);

    /// <summary>Puts a content onto the queue.</summary>
    /// <exception cref="ProblemException"><c>storage_unavailable</c>: it may be on the queue all the same.</exception>
    public async Task SendAsync(T content, CancellationToken cancellationToken)
    {
        using var span = Tracing.Send(name);
        var envelope = await PackAsync(new QueueEnvelope(0, null, TraceParent: Activity.Current?.Id), content, cancellationToken);
        await SendAsync(name, envelope, TimeSpan.Zero, Forever, cancellationToken);
    }

    /// <summary>Handles one message that the host took from the queue; returning means that the host may delete it.</summary>
    /// <param name="message">As the trigger binds it.</param>
    /// <param name="handle">What is to be done with its content.</param>
    /// <param name="cancellationToken">Ends when the host stops; the message is then handled again.</param>
    public async Task HandleAsync(QueueMessage message, Func<WorkItem<T>, CancellationToken, Task<Verdict>> handle, CancellationToken cancellationToken)
    {
        try
        {
            await OpenAsync(message, handle, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && message.DequeueCount >= AppStorage.MaxDequeueCount)
        {
            Poisoned("it failed at every try", exception);
            throw; // the host moves it
        }
    }

    private async Task OpenAsync(QueueMessage message, Func<WorkItem<T>, CancellationToken, Task<Verdict>> handle, CancellationToken cancellationToken)
    {
        var envelope = Unpack(message.Body);
        using var span = Tracing.Process(name, envelope?.TraceParent);
        span?.SetTag("conversation_lookup.try", envelope?.Tries + 1);
        if (envelope is null)
        {
            await PoisonAsync(message.Body, "it is not one of this app's", cancellationToken);
            return;
        }

        WorkItem<T>? item = null;
        Verdict verdict;
        try
        {
            if (await OpenAsync(envelope, cancellationToken) is not { } content)
            {
                await PoisonAsync(message.Body, "it is not one of this app's", cancellationToken);
                return;
            }

            item = new WorkItem<T>(content, envelope.Tries, message.MessageId, message.DequeueCount, envelope.Predecessors ?? []);
            verdict = await handle(item, cancellationToken);
        }
        catch (ProblemException exception) when (exception.Problem.Code == ProblemCodes.StorageUnavailable)
        {
            // That is waited for, and no message is poison for it.
            logger.WorkWaitsForStorage(name, exception.Problem.Cause);
            Activity.Current.SetOutcome(exception.Problem.Code, failed: true);
            verdict = Verdict.NotYet(StorageWait);
        }

        envelope = envelope with { Predecessors = item?.Predecessors ?? envelope.Predecessors };
        if (verdict.IsPoison)
            await PoisonAsync(Serialize(envelope with { Tries = 0 }), "its last try failed", cancellationToken); // whoever moves it back wants it tried from the start
        else if (verdict.Wait is { } wait)
            await PutBackAsync(envelope with { Tries = envelope.Tries + (verdict.SpendsTry ? 1 : 0) }, item, wait, cancellationToken);
        else if (envelope.Blob is { } blob)
            await ForgetAsync(blob, cancellationToken);
    }

    /// <summary>A failure here would count as one of the message, and five make it poison: so storage is waited for.</summary>
    private Task PutBackAsync(QueueEnvelope envelope, WorkItem<T>? item, TimeSpan wait, CancellationToken cancellationToken) => storage.InsistAsync(
        async cancellationToken =>
        {
            var packed = item is { IsChanged: true } ? await PackAsync(envelope, item.Content, cancellationToken) : envelope;
            await SendAsync(name, packed, TimeSpan.FromSeconds(Math.Ceiling(wait.TotalSeconds)), Forever, cancellationToken); // the queue cuts fractions off
        },
        cancellationToken);

    private async Task PoisonAsync(BinaryData body, string reason, CancellationToken cancellationToken)
    {
        await SendAsync(name + AppStorage.PoisonSuffix, body, TimeSpan.Zero, null, cancellationToken);
        Poisoned(reason, null);
    }

    private Task SendAsync(string queueName, QueueEnvelope envelope, TimeSpan wait, TimeSpan? timeToLive, CancellationToken cancellationToken) =>
        SendAsync(queueName, Serialize(envelope), wait, timeToLive, cancellationToken);

    private async Task SendAsync(string queueName, BinaryData body, TimeSpan wait, TimeSpan? timeToLive, CancellationToken cancellationToken) => await storage.UseQueueAsync(
        queueName,
        async (queue, cancellationToken) => await queue.SendMessageAsync(body, wait, timeToLive, cancellationToken),
        cancellationToken);

    /// <summary>Puts a content into an envelope; the whole of it into a blob if that is too much.</summary>
    private async Task<QueueEnvelope> PackAsync(QueueEnvelope envelope, T content, CancellationToken cancellationToken)
    {
        var whole = JsonSerializer.SerializeToElement(content, typeInfo);
        var packed = envelope with { Content = whole, Blob = null };
        if (Serialize(packed).ToMemory().Length <= LargestMessage)
            return packed;

        var blob = $"{name}/{Guid.NewGuid():N}.json";
        await storage.UseParkedAsync(
            async (container, cancellationToken) => await container.UploadBlobAsync(blob, new BinaryData(whole.GetRawText()), cancellationToken), cancellationToken);
        return envelope with { Content = JsonSerializer.SerializeToElement(shorten(content), typeInfo), Blob = blob };
    }

    /// <returns>Null for what is no content of this queue.</returns>
    private async Task<T?> OpenAsync(QueueEnvelope envelope, CancellationToken cancellationToken)
    {
        if (envelope.Blob is { } blob)
        {
            if (await FetchAsync(blob, cancellationToken) is { } whole)
                return Read(whole);
            metrics.ContentLost(name);
            logger.ContentLost(name);
        }

        return envelope.Content is { } content ? Read(new BinaryData(content.GetRawText())) : null;
    }

    private T? Read(BinaryData content)
    {
        try
        {
            return JsonSerializer.Deserialize(content, typeInfo);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static BinaryData Serialize(QueueEnvelope envelope) => new(JsonSerializer.SerializeToUtf8Bytes(envelope, QueueJson.Default.QueueEnvelope));

    private static QueueEnvelope? Unpack(BinaryData body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, QueueJson.Default.QueueEnvelope);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <returns>Null when there is no such blob.</returns>
    private Task<BinaryData?> FetchAsync(string blob, CancellationToken cancellationToken) => storage.UseParkedAsync(
        async (container, cancellationToken) =>
        {
            try
            {
                return (BinaryData?)(await container.GetBlobClient(blob).DownloadContentAsync(cancellationToken)).Value.Content;
            }
            catch (RequestFailedException exception) when (exception.ErrorCode == "BlobNotFound")
            {
                return null;
            }
        },
        cancellationToken);

    /// <summary>What is done is done: a blob that cannot be deleted now is purged in a week.</summary>
    private async Task ForgetAsync(string blob, CancellationToken cancellationToken)
    {
        try
        {
            await storage.UseParkedAsync(async (container, cancellationToken) => await container.DeleteBlobIfExistsAsync(blob, cancellationToken: cancellationToken), cancellationToken);
        }
        catch (ProblemException exception)
        {
            logger.ParkedContentStays(name, exception.Problem.Cause);
        }
    }

    private void Poisoned(string reason, Exception? exception)
    {
        metrics.Poisoned(name);
        logger.MessagePoisoned(name, reason, exception);
    }
}
