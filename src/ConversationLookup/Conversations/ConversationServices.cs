using ConversationLookup.Redis;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Conversations;

/// <summary>Registers lookups.</summary>
public static class ConversationServices
{
    /// <summary>Adds <see cref="ConversationHandlers"/> and <see cref="ConversationReader"/>, whose cache is in Redis too where there is one.</summary>
    public static IServiceCollection AddConversations(this IServiceCollection services, IConfiguration configuration)
    {
        LookupOptions.Settings.AddTo(services, configuration);
        services.AddMemoryCache(cache => cache.ExpirationScanFrequency = TimeSpan.FromSeconds(5)); // entries live for two
        if (RedisOptions.Settings.Read(configuration).Options.IsConfigured)
            services.AddSingleton<IDistributedCache, SharedCache>();
        services.AddHybridCache()
            .AddSerializer(new CacheSerializer<Retrieved<WassistConversation>>(CacheJson.Default.RetrievedWassistConversation))
            .AddSerializer(new CacheSerializer<Retrieved<WassistPage<WassistConversation>>>(CacheJson.Default.RetrievedWassistPageWassistConversation))
            .AddSerializer(new CacheSerializer<Retrieved<WassistPage<WassistMessage>>>(CacheJson.Default.RetrievedWassistPageWassistMessage))
            .AddSerializer(new CacheSerializer<Retrieved<IReadOnlyList<WassistAgent>>>(CacheJson.Default.RetrievedIReadOnlyListWassistAgent))
            .AddSerializer(new CacheSerializer<Retrieved<IReadOnlyList<WassistNumber>>>(CacheJson.Default.RetrievedIReadOnlyListWassistNumber))
            .AddSerializer(new CacheSerializer<Retrieved<IReadOnlyList<WassistTemplate>>>(CacheJson.Default.RetrievedIReadOnlyListWassistTemplate));
        return services.AddSingleton<AnswerCache>().AddSingleton<ChangedConversations>().AddSingleton<ConversationReader>().AddSingleton<ConversationHandlers>();
    }
}
