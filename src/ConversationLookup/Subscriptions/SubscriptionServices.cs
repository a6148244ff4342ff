using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Subscriptions;

/// <summary>Registers the flows that want to be told.</summary>
public static class SubscriptionServices
{
    /// <summary>Adds <see cref="SubscriptionHandlers"/>, <see cref="SubscriptionStore"/> and <see cref="CallbackPolicy"/>.</summary>
    public static IServiceCollection AddSubscriptions(this IServiceCollection services, IConfiguration configuration)
    {
        SubscriptionOptions.Settings.AddTo(services, configuration);
        return services
            .AddSingleton<CallbackPolicy>()
            .AddSingleton<SubscriptionStore>()
            .AddSingleton<SubscriptionHandlers>();
    }
}
