using System.Text.Json.Serialization.Metadata;
using Azure.Core;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using ConversationLookup.Conversations;
using ConversationLookup.Definition;
using ConversationLookup.Health;
using ConversationLookup.Problems;
using ConversationLookup.Secrets;
using ConversationLookup.Storage;
using ConversationLookup.Subscriptions;
using ConversationLookup.Telemetry;
using ConversationLookup.Wassist;
using ConversationLookup.Webhooks;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly.CircuitBreaker;

namespace ConversationLookup;

/// <summary>Registers the whole behaviour.</summary>
public static class ConversationLookupServices
{
    /// <summary>The log category of what is said once at start: where secrets come from and where lookups go.</summary>
    public static string StartupCategory { get; } = typeof(StartupReport).FullName!;

    /// <summary>
    /// Adds <see cref="ConversationHandlers"/>, <see cref="HealthHandlers"/> and all they need. A missing or wrong setting stops the
    /// host's start with an <see cref="OptionsValidationException"/> that names it.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The host's settings; the README lists them.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddConversationLookup(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);

        services.AddSettings();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<LookupMetrics>();
        services.AddSingleton<ProblemBoundary>();

        AddSecrets(services, configuration);
        AddLookups(services);
        AddTriggers(services);
        AddHealth(services);
        services.AddHostedService<StartupReport>();
        return services;
    }

    private static void AddSecrets(IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton<TokenCredential>(_ => new DefaultAzureCredential()); // made only if the vault or storage asks for it
        services.AddSingleton<WassistSecrets>();
        if (!Settings.HasVault(configuration))
        {
            services.AddSingleton<ISecretSource, ConfiguredSecretSource>();
            return;
        }

        services.AddSingleton<ISecretSource, KeyVaultSecretSource>();
        services.TryAddSingleton(provider =>
            KeyVaultSecretSource.ClientOptions(provider.GetRequiredService<IOptions<KeyVaultOptions>>().Value.Uri!));
        services.AddSingleton(provider => new SecretClient(
            provider.GetRequiredService<IOptions<KeyVaultOptions>>().Value.Uri,
            provider.GetRequiredService<TokenCredential>(),
            provider.GetRequiredService<SecretClientOptions>()));
    }

    private static void AddLookups(IServiceCollection services)
    {
        services.AddSingleton<CircuitBreakerStateProvider>();
        services.AddWassistHttpClient();
        services.AddSingleton<UnknownShapeReport>();
        services.AddSingleton<WassistClient>();
        services.AddMemoryCache(cache => cache.ExpirationScanFrequency = TimeSpan.FromSeconds(5)); // entries live for two
        services.AddHybridCache();
        // Two lines for every call, and a stack for every failed try; the problem boundary and the breaker say what matters.
        services.AddLogging(logging => logging.AddFilter("Polly", LogLevel.None));
        services.AddSingleton<ConversationReader>();
        services.AddSingleton(provider => new ConversationHandlers(
            provider.GetRequiredService<ConversationReader>(),
            provider.GetRequiredService<ProblemBoundary>(),
            provider.GetRequiredService<TimeProvider>()));
    }

    private static void AddTriggers(IServiceCollection services)
    {
        services.AddSingleton<AppStorage>();
        AddQueue(services, StorageNames.Events, QueueJson.Default.WassistEvent);
        AddQueue(services, StorageNames.Notifications, PayloadJson.Instance.OutgoingNotification);
        services.AddSingleton<SubscriptionStore>();
        services.AddSingleton<PublicUrl>();
        services.AddSingleton(provider => new DefinitionHandlers(
            provider.GetRequiredService<PublicUrl>(),
            provider.GetRequiredService<ProblemBoundary>()));
        services.AddSingleton(provider => new CallbackPolicy(provider.GetRequiredService<IOptions<SubscriptionOptions>>().Value));
        services.AddSingleton<CallbackClient>();
        CallbackClient.AddHttpClient(services);

        services.AddSingleton<DeliveryRecords>();
        services.AddSingleton(provider => new Maintenance(
            provider.GetRequiredService<AppStorage>(),
            provider.GetRequiredService<DeliveryRecords>(),
            provider.GetRequiredService<LookupMetrics>(),
            provider.GetRequiredService<ILogger<Maintenance>>()));
        services.AddSingleton(provider => new WebhookHandlers(
            provider.GetRequiredService<WassistSecrets>(),
            provider.GetRequiredService<WorkQueue<WassistEvent>>(),
            provider.GetRequiredService<AppStorage>(),
            provider.GetRequiredService<UnknownShapeReport>(),
            provider.GetRequiredService<ProblemBoundary>(),
            provider.GetRequiredService<LookupMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<WebhookHandlers>>()));
        services.AddSingleton(provider => new SubscriptionHandlers(
            provider.GetRequiredService<SubscriptionStore>(),
            provider.GetRequiredService<AppStorage>(),
            provider.GetRequiredService<CallbackPolicy>(),
            provider.GetRequiredService<PublicUrl>(),
            provider.GetRequiredService<ProblemBoundary>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new EventFanOut(
            provider.GetRequiredService<WorkQueue<WassistEvent>>(),
            provider.GetRequiredService<WorkQueue<OutgoingNotification>>(),
            provider.GetRequiredService<SubscriptionStore>(),
            provider.GetRequiredService<DeliveryRecords>(),
            provider.GetRequiredService<ConversationReader>(),
            provider.GetRequiredService<IOptions<SubscriptionOptions>>(),
            provider.GetRequiredService<LookupMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<EventFanOut>>()));
        services.AddSingleton(provider => new FlowDelivery(
            provider.GetRequiredService<WorkQueue<OutgoingNotification>>(),
            provider.GetRequiredService<SubscriptionStore>(),
            provider.GetRequiredService<CallbackPolicy>(),
            provider.GetRequiredService<CallbackClient>(),
            provider.GetRequiredService<LookupMetrics>(),
            provider.GetRequiredService<ILogger<FlowDelivery>>()));
    }

    private static void AddQueue<T>(IServiceCollection services, string name, JsonTypeInfo<T> typeInfo) =>
        services.AddSingleton(provider => new WorkQueue<T>(
            name,
            typeInfo,
            provider.GetRequiredService<AppStorage>(),
            provider.GetRequiredService<LookupMetrics>(),
            provider.GetRequiredService<ILogger<WorkQueue<T>>>()));

    private static void AddHealth(IServiceCollection services)
    {
        services.AddHealthChecks()
            .AddCheck<ApiKeyCheck>("apiKey")
            .AddCheck<UpstreamCheck>("upstream")
            .AddCheck<StorageCheck>("triggers");
        // The checks' own log line repeats on every probe what the answer says.
        services.AddLogging(logging => logging.AddFilter(typeof(HealthCheckService).Namespace, LogLevel.None));
        services.AddSingleton(provider => new HealthHandlers(
            provider.GetRequiredService<HealthCheckService>(),
            provider.GetRequiredService<HybridCache>(),
            provider.GetRequiredService<ProblemBoundary>()));
    }
}
