using System.Diagnostics.CodeAnalysis;

namespace ConversationLookup.Values;

/// <summary>Texts of any length. Pure.</summary>
public static class Texts
{
    /// <summary>In characters: more than any id, label or MIME type has.</summary>
    private const int LongestId = 250;

    /// <summary>In characters.</summary>
    private const int Longest = 1000;

    /// <summary>The entries of a setting, separated by commas or semicolons.</summary>
    public static string[] Split(string? setting) => (setting ?? "").Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>At most the first 1,000 characters, and no half of a pair.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Cut(string? text) => Cut(text, Longest);

    /// <summary>The same of what is never long: at most the first 250.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? CutId(string? text) => Cut(text, LongestId);

    private static string? Cut(string? text, int longest) => text is null || text.Length <= longest
        ? text
        : text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)];
}
