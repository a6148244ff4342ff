using System.Globalization;
using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;
using ConversationLookup.Storage;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Delivery;

/// <summary>The table <c>deliveries</c> as a whole: which news came, and which flow was told of it.</summary>
public sealed class DeliveryTable(AppStorage storage, TimeProvider time, ILogger<DeliveryTable> logger)
{
    /// <summary>A day longer than a poison message lives.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromDays(8);

    /// <summary>What is purged at a time. A batch is 100 rows, so this stays well below the 20,000 that an account takes in a second.</summary>
    private const int AtATime = 8;

    /// <summary>256 partitions, named by two hexadecimal digits: enough to spread, few enough to purge in batches.</summary>
    public static string PartitionOf(string key) => key[..2];

    /// <summary>Removes rows and parked contents older than 8 days; what it does not come to before it is ended, a later run does.</summary>
    public async Task PurgeAsync(CancellationToken cancellationToken)
    {
        await storage.PrepareAsync(cancellationToken);
        var before = time.GetUtcNow() - Retention;
        var blobs = await PurgeBlobsAsync(before, cancellationToken);
        var rows = await PurgeRowsAsync(storage.Table(StorageNames.Deliveries), before, cancellationToken);
        logger.Purged(rows, blobs, Retention.TotalDays);
    }

    private static async Task<int> PurgeRowsAsync(TableClient table, DateTimeOffset before, CancellationToken cancellationToken)
    {
        // In another order each time: were runs ended early, the last partitions would never have their turn.
        var partitions = Enumerable.Range(0, 256).Select(number => number.ToString("x2", CultureInfo.InvariantCulture)).ToArray();
        Random.Shared.Shuffle(partitions);
        var purged = 0;
        await Parallel.ForEachAsync(partitions, Bounded(cancellationToken), async (partition, cancellationToken) =>
            Interlocked.Add(ref purged, await TableRows.PurgeAsync(table, row => row.PartitionKey == partition && row.Timestamp < before, cancellationToken)));
        return purged;
    }

    private async Task<int> PurgeBlobsAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var purged = 0;
        await Parallel.ForEachAsync(storage.Parked.GetBlobsAsync(new GetBlobsOptions(), cancellationToken), Bounded(cancellationToken), async (blob, cancellationToken) =>
        {
            if (blob.Properties.CreatedOn < before && await storage.Parked.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: cancellationToken))
                Interlocked.Increment(ref purged);
        });
        return purged;
    }

    private static ParallelOptions Bounded(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken };
}
