using System.Text.RegularExpressions;
using ConversationLookup.Secrets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Wassist;

/// <summary>Registers the upstream.</summary>
public static partial class WassistServices
{
    /// <summary>Adds <see cref="WassistClient"/> and <see cref="WassistSecrets"/>.</summary>
    public static IServiceCollection AddWassist(this IServiceCollection services)
    {
        services.AddOptions<WassistOptions>()
            .BindConfiguration(WassistOptions.Section)
            .Validate(
                options => IsUpstreamAddress(options.BaseUrl),
                "Wassist:BaseUrl must be an https address, such as https://backend.wassist.app (http only for this machine), without a user name, query or fragment.")
            .Validate(
                options => options.RequestsPerMinute is >= 0 and <= 10_000_000,
                "Wassist:RequestsPerMinute must be a whole number from 0 (no limit) to 10000000.")
            .Validate(
                options => options.InteractivePercent is >= 1 and <= 100,
                "Wassist:InteractivePercent must be a whole number from 1 to 100.")
            .Validate(
                options => SecretName().IsMatch(options.ApiKeySecretName),
                "Wassist:ApiKeySecretName must be the name of a secret in the vault: 1 to 127 letters, digits and hyphens.")
            .Validate(
                options => SecretName().IsMatch(options.WebhookSecretName),
                "Wassist:WebhookSecretName must be the name of a secret in the vault: 1 to 127 letters, digits and hyphens.")
            .Validate<IConfiguration>(
                (options, configuration) => KeyVaultOptions.IsSet(configuration) || !string.IsNullOrWhiteSpace(options.ApiKey),
                "Set KeyVault:Uri to the vault that holds the Wassist API key, or, without a vault, set Wassist:ApiKey to the key itself.")
            .ValidateOnStart();

        return services
            .AddSingleton<WassistSecrets>()
            .AddSingleton<WassistAccount>()
            .AddSingleton<OwnBudget>()
            .AddSingleton<SharedBudget>()
            .AddSingleton<CallBudget>()
            .AddSingleton<WassistTransport>()
            .AddSingleton<WassistPipeline>()
            .AddSingleton<UnknownShapeReport>()
            .AddSingleton<WassistClient>();
    }

    private static bool IsUpstreamAddress(Uri? uri) =>
        uri is { IsAbsoluteUri: true, UserInfo: "", Query: "", Fragment: "" }
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));

    /// <summary>https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name</summary>
    [GeneratedRegex(@"^[0-9a-zA-Z-]{1,127}\z")]
    private static partial Regex SecretName();
}
