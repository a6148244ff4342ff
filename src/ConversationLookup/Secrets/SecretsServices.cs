using Azure.Core;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Secrets;

/// <summary>Registers where secrets come from.</summary>
public static class SecretsServices
{
    /// <summary>Adds the vault of <c>KeyVault:Uri</c>, or the configuration where there is none.</summary>
    public static IServiceCollection AddSecrets(this IServiceCollection services, IConfiguration configuration)
    {
        KeyVaultOptions.Settings.AddTo(services, configuration);
        if (!KeyVaultOptions.IsSet(configuration))
            return services.AddSingleton<ISecretSource, ConfiguredSecretSource>();

        services.TryAddSingleton(provider => KeyVaultSecretSource.ClientOptions(provider.GetRequiredService<IOptions<KeyVaultOptions>>().Value.Uri!));
        services.AddSingleton(provider => new SecretClient(
            provider.GetRequiredService<IOptions<KeyVaultOptions>>().Value.Uri,
            provider.GetRequiredService<TokenCredential>(),
            provider.GetRequiredService<SecretClientOptions>()));
        return services.AddSingleton<ISecretSource, KeyVaultSecretSource>();
    }
}
