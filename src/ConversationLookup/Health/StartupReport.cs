using ConversationLookup.Problems;
using ConversationLookup.Redis;
using ConversationLookup.Secrets;
using ConversationLookup.Settings;
using ConversationLookup.Storage;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Health;

/// <summary>
/// Says at start which settings nobody reads, where secrets come from and where lookups go, and begins to read the API key, so that the first lookup does not
/// wait for a token and the vault. Where there is storage, it does the same for webhooks.
/// </summary>
public sealed class StartupReport(
    IConfiguration configuration,
    IOptions<KeyVaultOptions> vault,
    IOptions<WassistOptions> wassist,
    WassistSecrets secrets,
    AppStorage storage,
    SharedState shared,
    IEnumerable<ISettingsSection> settings,
    ILogger<StartupReport> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var warning in SettingNames.Unknown(configuration, settings))
            logger.SettingUnknown(warning);
        logger.UpstreamIs(wassist.Value.BaseUrl);
        if (KeyVaultOptions.IsSet(configuration))
            logger.SecretsFromVault(vault.Value.Uri!);
        else
            logger.SecretsFromConfiguration();
        if (shared.IsConfigured)
            logger.RedisIsShared();
        await Task.WhenAll(secrets.ApiKey.WarmUpAsync(stoppingToken), shared.IsAnsweringAsync(stoppingToken), PrepareTriggersAsync(stoppingToken));
    }

    /// <summary>The queues must be there before the Functions host can listen to them.</summary>
    private async Task PrepareTriggersAsync(CancellationToken stoppingToken)
    {
        if (!storage.IsConfigured)
        {
            logger.StorageNotConfigured();
            return;
        }

        try
        {
            await Task.WhenAll(storage.PrepareAsync(stoppingToken), secrets.WebhookSecret.WarmUpAsync(stoppingToken));
        }
        catch (ProblemException exception)
        {
            logger.StorageNotReady(exception.Problem.Cause);
        }
    }
}

/// <summary>What is said once at start.</summary>
public static partial class StartupLog
{
    [LoggerMessage(1, LogLevel.Information, "Secrets come from the key vault {Vault}.")]
    public static partial void SecretsFromVault(this ILogger logger, Uri vault);

    [LoggerMessage(2, LogLevel.Warning, "Secrets come from the configuration (Wassist:ApiKey), because KeyVault:Uri is not set. Use a key vault outside development.")]
    public static partial void SecretsFromConfiguration(this ILogger logger);

    [LoggerMessage(3, LogLevel.Information, "Lookups go to {BaseUrl}.")]
    public static partial void UpstreamIs(this ILogger logger, Uri baseUrl);

    [LoggerMessage(4, LogLevel.Information, "Webhooks and subscriptions are off, because AzureWebJobsStorage is not set. Lookups work.")]
    public static partial void StorageNotConfigured(this ILogger logger);

    [LoggerMessage(5, LogLevel.Warning, "The storage account is not usable: {Cause}. Webhooks and subscriptions are answered storage_unavailable until it is.")]
    public static partial void StorageNotReady(this ILogger logger, string cause);

    [LoggerMessage(7, LogLevel.Warning, "{Warning}")]
    public static partial void SettingUnknown(this ILogger logger, string warning);

    [LoggerMessage(6, LogLevel.Information, "All instances share one budget of calls and one cache, in the Redis of ConnectionStrings:Redis.")]
    public static partial void RedisIsShared(this ILogger logger);
}
