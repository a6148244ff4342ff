using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Redis;

/// <summary>Registers what all instances share.</summary>
public static class RedisServices
{
    /// <summary>Adds <see cref="SharedState"/>.</summary>
    public static IServiceCollection AddRedis(this IServiceCollection services, IConfiguration configuration)
    {
        RedisOptions.Settings.AddTo(services, configuration);
        return services.AddSingleton<SharedState>();
    }
}
