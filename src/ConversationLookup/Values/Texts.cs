using System.Diagnostics.CodeAnalysis;

namespace ConversationLookup.Values;

/// <summary>Texts of any length. Pure.</summary>
public static class Texts
{
    private const int Longest = 1000;

    /// <summary>At most the first 1,000 characters, and no half of a pair.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Cut(string? text) => text is null || text.Length <= Longest
        ? text
        : text[..(char.IsHighSurrogate(text[Longest - 1]) ? Longest - 1 : Longest)];
}
