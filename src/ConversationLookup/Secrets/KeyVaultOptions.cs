using ConversationLookup.Settings;
using Microsoft.Extensions.Configuration;

namespace ConversationLookup.Secrets;

/// <summary>The settings under <c>KeyVault:</c>.</summary>
public sealed class KeyVaultOptions
{
    public static SettingsSection<KeyVaultOptions> Settings { get; } = new(
        "KeyVault",
        new SettingRule<KeyVaultOptions>(
            nameof(Uri),
            "must be the vault's https address without a path, such as https://contoso.vault.azure.net.",
            options => options.Uri is null or { IsAbsoluteUri: true, Scheme: "https", UserInfo: "", AbsolutePath: "/", Query: "", Fragment: "" }));

    /// <summary>The vault's address, such as <c>https://contoso.vault.azure.net</c>; without it the secrets come from the configuration.</summary>
    public Uri? Uri { get; set; }

    /// <summary>Whether secrets come from a vault; a blank setting is one that is not set.</summary>
    public static bool IsSet(IConfiguration configuration) => !string.IsNullOrWhiteSpace(configuration["KeyVault:Uri"]);
}
