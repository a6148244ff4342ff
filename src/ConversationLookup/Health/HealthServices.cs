using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Health;

/// <summary>Registers what tells an operator how the app is.</summary>
public static class HealthServices
{
    /// <summary>Adds <see cref="HealthHandlers"/> with the checks, and <see cref="StartupReport"/>.</summary>
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddHealthChecks()
            .AddCheck<ApiKeyCheck>("apiKey")
            .AddCheck<UpstreamCheck>("upstream")
            .AddCheck<RedisCheck>("redis")
            .AddCheck<StorageCheck>("triggers")
            .AddCheck<WebhookCheck>("webhook");
        // The checks' own log line repeats on every probe what the answer says.
        services.AddLogging(logging => logging.AddFilter(typeof(HealthCheckService).Namespace, LogLevel.None));
        return services.AddSingleton<HealthHandlers>().AddHostedService<StartupReport>();
    }
}
