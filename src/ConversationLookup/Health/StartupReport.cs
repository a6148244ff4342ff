using ConversationLookup.Problems;
using ConversationLookup.Secrets;
using ConversationLookup.Storage;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Health;

/// <summary>
/// Says at start where secrets come from and where lookups go, and begins to read the API key, so that the first lookup does not
/// wait for a token and the vault. Where there is storage, it does the same for webhooks.
/// </summary>
public sealed class StartupReport(
    IConfiguration configuration,
    IOptions<KeyVaultOptions> vault,
    IOptions<WassistOptions> wassist,
    WassistSecrets secrets,
    AppStorage storage,
    ILogger<StartupReport> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        logger.UpstreamIs(wassist.Value.BaseUrl);
        if (KeyVaultOptions.IsSet(configuration))
            logger.SecretsFromVault(vault.Value.Uri!);
        else
            logger.SecretsFromConfiguration();
        await Task.WhenAll(secrets.ApiKey.WarmUpAsync(stoppingToken), PrepareTriggersAsync(stoppingToken));
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
            logger.StorageNotReady(exception.Problem.Cause, exception.InnerException);
        }
    }
}
