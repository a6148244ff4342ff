using Azure.Data.Tables;
using ConversationLookup.Problems;
using ConversationLookup.Storage;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Webhooks;

/// <summary>
/// When Wassist was last heard of, by any instance: one row of the table <c>deliveries</c>. It is written only where silence is watched
/// for, and by each instance at most once a minute.
/// </summary>
public sealed class EventWatch(AppStorage storage, IOptions<WebhookOptions> options, TimeProvider time)
{
    private const string Partition = "webhook"; // no purge comes here
    private const string Row = "last-heard";
    private const string At = "At";

    private static readonly TimeSpan BetweenNotes = TimeSpan.FromMinutes(1);

    private long _notedAt;

    /// <summary>How long a silence may be; null for any length.</summary>
    public TimeSpan? Patience => options.Value.SilenceAfterMinutes > 0 ? TimeSpan.FromMinutes(options.Value.SilenceAfterMinutes) : null;

    /// <summary>Notes that Wassist has sent something, whatever it was. Never throws.</summary>
    public async Task NoteAsync()
    {
        var (now, noted) = (time.GetUtcNow(), Volatile.Read(ref _notedAt));
        if (Patience is null || now.UtcTicks - noted < BetweenNotes.Ticks || Interlocked.CompareExchange(ref _notedAt, now.UtcTicks, noted) != noted)
            return;
        try
        {
            await storage.UseTableAsync(
                StorageNames.Deliveries,
                (table, cancellationToken) => table.UpsertEntityAsync(new TableEntity(Partition, Row) { [At] = now }, TableUpdateMode.Replace, cancellationToken),
                CancellationToken.None);
        }
        catch (ProblemException)
        {
            Volatile.Write(ref _notedAt, noted); // the next one is noted
        }
    }

    /// <returns>Null where Wassist was never heard of.</returns>
    public Task<DateTimeOffset?> GetLastAsync(CancellationToken cancellationToken) => storage.UseTableAsync(
        StorageNames.Deliveries,
        async (table, cancellationToken) => (await TableRows.FindAsync(table, Partition, Row, cancellationToken))?.GetDateTimeOffset(At),
        cancellationToken);
}
