using ConversationLookup.Settings;
using ConversationLookup.Values;

namespace ConversationLookup.Subscriptions;

/// <summary>The settings under <c>Subscriptions:</c>.</summary>
public sealed class SubscriptionOptions
{
    public static SettingsSection<SubscriptionOptions> Settings { get; } = new(
        "Subscriptions",
        new SettingRule<SubscriptionOptions>(
            nameof(AllowedCallbackHosts),
            "must be host names, or *. and a domain, separated by commas, such as *.logic.azure.com.",
            options => HostPatterns.AreValid(options.AllowedCallbackHosts)),
        new SettingRule<SubscriptionOptions>(nameof(AllowLocalCallbacks), "must be true or false.", _ => true),
        new SettingRule<SubscriptionOptions>(
            nameof(LookupPatience),
            "must be a time from 00:00:00 to 01:00:00, such as 00:02:00 for two minutes.",
            options => options.LookupPatience >= TimeSpan.Zero && options.LookupPatience <= TimeSpan.FromHours(1)));

    /// <summary>
    /// Where callbacks may go, separated by commas: a host name, or <c>*.</c> and a suffix. The default is where Logic Apps
    /// (Consumption) and Power Automate have theirs.
    /// </summary>
    public string AllowedCallbackHosts { get; set; } = "*.logic.azure.com, *.environment.api.powerplatform.com";

    /// <summary>Whether callbacks may also go to this machine and to private addresses, and there over http. For local use only.</summary>
    public bool AllowLocalCallbacks { get; set; }

    /// <summary>How long an event waits for its lookup while Wassist is limited or down, up to an hour; then flows are told without.</summary>
    public TimeSpan LookupPatience { get; set; } = TimeSpan.FromMinutes(2);
}
