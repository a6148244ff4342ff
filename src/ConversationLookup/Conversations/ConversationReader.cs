using System.Diagnostics;
using ConversationLookup.Telemetry;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Conversations;

/// <summary>
/// Conversations through a short cache: concurrent callers of one conversation share one upstream call, one who gives up does not
/// cancel the others, and a failure is not kept.
/// </summary>
internal sealed class ConversationReader(
    HybridCache cache, WassistClient wassist, LookupMetrics metrics, TimeProvider time, IOptions<LookupOptions> options)
{
    private readonly HybridCacheEntryOptions _cached = Keep(options.Value.CacheSeconds, HybridCacheEntryFlags.None);

    private readonly HybridCacheEntryOptions _fresh = Keep(
        options.Value.CacheSeconds, HybridCacheEntryFlags.DisableLocalCacheRead | HybridCacheEntryFlags.DisableDistributedCacheRead);

    /// <summary>Events wait for minutes, and an answer serves all that came before it.</summary>
    private static readonly HybridCacheEntryOptions ForEvents = Keep(120, HybridCacheEntryFlags.None);

    private static readonly HybridCacheEntryOptions ForEventsAnew = Keep(
        120, HybridCacheEntryFlags.DisableLocalCacheRead | HybridCacheEntryFlags.DisableDistributedCacheRead);

    /// <summary>The least time between two calls for events of one conversation, so that a burst of them is a call every two seconds.</summary>
    private static readonly TimeSpan EventSpacing = TimeSpan.FromSeconds(2);

    /// <param name="id">The conversation.</param>
    /// <param name="fresh">Whether an answer kept from before will not do; one that is under way will.</param>
    /// <param name="cancellationToken">The caller's own.</param>
    /// <exception cref="Problems.ProblemException">What <see cref="WassistClient"/> throws.</exception>
    public ValueTask<RetrievedConversation> GetAsync(Guid id, bool fresh, CancellationToken cancellationToken) =>
        ShareAsync("conversation", $"conversation:{id:D}", shared => wassist.GetConversationAsync(id, shared), fresh ? _fresh : _cached, cancellationToken);

    /// <param name="query">Which conversations.</param>
    /// <param name="fresh">As for one conversation.</param>
    /// <param name="cancellationToken">The caller's own.</param>
    /// <exception cref="Problems.ProblemException">What <see cref="WassistClient"/> throws.</exception>
    public ValueTask<RetrievedPage<WassistConversation>> ListAsync(ConversationQuery query, bool fresh, CancellationToken cancellationToken) =>
        ShareAsync(
            "conversations",
            $"conversations:{query.ToUpstream()}:{query.Paging.Limit}",
            shared => wassist.ListConversationsAsync(query, shared),
            fresh ? _fresh : _cached,
            cancellationToken);

    /// <param name="id">The conversation.</param>
    /// <param name="paging">Which of its messages.</param>
    /// <param name="fresh">As for one conversation.</param>
    /// <param name="cancellationToken">The caller's own.</param>
    /// <exception cref="Problems.ProblemException">What <see cref="WassistClient"/> throws.</exception>
    public ValueTask<RetrievedPage<WassistMessage>> ListMessagesAsync(Guid id, Paging paging, bool fresh, CancellationToken cancellationToken) =>
        ShareAsync(
            "messages",
            $"messages:{id:D}:{paging.Limit}:{paging.Offset}",
            shared => wassist.ListMessagesAsync(id, paging, shared),
            fresh ? _fresh : _cached,
            cancellationToken);

    /// <summary>An answer that knows of everything up to a moment: Wassist was asked after it.</summary>
    /// <param name="id">The conversation.</param>
    /// <param name="moment">When the event arrived.</param>
    /// <param name="cancellationToken">The caller's own.</param>
    /// <exception cref="Problems.ProblemException">What <see cref="WassistClient"/> throws.</exception>
    public async ValueTask<RetrievedConversation> GetAskedSinceAsync(Guid id, DateTimeOffset moment, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (moment > now)
            moment = now; // the instance that received the event has another clock

        var key = $"event-conversation:{id:D}";
        var known = await ShareAsync("conversation", key, shared => wassist.GetConversationAsync(id, shared), ForEvents, cancellationToken);
        while (known.AskedAt < moment) // once, or twice after joining a call that had begun before
        {
            var notBefore = known.AskedAt + EventSpacing;
            known = await ShareAsync("conversation", key, shared => GetNotBeforeAsync(id, notBefore, shared), ForEventsAnew, cancellationToken);
        }

        return known;
    }

    /// <summary>Asks through the cache, and counts where the answer came from.</summary>
    private async ValueTask<T> ShareAsync<T>(
        string kind, string key, Func<CancellationToken, Task<T>> ask, HybridCacheEntryOptions keep, CancellationToken cancellationToken)
    {
        var asker = Activity.Current;
        var asked = false;
        var pending = cache.GetOrCreateAsync(
            key,
            async shared =>
            {
                asked = true;
                Activity.Current = asker; // the cache asks on a thread that belongs to nobody
                return await ask(shared);
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

    private async Task<RetrievedConversation> GetNotBeforeAsync(Guid id, DateTimeOffset moment, CancellationToken cancellationToken)
    {
        var wait = moment - time.GetUtcNow();
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellationToken);
        return await wassist.GetConversationAsync(id, cancellationToken);
    }

    private static HybridCacheEntryOptions Keep(int seconds, HybridCacheEntryFlags flags) => seconds == 0
        ? new() { Flags = HybridCacheEntryFlags.DisableLocalCache | HybridCacheEntryFlags.DisableDistributedCache }
        : new() { Flags = flags, Expiration = TimeSpan.FromSeconds(seconds), LocalCacheExpiration = TimeSpan.FromSeconds(seconds) };
}
