namespace ConversationLookup.Secrets;

/// <summary>The settings under <c>KeyVault:</c>.</summary>
internal sealed class KeyVaultOptions
{
    public const string Section = "KeyVault";

    /// <summary>The vault's address, such as <c>https://contoso.vault.azure.net</c>; without it the secrets come from the configuration.</summary>
    public Uri? Uri { get; set; }
}
