using System.Text.RegularExpressions;
using ConversationLookup.Settings;

namespace ConversationLookup.Wassist;

/// <summary>The settings under <c>Wassist:</c>.</summary>
public sealed partial class WassistOptions
{
    private const string SecretNameMust = "must be the name of a secret in the vault: 1 to 127 letters, digits and hyphens.";

    public static SettingsSection<WassistOptions> Settings { get; } = new(
        "Wassist",
        new SettingRule<WassistOptions>(
            nameof(BaseUrl),
            "must be an https address, such as https://backend.wassist.app (http only for this machine), without /api/v1 and without a user name, query or fragment.",
            options => IsUpstreamAddress(options.BaseUrl)),
        new SettingRule<WassistOptions>(
            nameof(RequestsPerMinute), "must be a whole number from 0 (no limit) to 10000000.", options => options.RequestsPerMinute is >= 0 and <= 10_000_000),
        new SettingRule<WassistOptions>(
            nameof(InteractivePercent), "must be a whole number from 1 to 100.", options => options.InteractivePercent is >= 1 and <= 100),
        new SettingRule<WassistOptions>(nameof(ApiKeySecretName), SecretNameMust, options => SecretName().IsMatch(options.ApiKeySecretName)),
        new SettingRule<WassistOptions>(nameof(WebhookSecretName), SecretNameMust, options => SecretName().IsMatch(options.WebhookSecretName)));

    /// <summary>The API's address without <c>/api/v1</c>; https, or http on loopback.</summary>
    public Uri BaseUrl { get; set; } = new("https://backend.wassist.app");

    /// <summary>
    /// How many calls are made in any 60 seconds at most, by this instance, or by all that share a Redis; 0 is no limit. Wassist allows
    /// 100 a minute for a key.
    /// </summary>
    public int RequestsPerMinute { get; set; } = 100;

    /// <summary>
    /// How much of them is for callers who wait for an answer, in percent: 1 to 100. The rest is for the lookups of events, which can wait.
    /// </summary>
    public int InteractivePercent { get; set; } = 40;

    /// <summary>How many calls in a window are callers' and how many are events'; null is no limit.</summary>
    public (int Callers, int Events)? GetParts()
    {
        if (RequestsPerMinute == 0)
            return null;
        var callers = Math.Clamp((int)Math.Ceiling(RequestsPerMinute * InteractivePercent / 100.0), 1, RequestsPerMinute);
        return (callers, RequestsPerMinute - callers);
    }

    /// <summary>The name of the API key in the vault.</summary>
    public string ApiKeySecretName { get; set; } = "wassist-api-key";

    /// <summary>The name of the webhook signing secret in the vault.</summary>
    public string WebhookSecretName { get; set; } = "wassist-webhook-secret";

    /// <summary>The API key itself, for running without a vault.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The webhook signing secret itself, for running without a vault.</summary>
    public string? WebhookSecret { get; set; }

    private static bool IsUpstreamAddress(Uri? uri) =>
        uri is { IsAbsoluteUri: true, UserInfo: "", Query: "", Fragment: "" }
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
        && !uri.AbsolutePath.TrimEnd('/').EndsWith("/api/v1", StringComparison.OrdinalIgnoreCase);

    /// <summary>https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name</summary>
    [GeneratedRegex(@"^[0-9a-zA-Z-]{1,127}\z")]
    private static partial Regex SecretName();
}
