using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Redis;

/// <summary>Registers what all instances share.</summary>
public static class RedisServices
{
    /// <summary>Adds <see cref="SharedState"/>; where <c>ConnectionStrings:Redis</c> is set, also the cache in it.</summary>
    public static IServiceCollection AddRedis(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<RedisOptions>()
            .BindConfiguration(RedisOptions.Section)
            .Validate(
                options => options.IsUsable(),
                "ConnectionStrings:Redis must be an address as StackExchange.Redis reads it, such as localhost:6379, or name.region.redis.azure.net:10000,ssl=true,user=object-id for the app's identity.")
            .ValidateOnStart();
        if (configuration.GetSection(RedisOptions.Section).Get<RedisOptions>() is { IsConfigured: true })
            services.AddSingleton<IDistributedCache, SharedCache>();
        return services.AddSingleton<SharedState>();
    }
}
