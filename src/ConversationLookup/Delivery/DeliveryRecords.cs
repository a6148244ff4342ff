using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;
using ConversationLookup.Storage;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Delivery;

/// <summary>The table <c>deliveries</c>: which of Wassist's deliveries were handled, so that a retry of one is not told twice.</summary>
public sealed class DeliveryRecords(AppStorage storage, TimeProvider time, ILogger<DeliveryRecords> logger)
{
    private const string Receipt = "ReceiptId";
    private const string Handled = "IsHandled";

    /// <summary>A day longer than a poison message lives.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromDays(8);

    /// <summary>
    /// The first arrival of a delivery to come here has it: its message stays on the queue until it is handled, so another arrival
    /// of the same delivery may go.
    /// </summary>
    /// <returns>Whether this arrival is to be handled: it has the delivery, and is not done with it.</returns>
    public Task<bool> ClaimAsync(string deliveryId, Guid receiptId, CancellationToken cancellationToken) => storage.UseTableAsync(
        StorageNames.Deliveries,
        async (table, cancellationToken) =>
        {
            try
            {
                await table.AddEntityAsync(new TableEntity(PartitionOf(deliveryId), deliveryId) { [Receipt] = receiptId, [Handled] = false }, cancellationToken);
                return true;
            }
            catch (RequestFailedException exception) when (exception.ErrorCode == "EntityAlreadyExists")
            {
                var known = (await table.GetEntityAsync<TableEntity>(PartitionOf(deliveryId), deliveryId, cancellationToken: cancellationToken)).Value;
                return known.GetGuid(Receipt) == receiptId && known.GetBoolean(Handled) is not true;
            }
        },
        cancellationToken);

    /// <summary>Every flow's notification is on the queue.</summary>
    public Task MarkHandledAsync(string deliveryId, Guid receiptId, CancellationToken cancellationToken) => storage.UseTableAsync(
        StorageNames.Deliveries,
        (table, cancellationToken) => table.UpsertEntityAsync(
            new TableEntity(PartitionOf(deliveryId), deliveryId) { [Receipt] = receiptId, [Handled] = true }, TableUpdateMode.Replace, cancellationToken),
        cancellationToken);

    /// <summary>Removes records and parked messages older than 8 days.</summary>
    public async Task PurgeAsync(CancellationToken cancellationToken)
    {
        await storage.PrepareAsync(cancellationToken);
        var before = time.GetUtcNow() - Retention;
        var rows = await PurgeRecordsAsync(storage.Table(StorageNames.Deliveries), before, cancellationToken);
        var blobs = await PurgeBlobsAsync(before, cancellationToken);
        logger.Purged(rows, blobs, Retention.TotalDays);
    }

    private static async Task<int> PurgeRecordsAsync(TableClient table, DateTimeOffset before, CancellationToken cancellationToken)
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

    /// <summary>256 partitions: enough to spread, few enough to purge in batches.</summary>
    private static string PartitionOf(string deliveryId) => deliveryId[..2];
}
