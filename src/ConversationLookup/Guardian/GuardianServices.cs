using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Guardian;

/// <summary>Registers what watches over the webhook in Wassist.</summary>
public static class GuardianServices
{
    /// <summary>Adds <see cref="WebhookGuardian"/>, which a timer calls.</summary>
    public static IServiceCollection AddGuardian(this IServiceCollection services) => services
        .AddSingleton<GuardianTable>()
        .AddSingleton<FailedDeliveries>()
        .AddSingleton<WebhookGuardian>();
}
