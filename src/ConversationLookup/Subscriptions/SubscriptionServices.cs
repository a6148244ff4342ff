using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Subscriptions;

/// <summary>Registers the flows that want to be told.</summary>
public static class SubscriptionServices
{
    /// <summary>Adds <see cref="SubscriptionHandlers"/>, <see cref="SubscriptionStore"/> and <see cref="CallbackPolicy"/>.</summary>
    public static IServiceCollection AddSubscriptions(this IServiceCollection services)
    {
        services.AddOptions<SubscriptionOptions>()
            .BindConfiguration(SubscriptionOptions.Section)
            .Validate(
                options => CallbackPolicy.ParseHosts(options.AllowedCallbackHosts) is { Count: > 0 } hosts && hosts.All(CallbackPolicy.IsHostPattern),
                "Subscriptions:AllowedCallbackHosts must be host names, or *. and a domain, separated by commas, such as *.logic.azure.com.")
            .Validate(
                options => options.LookupPatience >= TimeSpan.Zero && options.LookupPatience <= TimeSpan.FromHours(1),
                "Subscriptions:LookupPatience must be a time from 00:00:00 to 01:00:00, such as 00:02:00.")
            .ValidateOnStart();
        return services
            .AddSingleton<CallbackPolicy>()
            .AddSingleton<SubscriptionStore>()
            .AddSingleton<SubscriptionHandlers>();
    }
}
