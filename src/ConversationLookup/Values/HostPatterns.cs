namespace ConversationLookup.Values;

/// <summary>Settings that name hosts: a host name, or <c>*.</c> and a suffix, separated by commas. Pure.</summary>
public static class HostPatterns
{
    /// <summary>The entries of the setting, in lower case.</summary>
    public static IReadOnlyList<string> Parse(string? setting) => Texts.Split(setting?.ToLowerInvariant());

    /// <summary>Whether there is an entry and each can be one: a host name, or <c>*.</c> and a suffix of at least two labels.</summary>
    public static bool AreValid(string? setting) => Parse(setting) is { Count: > 0 } entries && entries.All(IsValid);

    /// <summary>Whether an entry names the host.</summary>
    public static bool Cover(IReadOnlyList<string> entries, string host) => entries.Any(entry => entry.StartsWith("*.", StringComparison.Ordinal)
        ? host.Length > entry.Length - 1 && host.EndsWith(entry[1..], StringComparison.OrdinalIgnoreCase)
        : string.Equals(host, entry, StringComparison.OrdinalIgnoreCase));

    private static bool IsValid(string entry)
    {
        var name = entry.StartsWith("*.", StringComparison.Ordinal) ? entry[2..] : entry;
        return Uri.CheckHostName(name) is UriHostNameType.Dns && (name == entry || name.Contains('.'));
    }
}
