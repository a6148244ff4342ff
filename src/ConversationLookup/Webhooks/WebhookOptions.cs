using ConversationLookup.Settings;

namespace ConversationLookup.Webhooks;

/// <summary>The settings under <c>Webhooks:</c>.</summary>
public sealed class WebhookOptions
{
    public static SettingsSection<WebhookOptions> Settings { get; } = new(
        "Webhooks",
        new SettingRule<WebhookOptions>(
            nameof(SilenceAfterMinutes),
            "must be a whole number from 5 to 10080 (a week), or 0 for no watch.",
            options => options.SilenceAfterMinutes is 0 or (>= 5 and <= 10_080)));

    /// <summary>How long Wassist may be silent while flows subscribe before an operator is told; 0 for any length.</summary>
    public int SilenceAfterMinutes { get; set; }
}
