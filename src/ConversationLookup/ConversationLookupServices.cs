using Azure.Core;
using Azure.Identity;
using ConversationLookup.Actions;
using ConversationLookup.Agents;
using ConversationLookup.Conversations;
using ConversationLookup.Definition;
using ConversationLookup.Delivery;
using ConversationLookup.Files;
using ConversationLookup.Guardian;
using ConversationLookup.Health;
using ConversationLookup.Http;
using ConversationLookup.Redis;
using ConversationLookup.Secrets;
using ConversationLookup.Settings;
using ConversationLookup.Storage;
using ConversationLookup.Subscriptions;
using ConversationLookup.Telemetry;
using ConversationLookup.Wassist;
using ConversationLookup.Webhooks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ConversationLookup;

/// <summary>The table of contents: everything the app does, a line for each folder.</summary>
public static class ConversationLookupServices
{
    /// <summary>Every setting there is; a host may have some of its own.</summary>
    public static IReadOnlyList<ISettingsSection> Settings { get; } =
    [
        KeyVaultOptions.Settings, WassistOptions.Settings, StorageOptions.Settings, SubscriptionOptions.Settings, PublicUrlOptions.Settings,
        LookupOptions.Settings, FilesOptions.Settings, ActionOptions.Settings, WebhookOptions.Settings, RedisOptions.Settings,
    ];

    /// <summary>Everything that keeps the app from running with these settings, each as a sentence. Pure.</summary>
    public static IReadOnlyList<string> SettingFaults(IConfiguration configuration) =>
        [.. Settings.SelectMany(section => section.Faults(configuration)), .. WassistSecrets.Faults(configuration), .. ConversationLookupTelemetry.Faults(configuration)];

    /// <summary>Adds the whole behaviour; a host brings the triggers.</summary>
    /// <param name="configuration">The host's settings; <c>docs/reference.md</c> lists them.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="WrongSettingsException">There are <see cref="SettingFaults"/>.</exception>
    public static IServiceCollection AddConversationLookup(this IServiceCollection services, IConfiguration configuration)
    {
        if (SettingFaults(configuration) is { Count: > 0 } faults)
            throw new WrongSettingsException(faults);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TokenCredential>(_ => new DefaultAzureCredential()); // made only if the vault or storage asks for it
        return services
            .AddTracingAndMetrics()
            .AddHttp(configuration)
            .AddSecrets(configuration)
            .AddRedis(configuration)
            .AddStorage(configuration)
            .AddWassist(configuration)
            .AddConversations(configuration)
            .AddFiles(configuration)
            .AddActions(configuration)
            .AddAgents()
            .AddWebhooks(configuration)
            .AddSubscriptions(configuration)
            .AddDelivery()
            .AddGuardian()
            .AddSingleton<DefinitionHandlers>()
            .AddHealth();
    }
}
