using Azure;
using Azure.Data.Tables;
using ConversationLookup.Delivery;
using ConversationLookup.Storage;
using ConversationLookup.Values;

namespace ConversationLookup.Guardian;

/// <summary>
/// Rows of the table <c>deliveries</c>: one with the <see cref="GuardianState"/>, and one for each of Wassist's deliveries that was replayed,
/// which is purged with the others after 8 days.
/// </summary>
public sealed class GuardianTable(AppStorage storage, TimeProvider time)
{
    /// <summary>Somewhat less than the time from look to look: of several instances whose clocks strike one looks.</summary>
    public static readonly TimeSpan Turn = WebhookGuardian.Interval - TimeSpan.FromSeconds(30);

    private const string Partition = "webhook"; // no purge comes here
    private const string Row = "guardian";
    private const string TakenUntil = "TakenUntil";
    private const string Tries = "Tries";

    /// <summary>What was found last; null before the first look.</summary>
    public Task<GuardianState?> FindAsync(CancellationToken cancellationToken) => UseAsync(
        async (table, cancellationToken) => await TableRows.FindAsync(table, Partition, Row, cancellationToken) is { } row ? Read(row) : null, cancellationToken);

    /// <summary>Takes the turn to look.</summary>
    /// <returns>What was found last; null where another instance has the turn, or had it just now.</returns>
    public Task<GuardianState?> TakeTurnAsync(CancellationToken cancellationToken) => UseAsync(
        async (table, cancellationToken) =>
        {
            var now = time.GetUtcNow();
            var row = await TableRows.FindAsync(table, Partition, Row, cancellationToken);
            if (row?.GetDateTimeOffset(TakenUntil) > now)
                return null;
            try
            {
                if (row is null)
                    await table.AddEntityAsync(new TableEntity(Partition, Row) { [TakenUntil] = now + Turn }, cancellationToken);
                else
                    await table.UpdateEntityAsync(new TableEntity(Partition, Row) { [TakenUntil] = now + Turn }, row.ETag, TableUpdateMode.Merge, cancellationToken);
            }
            catch (RequestFailedException exception) when (exception.Status is 409 or 412)
            {
                return null;
            }

            return row is null ? new GuardianState() : Read(row);
        },
        cancellationToken);

    /// <summary>Keeps what was found; the turn stays taken.</summary>
    public Task SaveAsync(GuardianState state, CancellationToken cancellationToken) => UseAsync(
        (table, cancellationToken) => table.UpsertEntityAsync(Write(state), TableUpdateMode.Merge, cancellationToken), cancellationToken);

    /// <summary>How often a delivery's event was replayed, or tried to be; <see cref="FailedDeliveries.Done"/> where that is not to be.</summary>
    public Task<int> CountTriesAsync(string deliveryId, CancellationToken cancellationToken) => UseAsync(
        async (table, cancellationToken) => await TableRows.FindAsync(table, PartitionOf(deliveryId), RowOf(deliveryId), cancellationToken) is { } row ? row.GetInt32(Tries) ?? 0 : 0,
        cancellationToken);

    /// <summary>Notes that so often.</summary>
    public Task NoteTriesAsync(string deliveryId, int tries, CancellationToken cancellationToken) => UseAsync(
        (table, cancellationToken) => table.UpsertEntityAsync(
            new TableEntity(PartitionOf(deliveryId), RowOf(deliveryId)) { [Tries] = tries }, TableUpdateMode.Replace, cancellationToken),
        cancellationToken);

    private static string RowOf(string deliveryId) => $"{Hashes.Of(deliveryId)}-replay";

    private static string PartitionOf(string deliveryId) => DeliveryTable.PartitionOf(RowOf(deliveryId));

    private Task<T> UseAsync<T>(Func<TableClient, CancellationToken, Task<T>> use, CancellationToken cancellationToken) =>
        storage.UseTableAsync(StorageNames.Deliveries, use, cancellationToken);

    /// <summary>A time that is not there is written as one of long ago: a merge leaves what is null.</summary>
    private static TableEntity Write(GuardianState state) => new(Partition, Row)
    {
        [nameof(state.Outcome)] = state.Outcome,
        [nameof(state.Detail)] = state.Detail,
        [nameof(state.Silence)] = state.Silence,
        [nameof(state.LookedAt)] = state.LookedAt ?? DateTimeOffset.UnixEpoch,
        [nameof(state.ListensFrom)] = state.ListensFrom ?? DateTimeOffset.UnixEpoch,
        [nameof(state.ReplaysFrom)] = state.ReplaysFrom ?? DateTimeOffset.UnixEpoch,
        [nameof(state.Key)] = state.Key,
        [nameof(state.RestsUntil)] = state.RestsUntil ?? DateTimeOffset.UnixEpoch,
        [nameof(state.ReplaysRestUntil)] = state.ReplaysRestUntil ?? DateTimeOffset.UnixEpoch,
        [nameof(state.Trials)] = state.Trials,
        [nameof(state.TrialsFrom)] = state.TrialsFrom ?? DateTimeOffset.UnixEpoch,
    };

    private static GuardianState Read(TableEntity row)
    {
        return new GuardianState
        {
            Outcome = row.GetString(nameof(GuardianState.Outcome)) ?? WebhookOutcomes.NotAnswered,
            Detail = row.GetString(nameof(GuardianState.Detail)) ?? "",
            Silence = row.GetString(nameof(GuardianState.Silence)) ?? "",
            LookedAt = Time(nameof(GuardianState.LookedAt)),
            ListensFrom = Time(nameof(GuardianState.ListensFrom)),
            ReplaysFrom = Time(nameof(GuardianState.ReplaysFrom)),
            Key = row.GetString(nameof(GuardianState.Key)) ?? "",
            RestsUntil = Time(nameof(GuardianState.RestsUntil)),
            ReplaysRestUntil = Time(nameof(GuardianState.ReplaysRestUntil)),
            Trials = row.GetInt32(nameof(GuardianState.Trials)) ?? 0,
            TrialsFrom = Time(nameof(GuardianState.TrialsFrom)),
        };

        DateTimeOffset? Time(string name) => row.GetDateTimeOffset(name) is { } time && time > DateTimeOffset.UnixEpoch ? time : null;
    }
}
