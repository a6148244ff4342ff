using ConversationLookup.Problems;
using Microsoft.Extensions.Configuration;

namespace ConversationLookup.Secrets;

/// <summary>Where secrets come from: a key vault, or the configuration when there is none.</summary>
public interface ISecretSource
{
    /// <summary>Reads the current value, uncached.</summary>
    /// <exception cref="ProblemException">With the code <c>secret_unavailable</c>.</exception>
    Task<string> ReadAsync(SecretId secret, CancellationToken cancellationToken);
}

/// <summary>One secret under both its names.</summary>
/// <param name="VaultName">Its name in the key vault.</param>
/// <param name="Setting">The setting that holds it where there is no vault.</param>
public sealed record SecretId(string VaultName, string Setting);

/// <summary>Reads secrets from the configuration: user secrets or the environment, for running without a vault.</summary>
public sealed class ConfiguredSecretSource(IConfiguration configuration) : ISecretSource
{
    public Task<string> ReadAsync(SecretId secret, CancellationToken cancellationToken) =>
        Task.FromResult(configuration[secret.Setting] ?? throw new ProblemException(Catalogue.SecretUnavailable(
            $"Ask the operator to set '{secret.Setting}', or 'KeyVault:Uri' and the secret '{secret.VaultName}'.",
            $"{secret.Setting} is not set")));
}
