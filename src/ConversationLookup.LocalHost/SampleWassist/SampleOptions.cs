using ConversationLookup.Settings;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>The settings under <c>SampleWassist:</c>.</summary>
public sealed class SampleOptions
{
    public static SettingsSection<SampleOptions> Settings { get; } = new(
        "SampleWassist",
        new SettingRule<SampleOptions>(
            nameof(WebhookUrl), "must be an http or https address, such as http://localhost:7071/api/webhooks/wassist.", options => options.WebhookUrl is null or { IsAbsoluteUri: true, Scheme: "http" or "https" }),
        new SettingRule<SampleOptions>(nameof(RequestsPerMinute), "must be a whole number from 0 (no limit).", options => options.RequestsPerMinute >= 0));

    /// <summary>Where it listens; Wassist's own development address unless said otherwise.</summary>
    public string Url { get; set; } = "http://localhost:8050";

    /// <summary>Where it sends its events; to the app it is inside of unless said otherwise.</summary>
    public Uri? WebhookUrl { get; set; }

    /// <summary>What a key may ask for in a minute; the real one's limit unless said otherwise, 0 for none.</summary>
    public int RequestsPerMinute { get; set; } = 100;
}
