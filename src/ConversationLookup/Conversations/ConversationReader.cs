using ConversationLookup.Wassist;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Conversations;

/// <summary>
/// Conversations through a short cache: concurrent callers of one conversation share one upstream call, one who gives up does not
/// cancel the others, and a failure is not kept.
/// </summary>
internal sealed class ConversationReader(HybridCache cache, WassistClient wassist, IOptions<LookupOptions> options)
{
    private readonly HybridCacheEntryOptions _cached = Keep(options.Value.CacheSeconds, HybridCacheEntryFlags.None);

    private readonly HybridCacheEntryOptions _fresh = Keep(
        options.Value.CacheSeconds, HybridCacheEntryFlags.DisableLocalCacheRead | HybridCacheEntryFlags.DisableDistributedCacheRead);

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

    private static HybridCacheEntryOptions Keep(int seconds, HybridCacheEntryFlags flags) => seconds == 0
        ? new() { Flags = HybridCacheEntryFlags.DisableLocalCache | HybridCacheEntryFlags.DisableDistributedCache }
        : new() { Flags = flags, Expiration = TimeSpan.FromSeconds(seconds), LocalCacheExpiration = TimeSpan.FromSeconds(seconds) };
}
