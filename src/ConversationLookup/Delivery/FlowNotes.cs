using Azure;
using Azure.Data.Tables;
using ConversationLookup.Storage;

namespace ConversationLookup.Delivery;

/// <summary>
/// Rows of the table <c>deliveries</c>, one for each piece of news and flow: whether the flow was told, and until then which message of
/// the queue has the right to tell it. Several messages may say the same: a send that seemed to fail, a fan-out that was cut off, two
/// events of one message. Only the one that holds the note calls the flow.
/// </summary>
/// <remarks>
/// A note is held by one handling of one message. If that was cut off, the message comes back and may take it over; if it was put back,
/// its copy may, because a copy is the last thing that a handling makes. Whoever is there first takes the note, in one conditional write.
/// </remarks>
public sealed class FlowNotes(AppStorage storage, TimeProvider time)
{
    /// <summary>Longer than a try takes, with all of its storage: whoever holds a note for longer was cut off, and may come no more.</summary>
    private static readonly TimeSpan TryTime = TimeSpan.FromMinutes(3);

    /// <summary>What another message waits before it looks again whether the flow was told, so that it is gone soon after.</summary>
    private static readonly TimeSpan LongestLook = TimeSpan.FromMinutes(1);

    /// <summary>Handlings that a message remembers of those of which it is not known whether they held the note.</summary>
    private const int MostPredecessors = 8;

    private const string Holder = "Holder";
    private const string HeldUntil = "HeldUntil";
    private const string State = "State";
    private const string MissingSince = "MissingSince";
    private const string Told = "told";
    private const string Kept = "kept";

    /// <summary>Asks for the right to tell a flow.</summary>
    /// <param name="item">The message that asks.</param>
    public async Task<FlowNote> TakeAsync(WorkItem<OutgoingNotification> item, CancellationToken cancellationToken)
    {
        var predecessors = item.Predecessors;
        item.Predecessors = [.. predecessors.TakeLast(MostPredecessors - 1), item.Handling]; // storage may fail and have written it
        var note = await storage.UseTableAsync(
            StorageNames.Deliveries, (table, cancellationToken) => TakeAsync(table, item, predecessors, cancellationToken), cancellationToken);
        item.Predecessors = note is FlowNote.Held ? [item.Handling] : predecessors;
        return note;
    }

    /// <summary>The flow was told. While storage is away this waits for it: without the note the flow would be told again.</summary>
    public Task CloseAsync(WorkItem<OutgoingNotification> item, CancellationToken cancellationToken) => storage.InsistAsync(
        cancellationToken => MergeAsync(item, new() { [State] = Told }, cancellationToken), cancellationToken);

    /// <summary>The message is kept in the poison queue, until somebody moves it back.</summary>
    public Task KeepAsync(WorkItem<OutgoingNotification> item, CancellationToken cancellationToken) =>
        MergeAsync(item, new() { [State] = Kept }, cancellationToken);

    /// <summary>The message is put back; others may have the note only when its copy should long have come.</summary>
    /// <param name="wait">When the copy comes.</param>
    /// <param name="missingSince">When the flow's address was not found for the first time in a row.</param>
    public Task HandOnAsync(WorkItem<OutgoingNotification> item, TimeSpan wait, DateTimeOffset? missingSince, CancellationToken cancellationToken) => MergeAsync(
        item,
        new() { [HeldUntil] = time.GetUtcNow() + wait + TryTime, [MissingSince] = missingSince ?? DateTimeOffset.UnixEpoch },
        cancellationToken);

    private async Task<FlowNote> TakeAsync(
        TableClient table, WorkItem<OutgoingNotification> item, IReadOnlyList<string> predecessors, CancellationToken cancellationToken)
    {
        var (partition, row) = RowOf(item.Content);
        try
        {
            await table.AddEntityAsync(Hold(new TableEntity(partition, row), item), cancellationToken);
            return new FlowNote.Held(null);
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == "EntityAlreadyExists")
        {
        }

        while (true)
        {
            var note = (await table.GetEntityAsync<TableEntity>(partition, row, cancellationToken: cancellationToken)).Value;
            var holder = note.GetString(Holder);
            var isMine = predecessors.Contains(holder) || holder.Split(':')[0] == item.MessageId;
            if (note.GetString(State) is Told || (note.GetString(State) is Kept && !isMine))
                return FlowNote.AlreadyTold;
            if (!isMine && note.GetDateTimeOffset(HeldUntil) - time.GetUtcNow() is { } left && left > TimeSpan.Zero)
                return new FlowNote.HeldByOther(left < LongestLook ? left : LongestLook);

            var missingSince = note.GetDateTimeOffset(MissingSince);
            try
            {
                await table.UpdateEntityAsync(Hold(note, item), note.ETag, TableUpdateMode.Replace, cancellationToken);
                return new FlowNote.Held(missingSince > DateTimeOffset.UnixEpoch ? missingSince : null);
            }
            catch (RequestFailedException exception) when (exception.Status == 412)
            {
                // Another message took it at the same moment.
            }
        }
    }

    private TableEntity Hold(TableEntity note, WorkItem<OutgoingNotification> item)
    {
        (note[Holder], note[HeldUntil], note[State]) = (item.Handling, time.GetUtcNow() + TryTime, "");
        return note;
    }

    private Task<Response> MergeAsync(WorkItem<OutgoingNotification> item, TableEntity changes, CancellationToken cancellationToken)
    {
        (changes.PartitionKey, changes.RowKey) = RowOf(item.Content);
        return storage.UseTableAsync(
            StorageNames.Deliveries,
            (table, cancellationToken) => table.UpsertEntityAsync(changes, TableUpdateMode.Merge, cancellationToken),
            cancellationToken);
    }

    private static (string Partition, string Row) RowOf(OutgoingNotification notification) =>
        (DeliveryTable.PartitionOf(notification.Key), $"{notification.Key}-{notification.CallbackHash}");
}

/// <summary>What became of a message's question for the right to tell a flow.</summary>
public abstract record FlowNote
{
    /// <summary>The flow was told by another message, or that one is kept in the poison queue: this one may go.</summary>
    public static FlowNote AlreadyTold { get; } = new Gone();

    /// <summary>This message may call the flow.</summary>
    /// <param name="MissingSince">When the flow's address was not found for the first time in a row, or null.</param>
    public sealed record Held(DateTimeOffset? MissingSince) : FlowNote;

    /// <summary>Another message has the right: look again after this.</summary>
    public sealed record HeldByOther(TimeSpan Wait) : FlowNote;

    private sealed record Gone : FlowNote;
}
