using ConversationLookup.Secrets;
using ConversationLookup.Values;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Wassist;

/// <summary>
/// Which account at Wassist this app uses: two apps with one Redis share what is the same account's, and nothing else. A rotated key is
/// the same account's.
/// </summary>
public sealed class WassistAccount(IOptions<WassistOptions> wassist, IOptions<KeyVaultOptions> vault)
{
    /// <summary>Stands for it in the names of what is shared.</summary>
    public string Name { get; } = Hashes.Of(
        $"{wassist.Value.BaseUrl} {(vault.Value.Uri is { } uri ? $"{uri} {wassist.Value.ApiKeySecretName}" : wassist.Value.ApiKey)}");
}
