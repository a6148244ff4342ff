using ConversationLookup.Problems;

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
