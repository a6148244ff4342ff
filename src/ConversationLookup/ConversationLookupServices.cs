using Azure.Core;
using Azure.Identity;
using ConversationLookup.Conversations;
using ConversationLookup.Definition;
using ConversationLookup.Delivery;
using ConversationLookup.Health;
using ConversationLookup.Http;
using ConversationLookup.Redis;
using ConversationLookup.Secrets;
using ConversationLookup.Storage;
using ConversationLookup.Subscriptions;
using ConversationLookup.Telemetry;
using ConversationLookup.Wassist;
using ConversationLookup.Webhooks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ConversationLookup;

/// <summary>The table of contents: everything the app does, a line for each folder.</summary>
public static class ConversationLookupServices
{
    /// <summary>
    /// Adds the whole behaviour; a host brings the triggers. A missing or wrong setting stops the host's start with an
    /// <see cref="OptionsValidationException"/> that names it.
    /// </summary>
    /// <param name="configuration">The host's settings; <c>docs/reference.md</c> lists them.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddConversationLookup(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TokenCredential>(_ => new DefaultAzureCredential()); // made only if the vault or storage asks for it
        return services
            .AddTracingAndMetrics()
            .AddHttp()
            .AddSecrets(configuration)
            .AddRedis()
            .AddStorage()
            .AddWassist()
            .AddConversations(configuration)
            .AddWebhooks()
            .AddSubscriptions()
            .AddDelivery()
            .AddSingleton<DefinitionHandlers>()
            .AddHealth();
    }
}
