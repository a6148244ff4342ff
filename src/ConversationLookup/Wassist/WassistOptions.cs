namespace ConversationLookup.Wassist;

/// <summary>The settings under <c>Wassist:</c>.</summary>
public sealed class WassistOptions
{
    public const string Section = "Wassist";

    /// <summary>The API's address without <c>/api/v1</c>; https, or http on loopback.</summary>
    public Uri BaseUrl { get; set; } = new("https://backend.wassist.app");

    /// <summary>
    /// How many calls this instance makes in any 60 seconds at most; 0 is no limit. Wassist allows 100 a minute for a key.
    /// </summary>
    public int RequestsPerMinute { get; set; } = 100;

    /// <summary>
    /// How much of them is for callers who wait for an answer, in percent: 1 to 100. The rest is for the lookups of events, which can wait.
    /// </summary>
    public int InteractivePercent { get; set; } = 40;

    /// <summary>The name of the API key in the vault.</summary>
    public string ApiKeySecretName { get; set; } = "wassist-api-key";

    /// <summary>The name of the webhook signing secret in the vault.</summary>
    public string WebhookSecretName { get; set; } = "wassist-webhook-secret";

    /// <summary>The API key itself, for running without a vault.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The webhook signing secret itself, for running without a vault.</summary>
    public string? WebhookSecret { get; set; }
}
