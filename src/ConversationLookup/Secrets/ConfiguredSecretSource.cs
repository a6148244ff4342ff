using ConversationLookup.Problems;
using Microsoft.Extensions.Configuration;

namespace ConversationLookup.Secrets;

/// <summary>Reads secrets from the configuration: user secrets or the environment, for running without a vault.</summary>
public sealed class ConfiguredSecretSource(IConfiguration configuration) : ISecretSource
{
    public Task<string> ReadAsync(SecretId secret, CancellationToken cancellationToken) =>
        Task.FromResult(configuration[secret.Setting] ?? throw new ProblemException(Catalogue.SecretUnavailable(
            $"Ask the operator to set '{secret.Setting}', or 'KeyVault:Uri' and the secret '{secret.VaultName}'.",
            $"{secret.Setting} is not set")));
}
