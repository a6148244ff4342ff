using System.Globalization;
using Azure;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using ConversationLookup.Problems;

namespace ConversationLookup.Secrets;

/// <summary>Reads secrets from Azure Key Vault, always the current version.</summary>
public sealed class KeyVaultSecretSource(SecretClient vault) : ISecretSource
{
    /// <summary>How the client behaves: its tries fit into <see cref="RotatingSecret"/>'s 8 seconds for one read.</summary>
    public static SecretClientOptions ClientOptions(Uri vault) => new()
    {
        Retry =
        {
            MaxRetries = 2,
            Delay = TimeSpan.FromMilliseconds(300),
            NetworkTimeout = TimeSpan.FromSeconds(3),
        },
        // An emulator on this machine cannot be under vault.azure.net, which the challenge names.
        DisableChallengeResourceVerification = vault.IsLoopback,
    };

    public async Task<string> ReadAsync(SecretId secret, CancellationToken cancellationToken)
    {
        try
        {
            var response = await vault.GetSecretAsync(secret.VaultName, cancellationToken: cancellationToken);
            return response.Value.Value;
        }
#pragma warning disable CA1031 // Azure.Core throws AggregateException and others for network faults; each means the same to us.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            var (advice, cause) = Explain(exception, secret.VaultName);
            throw new ProblemException(Catalogue.SecretUnavailable(advice, cause), exception);
        }
    }

    private static (string Advice, string Cause) Explain(Exception exception, string name) => exception switch
    {
        RequestFailedException { Status: 404 } =>
            ($"The key vault has no secret '{name}'. Ask the operator to set it.", "the vault answered 404"),
        // A disabled secret is a 403 too: https://learn.microsoft.com/azure/key-vault/general/rest-error-codes
        RequestFailedException { Status: 403 } failed =>
            ($"The key vault does not let this app read '{name}'. Ask the operator to check that the secret is enabled, that the app's identity has the role 'Key Vault Secrets User', and that the vault's firewall allows it.",
                $"the vault answered 403 {failed.ErrorCode}"),
        RequestFailedException { Status: > 0 } failed =>
            ("The key vault is failing. Try again in a minute. If the problem persists, ask the operator.",
                string.Create(CultureInfo.InvariantCulture, $"the vault answered {failed.Status} {failed.ErrorCode}")),
        AuthenticationFailedException =>
            ("This app could not sign in to the key vault. Ask the operator to check its identity: the managed identity in Azure, 'az login' on a developer's machine.",
                "signing in failed"),
        _ => ("The key vault cannot be reached. Try again in a minute. If the problem persists, ask the operator to check 'KeyVault:Uri' and the network.",
            "the vault did not answer"),
    };
}
