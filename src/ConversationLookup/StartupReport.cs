using ConversationLookup.Secrets;
using ConversationLookup.Telemetry;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ConversationLookup;

/// <summary>
/// Says at start where secrets come from and where lookups go, and begins to read the API key, so that the first lookup does not
/// wait for a token and the vault.
/// </summary>
internal sealed class StartupReport(
    IConfiguration configuration,
    IOptions<KeyVaultOptions> vault,
    IOptions<WassistOptions> wassist,
    WassistSecrets secrets,
    ILogger<StartupReport> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        logger.UpstreamIs(wassist.Value.BaseUrl);
        if (Settings.HasVault(configuration))
            logger.SecretsFromVault(vault.Value.Uri!);
        else
            logger.SecretsFromConfiguration();
        return secrets.ApiKey.WarmUpAsync(stoppingToken);
    }
}
