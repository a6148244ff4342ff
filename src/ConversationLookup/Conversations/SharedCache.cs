using ConversationLookup.Redis;
using ConversationLookup.Values;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using StackExchange.Redis;

namespace ConversationLookup.Conversations;

/// <summary>
/// What HybridCache keeps for all instances, in Redis. A Redis that is away has nothing and takes nothing.
/// </summary>
/// <remarks>Keys are hashed, because some have phone numbers in them; and belong to one build, which alone is sure to read what it wrote.</remarks>
public sealed class SharedCache(SharedState shared, WassistAccount account) : IDistributedCache
{
    private static readonly string Build = typeof(ConversationReader).Module.ModuleVersionId.ToString("N");

    private readonly Lock _lock = new();
    private RedisCache? _cache;

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        await shared.TryAsync(database => Cache(database).GetAsync(Hashes.Of(key), token), token);

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        await shared.TryAsync(database => Done(Cache(database).SetAsync(Hashes.Of(key), value, options, token)), token);

    public async Task RemoveAsync(string key, CancellationToken token = default) =>
        await shared.TryAsync(database => Done(Cache(database).RemoveAsync(Hashes.Of(key), token)), token);

    /// <summary>Nothing lives longer for being read.</summary>
    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    byte[]? IDistributedCache.Get(string key) => throw OnlyAsynchronous();

    void IDistributedCache.Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw OnlyAsynchronous();

    void IDistributedCache.Remove(string key) => throw OnlyAsynchronous();

    void IDistributedCache.Refresh(string key) => throw OnlyAsynchronous();

    private static NotSupportedException OnlyAsynchronous() => new("HybridCache asks asynchronously only.");

    private static async Task<bool> Done(Task task)
    {
        await task;
        return true;
    }

    private RedisCache Cache(IDatabase database)
    {
        lock (_lock)
        {
            return _cache ??= new RedisCache(new RedisCacheOptions
            {
                ConnectionMultiplexerFactory = () => Task.FromResult(database.Multiplexer),
                InstanceName = $"conversation-lookup:{account.Name}:{Build}:",
            });
        }
    }
}
