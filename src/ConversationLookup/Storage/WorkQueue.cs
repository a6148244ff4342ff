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
public sealed class WorkQueue<T>(string name, JsonTypeInfo<T> typeInfo, AppStorage storage, LookupMetrics metrics, ILogger<WorkQueue<T>> logger)
{
    /// <summary>64 KiB on the wire, before base64: https://learn.microsoft.com/azure/storage/queues/storage-queues-introduction</summary>
    private const int LargestMessage = 48 * 1024;

    private static readonly TimeSpan StorageWait = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Forever = TimeSpan.FromSeconds(-1);

    /// <summary>Puts a content onto the queue.</summary>
    /// <exception cref="ProblemException"><c>storage_unavailable</c>.</exception>
    public async Task SendAsync(T content, CancellationToken cancellationToken)
    {
        using var span = Tracing.Send(name);
        var element = JsonSerializer.SerializeToElement(content, typeInfo);
        var body = Pack(new QueueEnvelope(0, element, null, Activity.Current?.Id));
        if (body.ToMemory().Length > LargestMessage)
        {
            var blob = $"{name}/{Guid.NewGuid():N}.json";
            await storage.UseParkedAsync(
                async (container, cancellationToken) => await container.UploadBlobAsync(blob, new BinaryData(element.GetRawText()), cancellationToken), cancellationToken);
            body = Pack(new QueueEnvelope(0, null, blob, Activity.Current?.Id));
        }

        await SendAsync(name, body, TimeSpan.Zero, Forever, cancellationToken);
    }

    /// <summary>Handles one message that the host took from the queue; returning means that the host may delete it.</summary>
    /// <param name="message">As the trigger binds it.</param>
    /// <param name="handle">Given the content and how often it was put back.</param>
    /// <param name="cancellationToken">Ends when the host stops; the message is then handled again.</param>
    public async Task HandleAsync(QueueMessage message, Func<T, int, CancellationToken, Task<Verdict>> handle, CancellationToken cancellationToken)
    {
        try
        {
            await OpenAsync(message, handle, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException && message.DequeueCount >= AppStorage.MaxDequeueCount)
        {
            Poisoned("it failed at every try", exception);
            throw; // the host moves it
        }
    }

    private async Task OpenAsync(QueueMessage message, Func<T, int, CancellationToken, Task<Verdict>> handle, CancellationToken cancellationToken)
    {
        var envelope = Unpack(message.Body);
        using var span = Tracing.Process(name, envelope?.TraceParent);
        var packed = envelope?.Blob is { } parked ? await FetchAsync(parked, cancellationToken) : Content(envelope);
        if (packed is null)
            return; // its blob goes last: another copy of this message was handled to the end
        if (envelope is null || Open(packed) is not { } content)
        {
            await SendAsync(name + AppStorage.PoisonSuffix, message.Body, TimeSpan.Zero, null, cancellationToken);
            Poisoned("it is not one of this app's", null);
            return;
        }

        var verdict = await TryAsync(content, envelope.Tries, handle, cancellationToken);
        span?.SetTag("conversation_lookup.try", envelope.Tries + 1);
        if (verdict is null)
        {
            await SendAsync(name, Pack(envelope), StorageWait, Forever, cancellationToken); // no try of the message's own
        }
        else if (verdict.IsPoison)
        {
            // Whoever moves it back wants it tried from the start.
            await SendAsync(name + AppStorage.PoisonSuffix, Pack(envelope with { Tries = 0 }), TimeSpan.Zero, null, cancellationToken);
            Poisoned("its last try failed", null);
        }
        else if (verdict.RetryAfter is { } wait)
        {
            await SendAsync(name, Pack(envelope with { Tries = envelope.Tries + 1 }), wait, Forever, cancellationToken);
        }
        else if (envelope.Blob is { } blob)
        {
            await storage.UseParkedAsync(async (container, cancellationToken) => await container.DeleteBlobIfExistsAsync(blob, cancellationToken: cancellationToken), cancellationToken);
        }
    }

    /// <returns>Null when storage is away: that is waited for, and no message is poison for it.</returns>
    private async Task<Verdict?> TryAsync(T content, int tries, Func<T, int, CancellationToken, Task<Verdict>> handle, CancellationToken cancellationToken)
    {
        try
        {
            return await handle(content, tries, cancellationToken);
        }
        catch (ProblemException exception) when (exception.Problem.Code == ProblemCodes.StorageUnavailable)
        {
            logger.WorkWaitsForStorage(name, exception.Problem.Cause);
            Activity.Current.SetOutcome(exception.Problem.Code, failed: true);
            return null;
        }
    }

    private async Task SendAsync(string queueName, BinaryData body, TimeSpan wait, TimeSpan? timeToLive, CancellationToken cancellationToken) => await storage.UseQueueAsync(
        queueName,
        async (queue, cancellationToken) => await queue.SendMessageAsync(body, wait, timeToLive, cancellationToken),
        cancellationToken);

    private static BinaryData Pack(QueueEnvelope envelope) => new(JsonSerializer.SerializeToUtf8Bytes(envelope, QueueJson.Default.QueueEnvelope));

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

    private static BinaryData Content(QueueEnvelope? envelope) => new(envelope?.Content?.GetRawText() ?? "");

    private T? Open(BinaryData packed)
    {
        try
        {
            return JsonSerializer.Deserialize(packed, typeInfo);
        }
        catch (JsonException)
        {
            return default;
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

    private void Poisoned(string reason, Exception? exception)
    {
        metrics.Poisoned(name);
        logger.MessagePoisoned(name, reason, exception);
    }
}
