using Azure;
using Azure.Data.Tables;
using ConversationLookup.Storage;

namespace ConversationLookup.Subscriptions;

/// <summary>
/// The table <c>subscriptions</c>: one partition that says what each flow asks for, and a row for each callback URL, which the delivery
/// alone reads.
/// </summary>
/// <remarks>
/// The first partition is kept in memory. A row in it changes with every subscription, in the same transaction; an event reads that row
/// alone, and the partition only when it changed. So an event costs the same among ten subscriptions and ten thousand, and a new
/// subscription is heard from its first event on.
/// </remarks>
public sealed class SubscriptionStore(AppStorage storage)
{
    private const string Partition = "flow";
    private const string CallbackRow = "callback";
    private const string VersionRow = "!version";
    private const string Version = "Version";

    private readonly Lock _lock = new();
    private (long Asked, string Version, Task<SubscriptionCatalog> Catalog) _known = (0, "", Task.FromResult(new SubscriptionCatalog([])));
    private long _asked;

    /// <summary>
    /// Adds a subscription, and takes away older ones with the same callback URL: a trigger that subscribes again, because an answer
    /// was lost or the flow was saved, is still one trigger.
    /// </summary>
    public async Task AddAsync(Subscription subscription, string callbackUrl, CancellationToken cancellationToken)
    {
        await storage.UseTableAsync(
            StorageNames.Subscriptions,
            (table, cancellationToken) => table.UpsertEntityAsync(new TableEntity(subscription.Id, CallbackRow) { ["Url"] = callbackUrl }, cancellationToken: cancellationToken),
            cancellationToken);
        await ChangeAsync(new TableTransactionAction(TableTransactionActionType.UpsertReplace, ToEntity(subscription)), cancellationToken);

        var same = (await GetCatalogAsync(cancellationToken)).Of(subscription.CallbackHash)
            .OrderByDescending(other => (other.CreatedAt, other.Id)); // of several at the same moment, each keeps the same one
        foreach (var older in same.Skip(1))
            await RemoveAsync(older.Id, cancellationToken);
    }

    /// <summary>Removes one; also when there is none.</summary>
    public async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        await ChangeAsync(new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(Partition, id), ETag.All), cancellationToken);
        await storage.UseTableAsync(
            StorageNames.Subscriptions, (table, cancellationToken) => table.DeleteEntityAsync(id, CallbackRow, ETag.All, cancellationToken), cancellationToken);
    }

    /// <summary>Where to tell a flow.</summary>
    /// <param name="id">The subscription.</param>
    /// <param name="callbackHash">Its trigger, which may have subscribed anew meanwhile: what was on its way to the old one is for the new one.</param>
    /// <returns>Null when there is none.</returns>
    public async Task<Callback?> FindCallbackAsync(string id, string callbackHash, CancellationToken cancellationToken)
    {
        if (await FindCallbackAsync(id, cancellationToken) is { } callback)
            return callback;
        foreach (var other in (await GetCatalogAsync(cancellationToken)).Of(callbackHash))
        {
            if (await FindCallbackAsync(other.Id, cancellationToken) is { } anew)
                return anew;
        }

        return null;
    }

    /// <summary>Every subscription, as of now.</summary>
    public async Task<SubscriptionCatalog> GetCatalogAsync(CancellationToken cancellationToken)
    {
        var asked = Interlocked.Increment(ref _asked);
        var version = await storage.UseTableAsync(
            StorageNames.Subscriptions,
            async (table, cancellationToken) => await TableRows.FindAsync(table, Partition, VersionRow, cancellationToken) is { } row ? row.GetString(Version) : "",
            cancellationToken);
        Task<SubscriptionCatalog> catalog;
        lock (_lock)
        {
            // An answer may come late: what was asked for after it is as new at least.
            if ((_known.Version != version && _known.Asked < asked) || _known.Catalog is { IsCompleted: true, IsCompletedSuccessfully: false })
                _known = (asked, version, ReadAsync());
            else
                _known.Asked = Math.Max(_known.Asked, asked);
            catalog = _known.Catalog;
        }

        return await catalog.WaitAsync(cancellationToken);
    }

    /// <summary>Page by page, each a use of storage of its own: how long all of them take depends on how many there are.</summary>
    private async Task<SubscriptionCatalog> ReadAsync()
    {
        var all = new List<Subscription>();
        string? next = null;
        do
        {
            var page = await storage.UseTableAsync(
                StorageNames.Subscriptions,
                (table, cancellationToken) => table.QueryAsync<TableEntity>(row => row.PartitionKey == Partition && row.RowKey != VersionRow, cancellationToken: cancellationToken)
                    .AsPages(next).FirstAsync(cancellationToken).AsTask(),
                CancellationToken.None);
            all.AddRange(page.Values.Select(FromEntity));
            next = page.ContinuationToken;
        }
        while (next is not null);
        return new SubscriptionCatalog(all);
    }

    private Task<Callback?> FindCallbackAsync(string id, CancellationToken cancellationToken) => storage.UseTableAsync(
        StorageNames.Subscriptions,
        async (table, cancellationToken) => await TableRows.FindAsync(table, id, CallbackRow, cancellationToken) is { } row ? new Callback(id, row.GetString("Url")) : null,
        cancellationToken);

    /// <summary>Makes one change, and with it a new version; nothing where there is nothing to delete.</summary>
    private Task<bool> ChangeAsync(TableTransactionAction change, CancellationToken cancellationToken) => storage.UseTableAsync(
        StorageNames.Subscriptions,
        async (table, cancellationToken) =>
        {
            var version = new TableEntity(Partition, VersionRow) { [Version] = Guid.NewGuid().ToString("N") };
            try
            {
                await table.SubmitTransactionAsync([change, new(TableTransactionActionType.UpsertReplace, version)], cancellationToken);
                return true;
            }
            catch (TableTransactionFailedException exception) when (exception.ErrorCode == "ResourceNotFound")
            {
                return false;
            }
        },
        cancellationToken);

    private static TableEntity ToEntity(Subscription subscription) => new(Partition, subscription.Id)
    {
        [nameof(Subscription.CallbackHash)] = subscription.CallbackHash,
        [nameof(Subscription.Events)] = string.Join(',', subscription.Events),
        [nameof(Subscription.AgentId)] = subscription.AgentId,
        [nameof(Subscription.BusinessPhoneNumber)] = subscription.BusinessPhoneNumber,
        [nameof(Subscription.CreatedAt)] = subscription.CreatedAt,
    };

    private static Subscription FromEntity(TableEntity entity) => new(
        entity.RowKey,
        entity.GetString(nameof(Subscription.CallbackHash)) ?? "",
        (entity.GetString(nameof(Subscription.Events)) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries),
        entity.GetString(nameof(Subscription.AgentId)) ?? "",
        entity.GetString(nameof(Subscription.BusinessPhoneNumber)) ?? "",
        entity.GetDateTimeOffset(nameof(Subscription.CreatedAt)) ?? DateTimeOffset.UnixEpoch);
}
