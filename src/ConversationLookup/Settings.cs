using System.Text.RegularExpressions;
using ConversationLookup.Conversations;
using ConversationLookup.Secrets;
using ConversationLookup.Storage;
using ConversationLookup.Subscriptions;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup;

/// <summary>Binds the settings and says at start which one is missing or wrong, and what it should be.</summary>
internal static partial class Settings
{
    public static IServiceCollection AddSettings(this IServiceCollection services)
    {
        services.AddOptions<KeyVaultOptions>()
            .BindConfiguration(KeyVaultOptions.Section)
            .Validate(
                options => options.Uri is null or { IsAbsoluteUri: true, Scheme: "https", UserInfo: "", Query: "", Fragment: "" },
                "KeyVault:Uri must be the vault's https address, such as https://contoso.vault.azure.net.")
            .ValidateOnStart();

        services.AddOptions<WassistOptions>()
            .BindConfiguration(WassistOptions.Section)
            .Validate(
                options => IsUpstreamAddress(options.BaseUrl),
                "Wassist:BaseUrl must be an https address, such as https://backend.wassist.app (http only for this machine), without a user name, query or fragment.")
            .Validate(
                options => options.RequestsPerMinute is >= 0 and <= 10_000_000,
                "Wassist:RequestsPerMinute must be a whole number from 0 (no limit) to 10000000.")
            .Validate(
                options => SecretName().IsMatch(options.ApiKeySecretName),
                "Wassist:ApiKeySecretName must be the name of a secret in the vault: 1 to 127 letters, digits and hyphens.")
            .Validate(
                options => SecretName().IsMatch(options.WebhookSecretName),
                "Wassist:WebhookSecretName must be the name of a secret in the vault: 1 to 127 letters, digits and hyphens.")
            .Validate<IConfiguration>(
                (options, configuration) => HasVault(configuration) || !string.IsNullOrWhiteSpace(options.ApiKey),
                "Set KeyVault:Uri to the vault that holds the Wassist API key, or, without a vault, set Wassist:ApiKey to the key itself.")
            .ValidateOnStart();

        services.AddOptions<LookupOptions>()
            .BindConfiguration(LookupOptions.Section)
            .Validate(
                options => options.CacheSeconds is >= 0 and <= 300,
                "Lookup:CacheSeconds must be a whole number from 0 (share concurrent lookups only) to 300.")
            .ValidateOnStart();

        services.AddOptions<StorageOptions>()
            .BindConfiguration(StorageOptions.Section)
            .Configure<IConfiguration>((options, configuration) => options.ConnectionString = configuration[StorageOptions.Section])
            .Validate(
                options => options.IsComplete(),
                "AzureWebJobsStorage must be a storage connection string (UseDevelopmentStorage=true for Azurite), or, for an identity, AzureWebJobsStorage:accountName, or queueServiceUri, tableServiceUri and blobServiceUri under it.")
            .ValidateOnStart();

        services.AddOptions<SubscriptionOptions>()
            .BindConfiguration(SubscriptionOptions.Section)
            .Validate(
                options => CallbackPolicy.ParseHosts(options.AllowedCallbackHosts) is { Count: > 0 } hosts && hosts.All(CallbackPolicy.IsHostPattern),
                "Subscriptions:AllowedCallbackHosts must be host names, or *. and a domain, separated by commas, such as *.logic.azure.com.")
            .Validate(
                options => options.LookupPatience >= TimeSpan.Zero && options.LookupPatience <= TimeSpan.FromHours(1),
                "Subscriptions:LookupPatience must be a time from 00:00:00 to 01:00:00, such as 00:02:00.")
            .ValidateOnStart();

        services.AddOptions<PublicUrlOptions>()
            .BindConfiguration("")
            .Validate(
                options => options.PublicBaseUrl is null or { IsAbsoluteUri: true, Scheme: "https" or "http", UserInfo: "", Query: "", Fragment: "" },
                "PublicBaseUrl must be the app's address as its callers see it, such as https://contoso.azurewebsites.net, without /api.")
            .ValidateOnStart();

        return services;
    }

    /// <summary>Whether secrets come from a vault; a blank setting is one that is not set.</summary>
    public static bool HasVault(IConfiguration configuration) =>
        !string.IsNullOrWhiteSpace(configuration[$"{KeyVaultOptions.Section}:{nameof(KeyVaultOptions.Uri)}"]);

    private static bool IsUpstreamAddress(Uri? uri) =>
        uri is { IsAbsoluteUri: true, UserInfo: "", Query: "", Fragment: "" }
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));

    /// <summary>https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name</summary>
    [GeneratedRegex(@"^[0-9a-zA-Z-]{1,127}\z")]
    private static partial Regex SecretName();
}
