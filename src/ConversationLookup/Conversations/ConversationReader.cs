using ConversationLookup.Wassist;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Conversations;

/// <summary>
/// Conversations through a short cache: concurrent callers of one conversation share one upstream call, one who gives up does not
/// cancel the others, and a failure is not kept.
/// </summary>
internal sealed class ConversationReader(HybridCache cache, WassistClient wassist, TimeProvider time, IOptions<LookupOptions> options)
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
        cache.GetOrCreateAsync(
            $"conversation:{id:D}",
            (wassist, id),
            static async (state, shared) => await state.wassist.GetConversationAsync(state.id, shared),
            fresh ? _fresh : _cached,
            cancellationToken: cancellationToken);

    /// <param name="query">Which conversations.</param>
    /// <param name="fresh">As for one conversation.</param>
    /// <param name="cancellationToken">The caller's own.</param>
    /// <exception cref="Problems.ProblemException">What <see cref="WassistClient"/> throws.</exception>
    public ValueTask<RetrievedPage<WassistConversation>> ListAsync(ConversationQuery query, bool fresh, CancellationToken cancellationToken) =>
        cache.GetOrCreateAsync(
            $"conversations:{query.ToUpstream()}:{query.Paging.Limit}",
            (wassist, query),
            static async (state, shared) => await state.wassist.ListConversationsAsync(state.query, shared),
            fresh ? _fresh : _cached,
            cancellationToken: cancellationToken);

    /// <param name="id">The conversation.</param>
    /// <param name="paging">Which of its messages.</param>
    /// <param name="fresh">As for one conversation.</param>
    /// <param name="cancellationToken">The caller's own.</param>
    /// <exception cref="Problems.ProblemException">What <see cref="WassistClient"/> throws.</exception>
    public ValueTask<RetrievedPage<WassistMessage>> ListMessagesAsync(Guid id, Paging paging, bool fresh, CancellationToken cancellationToken) =>
        cache.GetOrCreateAsync(
            $"messages:{id:D}:{paging.Limit}:{paging.Offset}",
            (wassist, id, paging),
            static async (state, shared) => await state.wassist.ListMessagesAsync(state.id, state.paging, shared),
            fresh ? _fresh : _cached,
            cancellationToken: cancellationToken);

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
        var known = await cache.GetOrCreateAsync(
            key, (wassist, id), static async (state, shared) => await state.wassist.GetConversationAsync(state.id, shared), ForEvents, cancellationToken: cancellationToken);
        while (known.AskedAt < moment) // once, or twice after joining a call that had begun before
        {
            known = await cache.GetOrCreateAsync(
                key,
                (Reader: this, Id: id, NotBefore: known.AskedAt + EventSpacing),
                static async (state, shared) => await state.Reader.GetNotBeforeAsync(state.Id, state.NotBefore, shared),
                ForEventsAnew,
                cancellationToken: cancellationToken);
        }

        return known;
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
