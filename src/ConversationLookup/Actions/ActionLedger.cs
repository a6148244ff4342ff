using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Data.Tables;
using ConversationLookup.Storage;

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

    /// <returns>What is known of a key; null for nothing.</returns>
    public async Task<LedgerEntry?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var (partition, row) = RowOf(key);
        var found = await UseAsync((table, cancellationToken) => table.GetEntityIfExistsAsync<TableEntity>(partition, row, cancellationToken: cancellationToken), cancellationToken);
        return found.HasValue && !IsForgotten(found.Value!) ? Read(found.Value!) : null;
    }

    /// <summary>Notes that an action is about to be sent.</summary>
    /// <param name="owner">Who is about to: another name for each attempt, by which one knows its own row.</param>
    /// <returns>False where another request with the same key was first.</returns>
    public async Task<bool> TryBeginAsync(string key, string owner, ActionPlan plan, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var (partition, row) = RowOf(key);
        var now = time.GetUtcNow();
        var entity = new TableEntity(partition, row)
        {
            [Content] = plan.ContentHash,
            [Owner] = owner,
            [State] = Sending,
            [HeldUntil] = now + HoldTime,
            [StartedAt] = now,
            [Since] = since.UtcTicks,
        };
        if (!await UseAsync((table, cancellationToken) => TryAddAsync(table, entity, cancellationToken), cancellationToken))
            return false;
        var near = new TableEntity(PartitionOf(plan.ConversationId), row) { [Content] = plan.ContentHash, [StartedAt] = now };
        await UseAsync((table, cancellationToken) => table.UpsertEntityAsync(near, TableUpdateMode.Replace, cancellationToken), cancellationToken);
        return true;
    }

    /// <summary>Takes over an action that was cut off, or whose outcome is not known, to look whether it was done after all.</summary>
    /// <returns>False where another request is doing so.</returns>
    public async Task<bool> TryHoldAsync(string key, LedgerEntry entry, CancellationToken cancellationToken)
    {
        var (partition, row) = RowOf(key);
        var changes = new TableEntity(partition, row) { [State] = Sending, [HeldUntil] = time.GetUtcNow() + HoldTime };
        return await UseAsync(
            async (table, cancellationToken) =>
            {
                try
                {
                    await table.UpdateEntityAsync(changes, entry.Version, TableUpdateMode.Merge, cancellationToken);
                    return true;
                }
                catch (RequestFailedException exception) when (exception.Status is 412 or 404)
                {
                    return false;
                }
            },
            cancellationToken);
    }

    /// <summary>It was done. While storage is away this waits for it: without the note a repeat would have to look.</summary>
    public async Task CloseAsync(string key, ActionPlan plan, ActionAnswer answer, CancellationToken cancellationToken)
    {
        var (partition, row) = RowOf(key);
        var changes = new TableEntity(partition, row) { [State] = Done, [ConversationId] = answer.ConversationId, [MessageId] = answer.MessageId ?? "" };
        for (var part = 0; part * LargestPart < answer.Json.Length; part++)
            changes[PartOf(part)] = answer.Json.Substring(part * LargestPart, Math.Min(LargestPart, answer.Json.Length - (part * LargestPart)));
        await InsistOnMergeAsync(changes, cancellationToken);
        await InsistOnMergeAsync(new TableEntity(PartitionOf(plan.ConversationId), row) { [MessageId] = answer.MessageId ?? "" }, cancellationToken);
    }

    /// <summary>Nobody knows whether it was done.</summary>
    public Task LeaveOpenAsync(string key, CancellationToken cancellationToken)
    {
        var (partition, row) = RowOf(key);
        return InsistOnMergeAsync(new TableEntity(partition, row) { [State] = Unknown }, cancellationToken);
    }

    /// <summary>It was not done by this owner: the next request with this key may do it.</summary>
    public Task ForgetAsync(string key, string owner, ActionPlan plan, CancellationToken cancellationToken)
    {
        var (partition, row) = RowOf(key);
        return storage.InsistAsync(
            cancellationToken => UseAsync(
                async (table, cancellationToken) =>
                {
                    var there = await table.GetEntityIfExistsAsync<TableEntity>(partition, row, cancellationToken: cancellationToken);
                    if (!there.HasValue || there.Value!.GetString(Owner) != owner)
                        return false;
                    await table.DeleteEntityAsync(PartitionOf(plan.ConversationId), row, cancellationToken: cancellationToken);
                    await table.DeleteEntityAsync(partition, row, cancellationToken: cancellationToken);
                    return true;
                },
                cancellationToken),
            cancellationToken);
    }

    /// <summary>Other actions with the same content in the same conversation.</summary>
    public async Task<OtherActions> FindOthersAsync(string key, ActionPlan plan, CancellationToken cancellationToken)
    {
        var (partition, row) = (PartitionOf(plan.ConversationId), RowOf(key).Row);
        var from = time.GetUtcNow() - Nearby;
        return await UseAsync(
            async (table, cancellationToken) =>
            {
                var (ids, open) = (new HashSet<string>(StringComparer.Ordinal), 0);
                await foreach (var other in table.QueryAsync<TableEntity>(
                    TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ne {row} and Content eq {plan.ContentHash}"), cancellationToken: cancellationToken))
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
    /// <returns>How many rows that were.</returns>
    public async Task<int> PurgeAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - Remembered;
        var table = storage.Table(StorageNames.Actions);
        var purged = 0;
        await foreach (var page in table.QueryAsync<TableEntity>(row => row.Timestamp < before, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken).AsPages())
        {
            foreach (var batch in page.Values.GroupBy(row => row.PartitionKey).SelectMany(rows => rows.Chunk(100))) // as many as a transaction takes
            {
                await table.SubmitTransactionAsync(batch.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row)), cancellationToken);
                purged += batch.Length;
            }
        }

        return purged;
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

        var there = await table.GetEntityIfExistsAsync<TableEntity>(entity.PartitionKey, entity.RowKey, cancellationToken: cancellationToken);
        if (there.HasValue && there.Value!.GetString(Owner) == entity.GetString(Owner))
            return true; // the first try had arrived, although nobody said so
        if (!there.HasValue || !IsForgotten(there.Value!))
            return false;
        try
        {
            await table.UpdateEntityAsync(entity, there.Value!.ETag, TableUpdateMode.Replace, cancellationToken);
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

    /// <summary>The key may be a caller's own words.</summary>
    private static (string Partition, string Row) RowOf(string key)
    {
        var row = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        return (row[..2], row);
    }

    private static string PartitionOf(Guid? conversationId) => conversationId is { } id ? $"in-{id:N}" : "in-new";

    private static string PartOf(int part) => $"{Answer}{part.ToString(CultureInfo.InvariantCulture)}";
}

/// <summary>What is known of an idempotency key.</summary>
/// <param name="ContentHash">What it was used for.</param>
/// <param name="Answer">What was answered; null where it is not known that it was done.</param>
/// <param name="IsInProgress">Whether somebody is doing it.</param>
/// <param name="Since">See <see cref="PreparedAction.Since"/>.</param>
/// <param name="Version">Of the row.</param>
public sealed record LedgerEntry(string ContentHash, ActionAnswer? Answer, bool IsInProgress, DateTimeOffset Since, ETag Version);
