using System.Linq.Expressions;
using Azure.Data.Tables;

namespace ConversationLookup.Storage;

/// <summary>Rows of a table: one that may be there, and many at once.</summary>
public static class TableRows
{
    private const int LargestBatch = 100; // a transaction takes no more, and one partition's only

    /// <returns>Null where there is none.</returns>
    public static async Task<TableEntity?> FindAsync(TableClient table, string partition, string row, CancellationToken cancellationToken) =>
        await table.GetEntityIfExistsAsync<TableEntity>(partition, row, cancellationToken: cancellationToken) is { HasValue: true, Value: { } found } ? found : null;

    /// <summary>Removes every row that fits, batch by batch.</summary>
    /// <returns>How many rows that were.</returns>
    public static async Task<int> PurgeAsync(TableClient table, Expression<Func<TableEntity, bool>> fits, CancellationToken cancellationToken)
    {
        var purged = 0;
        await foreach (var page in table.QueryAsync(fits, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken).AsPages())
        {
            foreach (var batch in page.Values.GroupBy(row => row.PartitionKey).SelectMany(rows => rows.Chunk(LargestBatch)))
            {
                await table.SubmitTransactionAsync(batch.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row)), cancellationToken);
                purged += batch.Length;
            }
        }

        return purged;
    }
}
