using ConversationLookup.Secrets;
using ConversationLookup.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Wassist;

/// <summary>The two secrets that Wassist gives out.</summary>
public sealed class WassistSecrets
{
    public WassistSecrets(ISecretSource source, IOptions<WassistOptions> options, LookupMetrics metrics, TimeProvider time, ILogger<RotatingSecret> logger)
    {
        ApiKey = new(new SecretId(options.Value.ApiKeySecretName, "Wassist:ApiKey"), source, metrics, time, logger);
        WebhookSecret = new(new SecretId(options.Value.WebhookSecretName, "Wassist:WebhookSecret"), source, metrics, time, logger);
        metrics.WatchSecrets(() => new[] { ApiKey, WebhookSecret }.Where(secret => secret.Age is not null).Select(secret => (secret.Setting, secret.Age!.Value)));
    }

    /// <summary>What is wrong where neither a vault nor the key itself is set.</summary>
    public static IReadOnlyList<string> Faults(IConfiguration configuration) => KeyVaultOptions.IsSet(configuration) || !string.IsNullOrWhiteSpace(configuration["Wassist:ApiKey"])
        ? []
        : ["Set KeyVault:Uri to the vault that holds the Wassist API key, or, without a vault, set Wassist:ApiKey to the key itself."];

    /// <summary>Sent as <c>X-API-Key</c>.</summary>
    public RotatingSecret ApiKey { get; }

    /// <summary>Signs Wassist's webhooks.</summary>
    public RotatingSecret WebhookSecret { get; }
}
