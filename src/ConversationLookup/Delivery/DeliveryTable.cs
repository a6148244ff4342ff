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

    /// <summary>256 partitions: enough to spread, few enough to purge in batches.</summary>
    public static string PartitionOf(string key) => key[..2];

    /// <summary>Removes rows and parked contents older than 8 days.</summary>
    public async Task PurgeAsync(CancellationToken cancellationToken)
    {
        await storage.PrepareAsync(cancellationToken);
        var before = time.GetUtcNow() - Retention;
        var rows = await PurgeRowsAsync(storage.Table(StorageNames.Deliveries), before, cancellationToken);
        var blobs = await PurgeBlobsAsync(before, cancellationToken);
        logger.Purged(rows, blobs, Retention.TotalDays);
    }

    private static async Task<int> PurgeRowsAsync(TableClient table, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var purged = 0;
        var old = table.QueryAsync<TableEntity>(row => row.Timestamp < before, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken);
        await foreach (var page in old.AsPages())
        {
            // A transaction takes 100 rows of one partition.
            foreach (var batch in page.Values.GroupBy(row => row.PartitionKey).SelectMany(partition => partition.Chunk(100)))
            {
                await table.SubmitTransactionAsync(batch.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row)), cancellationToken);
                purged += batch.Length;
            }
        }

        return purged;
    }

    private async Task<int> PurgeBlobsAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var purged = 0;
        await foreach (var blob in storage.Parked.GetBlobsAsync(new GetBlobsOptions(), cancellationToken))
        {
            if (blob.Properties.CreatedOn < before)
                purged += await storage.Parked.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: cancellationToken) ? 1 : 0;
        }

        return purged;
    }
}
