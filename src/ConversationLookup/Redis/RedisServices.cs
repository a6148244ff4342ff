using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Redis;

/// <summary>Registers what all instances share.</summary>
public static class RedisServices
{
    /// <summary>Adds <see cref="SharedState"/>.</summary>
    public static IServiceCollection AddRedis(this IServiceCollection services)
    {
        services.AddOptions<RedisOptions>()
            .BindConfiguration(RedisOptions.Section)
            .Validate(
                options => options.IsUsable(),
                "ConnectionStrings:Redis must be an address as StackExchange.Redis reads it, such as localhost:6379, or name.region.redis.azure.net:10000,ssl=true,user=object-id for the app's identity.")
            .ValidateOnStart();
        return services.AddSingleton<SharedState>();
    }
}
