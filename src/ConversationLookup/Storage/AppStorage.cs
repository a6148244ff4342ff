using Azure;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using ConversationLookup.Problems;
using ConversationLookup.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Storage;

/// <summary>
/// The storage account: two queues with their poison queues, three tables, one blob container. They are made when first needed, and
/// again should somebody delete them. Every failure is a <see cref="ProblemException"/> with <c>storage_unavailable</c>.
/// </summary>
public sealed class AppStorage
{
    /// <summary>The encoding of every message; <c>host.json</c> must say the same.</summary>
    public const QueueMessageEncoding MessageEncoding = QueueMessageEncoding.Base64;

    /// <summary>Not the newest version of the service, nor is that of the blobs: Azurite refuses those it does not know yet.</summary>
    public const QueueClientOptions.ServiceVersion QueueVersion = QueueClientOptions.ServiceVersion.V2025_11_05;

    /// <summary>
    /// How often the host lets a handler throw for one message before it moves it to the poison queue; <c>host.json</c> must say the
    /// same.
    /// </summary>
    public const int MaxDequeueCount = 5;

    /// <summary>What the Functions host appends to a queue's name for the messages that cannot be handled.</summary>
    public const string PoisonSuffix = "-poison";

    /// <summary>All tries of one use together: a sender of webhooks waits 10 s for its answer.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(8);

    /// <summary>The Azure SDK's own time for one request.</summary>
    private static readonly TimeSpan TakeTimeout = TimeSpan.FromSeconds(100);

    /// <summary>How often is tried what must not be left undone: three minutes, which an outage of storage may well last.</summary>
    private const int InsistTries = 20;

    private static readonly TimeSpan LongestInsistWait = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly LookupMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly QueueServiceClient? _queues;
    private readonly TableServiceClient? _tables;
    private readonly BlobContainerClient? _parked;
    private Task? _ready;

    public AppStorage(IOptions<StorageOptions> options, IServiceProvider services, LookupMetrics metrics, TimeProvider time, ILogger<AppStorage> logger)
    {
        (_metrics, _time, _logger) = (metrics, time, logger);
        var storage = options.Value;
        if (!storage.IsConfigured)
            return;

        var queueOptions = Configure(new QueueClientOptions(QueueVersion) { MessageEncoding = MessageEncoding });
        queueOptions.Retry.NetworkTimeout = TakeTimeout; // a message may be there although nobody said so: it is not sent again on a guess
        queueOptions.MessageDecodingFailed += PoisonAsync;
        var tableOptions = Configure(new TableClientOptions());
        var blobOptions = Configure(new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05));
        var credential = storage.UsesIdentity ? services.GetRequiredService<TokenCredential>() : null;
        _queues = credential is null
            ? new QueueServiceClient(storage.ConnectionString, queueOptions)
            : new QueueServiceClient(storage.AddressOf(storage.QueueServiceUri, "queue"), credential, queueOptions);
        _tables = credential is null
            ? new TableServiceClient(storage.ConnectionString, tableOptions)
            : new TableServiceClient(storage.AddressOf(storage.TableServiceUri, "table"), credential, tableOptions);
        var blobs = credential is null
            ? new BlobServiceClient(storage.ConnectionString, blobOptions)
            : new BlobServiceClient(storage.AddressOf(storage.BlobServiceUri, "blob"), credential, blobOptions);
        _parked = blobs.GetBlobContainerClient(StorageNames.Parked);
    }

    /// <summary>Whether there is any.</summary>
    public bool IsConfigured => _queues is not null;

    /// <summary>The container of what is too large for a queue, for work that takes longer than one use may.</summary>
    public BlobContainerClient Parked => _parked!;

    /// <summary>A table, for work that takes longer than one use may.</summary>
    public TableClient Table(string name) => _tables!.GetTableClient(name);

    /// <exception cref="ProblemException"><c>storage_unavailable</c>: there is none.</exception>
    public void RequireConfigured()
    {
        if (!IsConfigured)
            throw new ProblemException(Catalogue.StorageUnavailable("Ask the operator to set 'AzureWebJobsStorage'.", "AzureWebJobsStorage is not set"));
    }

    /// <summary>Uses a queue.</summary>
    public Task<T> UseQueueAsync<T>(string name, Func<QueueClient, CancellationToken, Task<T>> use, CancellationToken cancellationToken) =>
        UseAsync(cancellationToken => use(_queues!.GetQueueClient(name), cancellationToken), cancellationToken);

    /// <summary>
    /// Takes messages off a queue. What comes too late stays hidden until the lease ends, so this waits as long as the Functions host does,
    /// not as long as somebody who waits for an answer.
    /// </summary>
    public Task<QueueMessage[]> TakeAsync(string name, int most, TimeSpan lease, CancellationToken cancellationToken) => UseAsync(
        async cancellationToken => (await _queues!.GetQueueClient(name).ReceiveMessagesAsync(most, lease, cancellationToken)).Value, cancellationToken, TakeTimeout);

    /// <summary>Uses a table.</summary>
    public Task<T> UseTableAsync<T>(string name, Func<TableClient, CancellationToken, Task<T>> use, CancellationToken cancellationToken) =>
        UseAsync(cancellationToken => use(Table(name), cancellationToken), cancellationToken);

    /// <summary>Uses the container of what is too large for a queue.</summary>
    public Task<T> UseParkedAsync<T>(Func<BlobContainerClient, CancellationToken, Task<T>> use, CancellationToken cancellationToken) =>
        UseAsync(cancellationToken => use(Parked, cancellationToken), cancellationToken);

    /// <summary>Does what must not be left undone: while storage is away it is tried again, for about three minutes.</summary>
    public async Task InsistAsync(Func<CancellationToken, Task> use, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await use(cancellationToken);
                return;
            }
            catch (ProblemException exception) when (exception.Problem.Code == ProblemCodes.StorageUnavailable && tries < InsistTries)
            {
                var wait = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(tries, 10)));
                await Task.Delay(wait < LongestInsistWait ? wait : LongestInsistWait, _time, cancellationToken);
            }
        }
    }

    /// <summary>How many messages each poison queue keeps, with the queue they came from.</summary>
    public async Task<IReadOnlyList<(string Queue, long Messages)>> CountPoisonAsync(CancellationToken cancellationToken)
    {
        var counts = new List<(string Queue, long Messages)>();
        foreach (var name in StorageNames.Queues)
        {
            counts.Add((name, await UseQueueAsync(
                name + PoisonSuffix, async (queue, cancellationToken) => (await queue.GetPropertiesAsync(cancellationToken)).Value.ApproximateMessagesCountLong, cancellationToken)));
        }

        return counts;
    }

    /// <summary>Makes what is missing; a failure is the next user's to meet.</summary>
    public Task PrepareAsync(CancellationToken cancellationToken) =>
        UseAsync(static _ => Task.FromResult(true), cancellationToken);

    private async Task<T> UseAsync<T>(Func<CancellationToken, Task<T>> use, CancellationToken cancellationToken, TimeSpan? longest = null)
    {
        RequireConfigured();
        using var timeout = new CancellationTokenSource(longest ?? Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await Ready().WaitAsync(either.Token);
            try
            {
                return await use(either.Token);
            }
            catch (RequestFailedException exception) when (exception.ErrorCode is "QueueNotFound" or "TableNotFound" or "ContainerNotFound")
            {
                Forget();
                await Ready().WaitAsync(either.Token);
                return await use(either.Token);
            }
        }
#pragma warning disable CA1031 // Azure.Core throws AggregateException and others for network faults; each means the same to us.
        catch (Exception exception) when (exception is not ProblemException && !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            var (advice, cause) = Explain(exception);
            throw new ProblemException(Catalogue.StorageUnavailable(advice, cause), exception);
        }
    }

    private Task Ready()
    {
        lock (_lock)
            return _ready is null or { IsFaulted: true } or { IsCanceled: true } ? _ready = Task.Run(MakeAsync) : _ready;
    }

    private void Forget()
    {
        lock (_lock)
            _ready = null;
    }

    private Task MakeAsync() => Task.WhenAll(
    [
        .. StorageNames.Queues.SelectMany(name => (string[])[name, name + PoisonSuffix]).Select(name => _queues!.GetQueueClient(name).CreateIfNotExistsAsync()),
        .. StorageNames.Tables.Select(name => _tables!.CreateTableIfNotExistsAsync(name)),
        _parked!.CreateIfNotExistsAsync(),
    ]);

    /// <summary>
    /// Where this app takes messages itself, which the Functions host does elsewhere: one that is not even base64 goes to the poison queue
    /// as it is, and those that came with it are handled.
    /// </summary>
    private async Task PoisonAsync(QueueMessageDecodingFailedEventArgs failed)
    {
        if (failed.ReceivedMessage is not { } message)
            return;
        await _queues!.GetQueueClient(failed.Queue.Name + PoisonSuffix).SendMessageAsync(message.Body, cancellationToken: failed.CancellationToken);
        await failed.Queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, failed.CancellationToken);
        _metrics.Poisoned(failed.Queue.Name);
        _logger.MessagePoisoned(failed.Queue.Name, "it is not one of this app's", null);
    }

    private static (string Advice, string Cause) Explain(Exception exception) => exception switch
    {
        RequestFailedException { Status: 403 } failed =>
            ("The storage account denies access to this app. Ask the operator to check the app's roles on it (queue, table and blob data) and its firewall.",
                $"storage answered 403 {failed.ErrorCode}"),
        RequestFailedException { Status: > 0 } failed =>
            ("The storage account is failing. Try again in a minute. If the problem persists, ask the operator.",
                $"storage answered {failed.Status} {failed.ErrorCode}"),
        _ => ("The storage account cannot be reached. Try again in a minute. If the problem persists, ask the operator to check 'AzureWebJobsStorage' and the network (on a developer's machine, check that Azurite is running).",
            "storage did not answer"),
    };

    /// <summary>Three tries that fit into <see cref="Timeout"/>.</summary>
    private static TOptions Configure<TOptions>(TOptions options)
        where TOptions : ClientOptions
    {
        options.Retry.MaxRetries = 2;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(3);
        options.Diagnostics.IsLoggingEnabled = false; // table filters and blob names are in its addresses
        return options;
    }
}
