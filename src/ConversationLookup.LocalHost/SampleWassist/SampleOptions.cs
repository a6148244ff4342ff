namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>The settings under <c>SampleWassist:</c>.</summary>
public sealed class SampleOptions
{
    public const string Section = "SampleWassist";

    /// <summary>Where it listens; Wassist's own development address unless said otherwise.</summary>
    public string Url { get; set; } = "http://localhost:8050";

    /// <summary>Where it sends its events; to the app it is inside of unless said otherwise.</summary>
    public Uri? WebhookUrl { get; set; }

    /// <summary>What a key may ask for in a minute; the real one's limit unless said otherwise, 0 for none.</summary>
    public int RequestsPerMinute { get; set; } = 100;
}
