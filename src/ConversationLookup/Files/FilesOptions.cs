using ConversationLookup.Settings;
using ConversationLookup.Values;

namespace ConversationLookup.Files;

/// <summary>The settings under <c>Files:</c>.</summary>
public sealed class FilesOptions
{
    public static SettingsSection<FilesOptions> Settings { get; } = new(
        "Files",
        new SettingRule<FilesOptions>(
            nameof(AllowedHosts),
            "must be host names, or *. and a domain, separated by commas, such as media.wassist.app.",
            options => HostPatterns.AreValid(options.AllowedHosts)),
        new SettingRule<FilesOptions>(nameof(AllowLocalHosts), "must be true or false.", _ => true));

    /// <summary>
    /// Where files may be fetched from, separated by commas: a host name, or <c>*.</c> and a suffix. The default is where Wassist keeps
    /// what contacts send.
    /// </summary>
    public string AllowedHosts { get; set; } = "media.wassist.app";

    /// <summary>Whether files may also be fetched from this machine, and there over http. For local use only.</summary>
    public bool AllowLocalHosts { get; set; }
}
