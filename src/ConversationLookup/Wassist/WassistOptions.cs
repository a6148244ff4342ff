namespace ConversationLookup.Wassist;

/// <summary>The settings under <c>Wassist:</c>.</summary>
public sealed class WassistOptions
{
    public const string Section = "Wassist";

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
}
