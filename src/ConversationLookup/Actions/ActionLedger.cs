using System.Globalization;
using System.Text;
using Azure;
using Azure.Data.Tables;
using ConversationLookup.Storage;
using ConversationLookup.Values;

namespace ConversationLookup.Actions;

/// <summary>
/// The table <c>actions</c>: what was asked for under which idempotency key, and what became of it, for 24 hours. A row is there before
/// anything is sent, so that nothing is sent twice whatever dies in between.
/// </summary>
/// <remarks>
/// Beside the row of each action there is one in the partition of its conversation, which tells it from other actions with the same
/// content when Wassist's answer is lost. Neither holds a key, a number or a text.
/// </remarks>
public sealed class ActionLedger(AppStorage storage, TimeProvider time)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(24);

    /// <summary>
    /// Longer than an action takes, with all of its reading: whoever holds a row for longer was cut off. Should it only have been slow, no
    /// harm is done: who takes over only looks.
    /// </summary>
    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(45);

    /// <summary>How long ago another action may have been sent whose message is new.</summary>
    private static readonly TimeSpan Nearby = TimeSpan.FromMinutes(5);

    /// <summary>A property of a table holds 32 K characters.</summary>
    private const int LargestPart = 30_000;

    private const string Content = "Content";
    private const string Owner = "Owner";
    private const string State = "State";
    private const string HeldUntil = "HeldUntil";
    private const string Since = "Since";
    private const string StartedAt = "StartedAt";
    private const string Answer = "Answer";
    private const string ConversationId = "ConversationId";
    private const string MessageId = "MessageId";
    private const string Sending = "sending";
    private const string Done = "done";
    private const string Unknown = "unknown";

    /// <summary>Whether there is a place to remember anything.</summary>
    public bool IsAvailable => storage.IsConfigured;

    /// <exception cref="Problems.ProblemException"><c>storage_unavailable</c>: there is none.</exception>
    public void RequireAvailable() => storage.RequireConfigured();

    /// <returns>What is known of an action; null for nothing.</returns>
    public async Task<LedgerEntry?> FindAsync(LedgerRow row, CancellationToken cancellationToken)
    {
        var found = await UseAsync((table, cancellationToken) => TableRows.FindAsync(table, row.Partition, row.Name, cancellationToken), cancellationToken);
        return found is not null && !IsForgotten(found) ? Read(found) : null;
    }

    /// <summary>Notes that an action is about to be sent.</summary>
    /// <param name="since">See <see cref="PreparedAction.Since"/>.</param>
    /// <returns>False where another request with the same key was first.</returns>
    public async Task<bool> TryBeginAsync(LedgerRow row, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var entity = new TableEntity(row.Partition, row.Name)
        {
            [Content] = row.Plan.ContentHash,
            [Owner] = row.Owner,
            [State] = Sending,
            [HeldUntil] = now + HoldTime,
            [StartedAt] = now,
            [Since] = since.UtcTicks,
        };
        if (!await UseAsync((table, cancellationToken) => TryAddAsync(table, entity, cancellationToken), cancellationToken))
            return false;
        var near = new TableEntity(row.NearPartition, row.Name) { [Content] = row.Plan.ContentHash, [StartedAt] = now };
        await UseAsync((table, cancellationToken) => table.UpsertEntityAsync(near, TableUpdateMode.Replace, cancellationToken), cancellationToken);
        return true;
    }

    /// <summary>Takes over an action that was cut off, or whose outcome is not known, to look whether it was done after all.</summary>
    /// <returns>False where another request is doing so.</returns>
    public Task<bool> TryHoldAsync(LedgerRow row, LedgerEntry entry, CancellationToken cancellationToken)
    {
        var changes = new TableEntity(row.Partition, row.Name) { [State] = Sending, [HeldUntil] = time.GetUtcNow() + HoldTime };
        return UseAsync((table, cancellationToken) => TryUpdateAsync(table, changes, entry.Version, TableUpdateMode.Merge, cancellationToken), cancellationToken);
    }

    /// <summary>It was done. While storage is away this waits for it: without the note a repeat would have to look.</summary>
    public async Task CloseAsync(LedgerRow row, ActionAnswer answer, CancellationToken cancellationToken)
    {
        var changes = new TableEntity(row.Partition, row.Name) { [State] = Done, [ConversationId] = answer.ConversationId, [MessageId] = answer.MessageId ?? "" };
        for (var part = 0; part * LargestPart < answer.Json.Length; part++)
            changes[PartOf(part)] = answer.Json.Substring(part * LargestPart, Math.Min(LargestPart, answer.Json.Length - (part * LargestPart)));
        await InsistOnMergeAsync(changes, cancellationToken);
        await InsistOnMergeAsync(new TableEntity(row.NearPartition, row.Name) { [MessageId] = answer.MessageId ?? "" }, cancellationToken);
    }

    /// <summary>Nobody knows whether it was done.</summary>
    public Task LeaveOpenAsync(LedgerRow row, CancellationToken cancellationToken) =>
        InsistOnMergeAsync(new TableEntity(row.Partition, row.Name) { [State] = Unknown }, cancellationToken);

    /// <summary>This request did not do it: the next one with its key may.</summary>
    public Task ForgetAsync(LedgerRow row, CancellationToken cancellationToken) => storage.InsistAsync(
        cancellationToken => UseAsync(
            async (table, cancellationToken) =>
            {
                if (await TableRows.FindAsync(table, row.Partition, row.Name, cancellationToken) is not { } there || there.GetString(Owner) != row.Owner)
                    return false;
                await table.DeleteEntityAsync(row.NearPartition, row.Name, cancellationToken: cancellationToken);
                await table.DeleteEntityAsync(row.Partition, row.Name, cancellationToken: cancellationToken);
                return true;
            },
            cancellationToken),
        cancellationToken);

    /// <summary>Other actions with the same content in the same conversation.</summary>
    public Task<OtherActions> FindOthersAsync(LedgerRow row, CancellationToken cancellationToken)
    {
        var from = time.GetUtcNow() - Nearby;
        return UseAsync(
            async (table, cancellationToken) =>
            {
                var (ids, open) = (new HashSet<string>(StringComparer.Ordinal), 0);
                await foreach (var other in table.QueryAsync<TableEntity>(
                    TableClient.CreateQueryFilter($"PartitionKey eq {row.NearPartition} and RowKey ne {row.Name} and Content eq {row.Plan.ContentHash}"), cancellationToken: cancellationToken))
                {
                    if (other.GetString(MessageId) is { Length: > 0 } id)
                        ids.Add(id);
                    else if (other.GetDateTimeOffset(StartedAt) > from)
                        open++;
                }

                return new OtherActions(ids, open);
            },
            cancellationToken);
    }

    /// <summary>Removes what is older than 24 hours.</summary>
    public Task PurgeAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - Remembered;
        return TableRows.PurgeAsync(storage.Table(StorageNames.Actions), row => row.Timestamp < before, cancellationToken);
    }

    private async Task<bool> TryAddAsync(TableClient table, TableEntity entity, CancellationToken cancellationToken)
    {
        try
        {
            await table.AddEntityAsync(entity, cancellationToken);
            return true;
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == "EntityAlreadyExists")
        {
        }

        if (await TableRows.FindAsync(table, entity.PartitionKey, entity.RowKey, cancellationToken) is not { } there)
            return false;
        if (there.GetString(Owner) == entity.GetString(Owner))
            return true; // the first try had arrived, although nobody said so
        return IsForgotten(there) && await TryUpdateAsync(table, entity, there.ETag, TableUpdateMode.Replace, cancellationToken);
    }

    /// <returns>False where the row has changed, or is gone.</returns>
    private static async Task<bool> TryUpdateAsync(TableClient table, TableEntity entity, ETag version, TableUpdateMode mode, CancellationToken cancellationToken)
    {
        try
        {
            await table.UpdateEntityAsync(entity, version, mode, cancellationToken);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status is 412 or 404)
        {
            return false;
        }
    }

    private bool IsForgotten(TableEntity entity) => entity.GetDateTimeOffset(StartedAt) < time.GetUtcNow() - Remembered;

    private LedgerEntry Read(TableEntity entity)
    {
        var isDone = entity.GetString(State) == Done;
        var json = new StringBuilder();
        for (var part = 0; entity.GetString(PartOf(part)) is { } text; part++)
            json.Append(text);
        return new LedgerEntry(
            entity.GetString(Content),
            isDone ? new ActionAnswer(json.ToString(), entity.GetGuid(ConversationId) ?? default, entity.GetString(MessageId)) : null,
            entity.GetString(State) == Sending && entity.GetDateTimeOffset(HeldUntil) > time.GetUtcNow(),
            new DateTimeOffset(entity.GetInt64(Since) ?? 0, TimeSpan.Zero),
            entity.ETag);
    }

    private Task InsistOnMergeAsync(TableEntity changes, CancellationToken cancellationToken) => storage.InsistAsync(
        cancellationToken => UseAsync((table, cancellationToken) => table.UpsertEntityAsync(changes, TableUpdateMode.Merge, cancellationToken), cancellationToken), cancellationToken);

    private Task<T> UseAsync<T>(Func<TableClient, CancellationToken, Task<T>> use, CancellationToken cancellationToken) =>
        storage.UseTableAsync(StorageNames.Actions, use, cancellationToken);

    private static string PartOf(int part) => $"{Answer}{part.ToString(CultureInfo.InvariantCulture)}";
}

/// <summary>Where an action of a request is noted.</summary>
/// <param name="key">The idempotency key, which may be a caller's own words.</param>
/// <param name="plan">What the key stands for in this request.</param>
public sealed class LedgerRow(string key, ActionPlan plan)
{
    public ActionPlan Plan => plan;

    public string Name { get; } = Hashes.Of(key);

    public string Partition => Name[..2];

    /// <summary>Where it stands beside the other actions of its conversation.</summary>
    public string NearPartition { get; } = plan.ConversationId is { } id ? $"in-{id:N}" : "in-new";

    /// <summary>Another one for each request, which knows by it a row of its own.</summary>
    public string Owner { get; } = Guid.NewGuid().ToString("N");
}

/// <summary>What is known of an idempotency key.</summary>
/// <param name="ContentHash">What it was used for.</param>
/// <param name="Answer">What was answered; null where it is not known that it was done.</param>
/// <param name="IsInProgress">Whether somebody is doing it.</param>
/// <param name="Since">See <see cref="PreparedAction.Since"/>.</param>
/// <param name="Version">Of the row.</param>
public sealed record LedgerEntry(string ContentHash, ActionAnswer? Answer, bool IsInProgress, DateTimeOffset Since, ETag Version);
