using ConversationLookup.Settings;

namespace ConversationLookup.Conversations;

/// <summary>The settings under <c>Lookup:</c>.</summary>
public sealed class LookupOptions
{
    public static SettingsSection<LookupOptions> Settings { get; } = new(
        "Lookup",
        new SettingRule<LookupOptions>(
            nameof(CacheSeconds),
            "must be a whole number from 0 (share concurrent lookups only) to 300.",
            options => options.CacheSeconds is >= 0 and <= 300));

    /// <summary>How long an answer may be handed out again; 0 shares it among concurrent callers only.</summary>
    public int CacheSeconds { get; set; } = 2;
}
