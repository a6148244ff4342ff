using ConversationLookup.Json;
using ConversationLookup.Problems;
using ConversationLookup.Telemetry;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Guardian;

/// <summary>
/// Has Wassist send again what it could not deliver, each delivery once, the oldest first. A replay is a delivery of its own, and is replayed
/// if it fails, some times. That a flow is not told twice is not for this class to see to: a message is told once however many deliveries
/// bring it.
/// </summary>
/// <remarks>
/// A replay that fails counts for Wassist as any other: this must not be what switches the webhook off. So it begins with one, looks how the
/// webhook stands, goes on with two, and so forth, and ends where a delivery failed.
/// </remarks>
public sealed class FailedDeliveries(WassistClient wassist, GuardianTable table, IOptions<WassistOptions> options, LookupMetrics metrics, TimeProvider time, ILogger<FailedDeliveries> logger)
{
    /// <summary>A delivery this old is not under way any more: Wassist tries four times within three minutes.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(5);

    /// <summary>Deliveries this old are done with once a run has found no failed one: with room for a list that is late.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(15);

    /// <summary>What failed before is nobody's wish any more; its note would soon be purged, too.</summary>
    private static readonly TimeSpan Oldest = TimeSpan.FromDays(7);

    /// <summary>Within the time from look to look, and the host's limit for a function.</summary>
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(4);

    private const int MostPages = 50;

    /// <summary>Replays between two looks at the webhook, at most: half of the failures in a row that switch it off.</summary>
    private const int MostBetweenLooks = 10;

    /// <summary>How often a replay is asked for whose answer is lost, or is a refusal, and how often an event is replayed that fails every time.</summary>
    private const int MostTries = 5;

    /// <summary>The tries of a delivery that is not to be replayed again: its replay is, should that fail.</summary>
    public const int Done = 100;

    /// <summary>Every other call of the events: the other is for the lookup of what a replay brings.</summary>
    private readonly TimeSpan _pace = 2 * CallLine.Spacing(options.Value.GetParts()?.Events);

    /// <summary>Replays what it can.</summary>
    /// <param name="webhook">How it stands.</param>
    /// <param name="from">What was created before is left.</param>
    /// <param name="wanted">The types of event that flows subscribe to.</param>
    /// <param name="lookAgain">How the webhook stands now.</param>
    /// <returns>From where the next run has to look, and how many were replayed.</returns>
    /// <exception cref="ProblemException">Why Wassist does not list its deliveries, or storage did not answer.</exception>
    public async Task<(DateTimeOffset From, int Replayed)> ReplayAsync(
        WebhookFinding webhook, DateTimeOffset from, IReadOnlyCollection<string> wanted, Func<Task<WebhookFinding>> lookAgain, CancellationToken cancellationToken)
    {
        var started = time.GetUtcNow();
        if (from < started - Oldest)
            from = started - Oldest;
        var (all, isComplete) = await ListAsync(from, cancellationToken);
        var (replayed, looked, betweenLooks) = (0, 0, 1);
        try
        {
            foreach (var delivery in all.Reverse().Where(delivery => IsLost(delivery, webhook, wanted, started)).OrderBy(delivery => delivery.CreatedAt))
            {
                var tries = await table.CountTriesAsync(delivery.Id, cancellationToken);
                if (tries >= MostTries)
                    continue;
                if (replayed == looked + betweenLooks)
                {
                    (looked, betweenLooks) = (replayed, Math.Min(2 * betweenLooks, MostBetweenLooks));
                    await PaceAsync(cancellationToken);
                    if (await lookAgain() is not { On.Count: > 0, Failures: 0 })
                        return (from, replayed);
                }

                if (time.GetUtcNow() - started > LongestRun)
                    return (from, replayed);
                await PaceAsync(cancellationToken);
                if (await ReplayAsync(delivery, tries, cancellationToken) is not { } isDone)
                    return (from, replayed);
                isComplete &= isDone;
                replayed++;
            }
        }
        finally
        {
            if (replayed > 0)
                logger.Replayed(replayed);
        }

        return (isComplete && started - Overlap > from ? started - Overlap : from, replayed);
    }

    /// <summary>
    /// Whether it is to be replayed: it failed for good, and not because this app cannot read it, which another time would not change.
    /// </summary>
    private static bool IsLost(WassistDelivery delivery, WebhookFinding webhook, IReadOnlyCollection<string> wanted, DateTimeOffset now) =>
        delivery.State is DeliveryState.Failed
        && delivery.Status is not (400 or 413)
        && delivery.CreatedAt < now - Settled
        && webhook.Has(delivery)
        && (delivery.Event is not { } type || wanted.Contains(type));

    /// <returns>What was created since, and whether that is all of it.</returns>
    private async Task<(IReadOnlyList<WassistDelivery> All, bool IsComplete)> ListAsync(DateTimeOffset from, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, WassistDelivery>(); // what comes in between moves others to the next page
        var offset = 0;
        for (var pages = 0; pages < MostPages; pages++)
        {
            TolerantList<WassistDelivery> page;
            try
            {
                await PaceAsync(cancellationToken);
                page = await wassist.ListDeliveriesAsync(offset, time.GetUtcNow(), cancellationToken);
            }
            catch (ProblemException) when (pages > 0)
            {
                break; // what was found is a beginning
            }

            var items = page.Items.OfType<WassistDelivery>().ToList();
            foreach (var delivery in items.Where(delivery => delivery.CreatedAt >= from))
                all.TryAdd(delivery.Id, delivery);
            offset += page.Items.Count;
            var isNewestFirst = items is [var first, .., var last] && first.CreatedAt >= last.CreatedAt;
            if (page.HasNext is not true || page.Items.Count == 0 || (isNewestFirst && items[^1].CreatedAt < from))
                return ([.. all.Values], true);
        }

        return ([.. all.Values], false);
    }

    /// <returns>Whether it is done with; null where Wassist does not answer, or no call is left.</returns>
    private async Task<bool?> ReplayAsync(WassistDelivery delivery, int tries, CancellationToken cancellationToken)
    {
        var post = new WassistPost("replay_webhook_delivery", $"webhook-deliveries/{delivery.Id}/replay/", [], $"replay-{delivery.Id}") { WaitsUntil = time.GetUtcNow() };
        switch (await wassist.PostAsync(post, cancellationToken))
        {
            case PostOutcome.Done done:
                metrics.Replay("replayed");
                await table.NoteTriesAsync(delivery.Id, Done, cancellationToken);
                if (TolerantJson.Read(done.Body, WassistDelivery.IdOfReplay).Read is { } replay && replay != delivery.Id)
                    await table.NoteTriesAsync(replay, tries + 1, cancellationToken);
                return true;
            case PostOutcome.NotDone { Problem: { Code: ProblemCodes.UpstreamRejectedRequest or ProblemCodes.ConversationNotFound or ProblemCodes.ReplyWindowClosed } problem }:
                metrics.Replay("refused");
                logger.ReplayRefused(delivery.Id, problem.Cause);
                await table.NoteTriesAsync(delivery.Id, tries + 1, cancellationToken);
                return tries + 1 >= MostTries;
            case PostOutcome.Unknown unknown:
                metrics.Replay("unknown");
                logger.ReplayRefused(delivery.Id, unknown.Cause);
                await table.NoteTriesAsync(delivery.Id, tries + 1, cancellationToken);
                return null;
            default:
                return null;
        }
    }

    private Task PaceAsync(CancellationToken cancellationToken) => Task.Delay(_pace, time, cancellationToken);
}
