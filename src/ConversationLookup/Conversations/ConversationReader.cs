using System.Diagnostics;
using ConversationLookup.Telemetry;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Conversations;

/// <summary>
/// Conversations through a short cache: concurrent callers of one conversation share one upstream call, one who gives up does not
/// cancel the others, and a failure is not kept. It throws what <see cref="WassistClient"/> throws.
/// </summary>
public sealed class ConversationReader(
    HybridCache cache, WassistClient wassist, LookupMetrics metrics, TimeProvider time, IOptions<LookupOptions> options)
{
    /// <summary>Events wait for minutes, and an answer serves all that came before it. In seconds.</summary>
    private const int KeptForEvents = 120;

    /// <summary>The least time between two calls for events of one conversation, so that a burst of them is a call every two seconds.</summary>
    private static readonly TimeSpan EventSpacing = TimeSpan.FromSeconds(2);

    private readonly HybridCacheEntryOptions _cached = Keep(options.Value.CacheSeconds, fresh: false);
    private readonly HybridCacheEntryOptions _fresh = Keep(options.Value.CacheSeconds, fresh: true);
    private readonly HybridCacheEntryOptions _forEvents = Keep(KeptForEvents, fresh: false);
    private readonly HybridCacheEntryOptions _freshForEvents = Keep(KeptForEvents, fresh: true);

    /// <summary>One conversation.</summary>
    /// <param name="fresh">Whether an answer kept from before will not do; one that is under way will.</param>
    public ValueTask<Retrieved<WassistConversation>> GetAsync(Guid id, bool fresh, CancellationToken cancellationToken) =>
        ShareAsync(
            "conversation",
            $"conversation:{id:D}",
            cancellationToken => wassist.GetConversationAsync(id, null, cancellationToken),
            fresh ? _fresh : _cached,
            cancellationToken);

    /// <summary>A list of conversations.</summary>
    public ValueTask<Retrieved<WassistPage<WassistConversation>>> ListAsync(ConversationFilter filter, bool fresh, CancellationToken cancellationToken) =>
        ShareAsync(
            "conversations",
            $"conversations:{filter.ToQueryString()}:{filter.Paging.Limit}",
            cancellationToken => wassist.ListConversationsAsync(filter, cancellationToken),
            fresh ? _fresh : _cached,
            cancellationToken);

    /// <summary>Messages of one conversation.</summary>
    public ValueTask<Retrieved<WassistPage<WassistMessage>>> ListMessagesAsync(Guid id, Paging paging, bool fresh, CancellationToken cancellationToken) =>
        ShareAsync(
            "messages",
            $"messages:{id:D}:{paging.Limit}:{paging.Offset}",
            cancellationToken => wassist.ListMessagesAsync(id, paging, cancellationToken),
            fresh ? _fresh : _cached,
            cancellationToken);

    /// <summary>One conversation, in an answer that knows of everything up to a moment: Wassist was asked after it.</summary>
    /// <param name="moment">When the event arrived that asks.</param>
    /// <param name="waitsUntil">Until when it waits for its turn.</param>
    public async ValueTask<Retrieved<WassistConversation>> GetAskedSinceAsync(
        Guid id, DateTimeOffset moment, DateTimeOffset waitsUntil, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (moment > now)
            moment = now; // the instance that received the event has another clock

        var key = $"event-conversation:{id:D}";
        var known = await ShareAsync(
            "conversation", key, cancellationToken => wassist.GetConversationAsync(id, waitsUntil, cancellationToken), _forEvents, cancellationToken);
        while (known.AskedAt < moment) // once, or twice after joining a call that had begun before
        {
            var notBefore = known.AskedAt + EventSpacing;
            known = await ShareAsync(
                "conversation", key, cancellationToken => GetNotBeforeAsync(id, notBefore, waitsUntil, cancellationToken), _freshForEvents, cancellationToken);
        }

        return known;
    }

    /// <summary>Asks through the cache, and counts where the answer came from.</summary>
    private async ValueTask<T> ShareAsync<T>(
        string kind, string key, Func<CancellationToken, Task<T>> ask, HybridCacheEntryOptions keep, CancellationToken cancellationToken)
    {
        var caller = Activity.Current;
        var asked = false;
        var pending = cache.GetOrCreateAsync(
            key,
            cancellationToken =>
            {
                asked = true;
                if (Tracing.IsOn)
                    Activity.Current = caller; // the cache asks on a thread that belongs to nobody
                return new ValueTask<T>(ask(cancellationToken));
            },
            keep,
            cancellationToken: cancellationToken);
        var atOnce = pending.IsCompleted; // as only what is in memory is
        try
        {
            return await pending;
        }
        finally
        {
            metrics.Lookup(kind, asked ? "upstream" : atOnce ? "cached" : "shared");
        }
    }

    private async Task<Retrieved<WassistConversation>> GetNotBeforeAsync(Guid id, DateTimeOffset moment, DateTimeOffset waitsUntil, CancellationToken cancellationToken)
    {
        var wait = moment - time.GetUtcNow();
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellationToken);
        return await wassist.GetConversationAsync(id, waitsUntil, cancellationToken);
    }

    /// <param name="seconds">How long an answer is handed out again; 0 shares it only while it is asked for.</param>
    /// <param name="fresh">Whether one from before is passed over.</param>
    private static HybridCacheEntryOptions Keep(int seconds, bool fresh)
    {
        const HybridCacheEntryFlags NotRead = HybridCacheEntryFlags.DisableLocalCacheRead | HybridCacheEntryFlags.DisableDistributedCacheRead;
        const HybridCacheEntryFlags NotKept = HybridCacheEntryFlags.DisableLocalCache | HybridCacheEntryFlags.DisableDistributedCache;
        var kept = TimeSpan.FromSeconds(seconds);
        return seconds == 0
            ? new() { Flags = NotKept }
            : new() { Flags = fresh ? NotRead : HybridCacheEntryFlags.None, Expiration = kept, LocalCacheExpiration = kept };
    }
}
