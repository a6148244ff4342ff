using Azure;
using Azure.Data.Tables;
using ConversationLookup.Storage;

namespace ConversationLookup.Subscriptions;

/// <summary>The table <c>subscriptions</c>: one partition, a row for each flow.</summary>
public sealed class SubscriptionStore(AppStorage storage)
{
    private const string Partition = "flow";

    /// <summary>
    /// Adds a subscription, and takes away older ones with the same callback URL: a trigger that subscribes again, because an answer
    /// was lost or the flow was saved, is still one trigger.
    /// </summary>
    public async Task AddAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        await storage.UseTableAsync(StorageNames.Subscriptions, (table, cancellationToken) => table.UpsertEntityAsync(ToEntity(subscription), cancellationToken: cancellationToken), cancellationToken);
        var same = (await ListAsync(cancellationToken)).Where(other => other.CallbackUrl == subscription.CallbackUrl)
            .OrderByDescending(other => (other.CreatedAt, other.Id)); // of several at the same moment, each keeps the same one
        foreach (var older in same.Skip(1))
            await RemoveAsync(older.Id, cancellationToken);
    }

    /// <summary>Removes one; also when there is none.</summary>
    public Task RemoveAsync(string id, CancellationToken cancellationToken) => storage.UseTableAsync(
        StorageNames.Subscriptions, (table, cancellationToken) => table.DeleteEntityAsync(Partition, id, ETag.All, cancellationToken), cancellationToken);

    /// <param name="id">The subscription.</param>
    /// <param name="callbackHash">Its trigger, which may have subscribed anew: what was on its way to the old one is for the new one.</param>
    /// <returns>Null when there is none.</returns>
    public async Task<Subscription?> FindAsync(string id, string callbackHash, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken)
        ?? (await ListAsync(cancellationToken)).FirstOrDefault(other => other.CallbackHash == callbackHash);

    private Task<Subscription?> FindAsync(string id, CancellationToken cancellationToken) => storage.UseTableAsync(
        StorageNames.Subscriptions,
        async (table, cancellationToken) => await table.GetEntityIfExistsAsync<TableEntity>(Partition, id, cancellationToken: cancellationToken) is { HasValue: true, Value: { } entity }
            ? FromEntity(entity)
            : null,
        cancellationToken);

    /// <summary>All of them. They are not cached: a flow that has just subscribed must not miss an event.</summary>
    public Task<List<Subscription>> ListAsync(CancellationToken cancellationToken) => storage.UseTableAsync(
        StorageNames.Subscriptions,
        async (table, cancellationToken) =>
        {
            var all = new List<Subscription>();
            await foreach (var entity in table.QueryAsync<TableEntity>(row => row.PartitionKey == Partition, cancellationToken: cancellationToken))
                all.Add(FromEntity(entity));
            return all;
        },
        cancellationToken);

    private static TableEntity ToEntity(Subscription subscription) => new(Partition, subscription.Id)
    {
        [nameof(Subscription.CallbackUrl)] = subscription.CallbackUrl,
        [nameof(Subscription.Events)] = string.Join(',', subscription.Events),
        [nameof(Subscription.AgentId)] = subscription.AgentId,
        [nameof(Subscription.BusinessNumber)] = subscription.BusinessNumber,
        [nameof(Subscription.CreatedAt)] = subscription.CreatedAt,
    };

    private static Subscription FromEntity(TableEntity entity) => new(
        entity.RowKey,
        entity.GetString(nameof(Subscription.CallbackUrl)) ?? "",
        (entity.GetString(nameof(Subscription.Events)) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries),
        entity.GetString(nameof(Subscription.AgentId)) ?? "",
        entity.GetString(nameof(Subscription.BusinessNumber)) ?? "",
        entity.GetDateTimeOffset(nameof(Subscription.CreatedAt)) ?? DateTimeOffset.UnixEpoch);
}
