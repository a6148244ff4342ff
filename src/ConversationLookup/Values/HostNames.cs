namespace ConversationLookup.Values;

/// <summary>Names of hosts. Pure.</summary>
public static class HostNames
{
    private static readonly string[] PrivateSuffixes = [".localhost", ".local", ".internal", ".lan", ".home.arpa"];

    /// <summary>Whether a name has a meaning within a network only.</summary>
    public static bool IsPrivate(string host) =>
        !host.Contains('.') || PrivateSuffixes.Any(suffix => host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));
}
