using System.Buffers;

namespace ConversationLookup.Values;

/// <summary>UUIDs as callers write them. Pure.</summary>
public static class Uuids
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create("0123456789abcdefABCDEF-");

    /// <summary>
    /// Reads 8-4-4-4-12 hexadecimal digits and nothing else. <see cref="Guid"/>'s own readers also take braces, blanks, a sign
    /// or <c>0x</c> in a group, even when told the exact format.
    /// </summary>
    public static bool TryParse(string? text, out Guid uuid)
    {
        uuid = default;
        return text is not null && !text.AsSpan().ContainsAnyExcept(Allowed) && Guid.TryParseExact(text, "D", out uuid);
    }
}
