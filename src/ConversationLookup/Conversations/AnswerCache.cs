using System.Diagnostics;
using ConversationLookup.Telemetry;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Caching.Hybrid;

namespace ConversationLookup.Conversations;

/// <summary>
/// Wassist's answers through a short cache: concurrent callers who ask for the same share one upstream call, one who gives up does not
/// cancel the others, and a failure is not kept.
/// </summary>
public sealed class AnswerCache(HybridCache cache, LookupMetrics metrics)
{
    private static readonly HybridCacheEntryOptions InMemoryOnly = new()
    {
        Flags = HybridCacheEntryFlags.DisableUnderlyingData | HybridCacheEntryFlags.DisableDistributedCache | HybridCacheEntryFlags.DisableLocalCacheWrite,
    };

    /// <summary>Asks through the cache, and counts where the answer came from.</summary>
    /// <param name="kind">What is asked for, for the numbers.</param>
    /// <param name="key">What is asked for.</param>
    /// <param name="ask">Asks Wassist.</param>
    /// <param name="keep">How long the answer is handed out again.</param>
    /// <param name="fresh">Whether an answer kept from before will not do.</param>
    /// <param name="since">An answer to an older question will not do, wherever it comes from.</param>
    public async ValueTask<Retrieved<T>> ShareAsync<T>(
        string kind, string key, Func<CancellationToken, Task<Retrieved<T>>> ask, Keeping keep, bool fresh, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var caller = Activity.Current;
        var asked = false;
        var atOnce = false;
        var passesOver = fresh;
        try
        {
            while (true)
            {
                var pending = cache.GetOrCreateAsync(
                    key,
                    cancellationToken => fresh || !keep.IsKept ? AskAsync(cancellationToken) : FindOrAskAsync(cancellationToken),
                    passesOver ? keep.Fresh : keep.Cached,
                    cancellationToken: cancellationToken);
                atOnce = pending.IsCompleted; // as only what is in memory is
                var known = await pending;
                if (known.AskedAt >= since)
                    return known;
                passesOver = true;
            }
        }
        finally
        {
            metrics.Lookup(kind, asked ? "upstream" : atOnce ? "cached" : "shared");
        }

        // HybridCache looks into memory, then for a question that is under way; one that ended between the two looks would be asked again
        // (dotnet/extensions, DefaultHybridCache.Stampede.cs).
        async ValueTask<Retrieved<T>> FindOrAskAsync(CancellationToken cancellationToken) =>
            await FindInMemoryAsync<T>(key) is { } found && found.AskedAt >= since ? found : await AskAsync(cancellationToken);

        ValueTask<Retrieved<T>> AskAsync(CancellationToken cancellationToken)
        {
            asked = true;
            if (Tracing.IsOn)
                Activity.Current = caller; // the cache asks on a thread that belongs to nobody
            return new ValueTask<Retrieved<T>>(ask(cancellationToken));
        }
    }

    private ValueTask<Retrieved<T>?> FindInMemoryAsync<T>(string key) =>
        cache.GetOrCreateAsync(key, static _ => ValueTask.FromResult<Retrieved<T>?>(null), InMemoryOnly, cancellationToken: CancellationToken.None);
}

/// <summary>How long an answer is handed out again.</summary>
/// <param name="seconds">0 shares it only while it is asked for.</param>
public sealed class Keeping(int seconds)
{
    public bool IsKept => seconds > 0;

    public HybridCacheEntryOptions Cached { get; } = Keep(seconds, HybridCacheEntryFlags.None);

    /// <summary>One from before is passed over.</summary>
    public HybridCacheEntryOptions Fresh { get; } = Keep(seconds, HybridCacheEntryFlags.DisableLocalCacheRead | HybridCacheEntryFlags.DisableDistributedCacheRead);

    private static HybridCacheEntryOptions Keep(int seconds, HybridCacheEntryFlags flags)
    {
        var kept = TimeSpan.FromSeconds(seconds);
        return seconds == 0
            ? new() { Flags = HybridCacheEntryFlags.DisableLocalCache | HybridCacheEntryFlags.DisableDistributedCache }
            : new() { Flags = flags, Expiration = kept, LocalCacheExpiration = kept };
    }
}
