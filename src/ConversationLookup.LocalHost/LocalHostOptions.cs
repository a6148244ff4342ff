using ConversationLookup.Settings;

namespace ConversationLookup.LocalHost;

/// <summary>The settings under <c>LocalHost:</c>.</summary>
public sealed class LocalHostOptions
{
    public static SettingsSection<LocalHostOptions> Settings { get; } = new("LocalHost");

    /// <summary>The function key to ask for; none unless set.</summary>
    public string? Key { get; set; }

    /// <summary>Where the sample Wassist is, for the inbox; the local host sets it itself.</summary>
    public string? SampleUrl { get; set; }
}
