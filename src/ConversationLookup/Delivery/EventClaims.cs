using Azure;
using Azure.Data.Tables;
using ConversationLookup.Storage;
using ConversationLookup.Webhooks;

namespace ConversationLookup.Delivery;

/// <summary>
/// Rows of the table <c>deliveries</c>, one for each piece of news: which arrival of which event tells of it, in the order they came.
/// It spares lookups and messages; that no flow is told twice is for <see cref="FlowNotes"/> to see to.
/// </summary>
public sealed class EventClaims(AppStorage storage)
{
    private const string Claims = "Claims";

    /// <summary>
    /// The first arrival of an event to come here has it: its message stays on the queue until every flow's is on the other, so another
    /// arrival of the same event may go.
    /// </summary>
    /// <returns>
    /// The types of other events that came first with the same news, so that their flows are told already; null where this arrival is to
    /// tell nobody.
    /// </returns>
    public Task<IReadOnlyList<string>?> ClaimAsync(WassistEvent received, CancellationToken cancellationToken) => storage.UseTableAsync(
        StorageNames.Deliveries, (table, cancellationToken) => ClaimAsync(table, received, cancellationToken), cancellationToken);

    private static async Task<IReadOnlyList<string>?> ClaimAsync(TableClient table, WassistEvent received, CancellationToken cancellationToken)
    {
        var (partition, mine) = (DeliveryTable.PartitionOf(received.Key), $"{received.Type}={received.ReceiptId:N}");
        try
        {
            await table.AddEntityAsync(new TableEntity(partition, received.Key) { [Claims] = mine }, cancellationToken);
            return [];
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == "EntityAlreadyExists")
        {
        }

        while (true)
        {
            var row = (await table.GetEntityAsync<TableEntity>(partition, received.Key, cancellationToken: cancellationToken)).Value;
            var claims = row.GetString(Claims).Split(';');
            var earlier = claims.Select(claim => claim.Split('=')[0]).TakeWhile(type => type != received.Type).ToList();
            if (earlier.Count < claims.Length)
                return claims[earlier.Count] == mine ? earlier : null;

            row[Claims] = $"{row.GetString(Claims)};{mine}";
            try
            {
                await table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, cancellationToken);
                return earlier;
            }
            catch (RequestFailedException exception) when (exception.Status == 412)
            {
                // Another event of the same news came at the same moment.
            }
        }
    }
}
