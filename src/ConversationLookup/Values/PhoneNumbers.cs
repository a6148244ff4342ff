using System.Globalization;

namespace ConversationLookup.Values;

/// <summary>Phone numbers as people and Wassist write them. Pure.</summary>
public static class PhoneNumbers
{
    private const int Longest = 15; // E.164

    /// <summary>The shortest number in use with its country code is Niue's.</summary>
    private const int Shortest = 7;

    private static readonly string[] Prefixes = ["tel:", "whatsapp:"];

    /// <summary>What Wassist wrote: <c>+</c> and 1 to 15 digits, or null when it is not a phone number, such as a WhatsApp user id.</summary>
    public static string? ToE164(string text)
    {
        Span<char> kept = stackalloc char["00".Length + Longest + 1];
        var length = 0;
        foreach (var c in text)
        {
            if (IsSeparator(c))
                continue;
            if (length == kept.Length)
                return null;
            kept[length++] = c;
        }

        ReadOnlySpan<char> number = kept[..length];
        number = number.StartsWith('+') ? number[1..] : number.StartsWith("00") ? number[2..] : number;
        return number.Length is >= 1 and <= Longest && !number.ContainsAnyExceptInRange('0', '9') ? $"+{number}" : null;
    }

    /// <summary>
    /// What a caller wrote, in any usual way: <c>+44 7700 900222</c>, <c>0044 (0)7700-900222</c>, <c>447700900222</c>. A <c>+</c> that
    /// an address turned into a blank is no loss.
    /// </summary>
    /// <returns><c>+</c> and 7 to 15 digits; null for anything else, also for a number without its country code.</returns>
    public static string? FromCaller(string text)
    {
        var trimmed = text.Trim();
        foreach (var prefix in Prefixes.Where(prefix => trimmed.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            trimmed = trimmed[prefix.Length..];

        // The trunk zero that some write after the country code is not dialled with it.
        var number = ToE164(trimmed.Replace("(0)", "", StringComparison.Ordinal));
        return number is { Length: > Shortest } && number[1] != '0' ? number : null;
    }

    /// <summary>Blanks, hyphens and brackets of all kinds, and the invisible marks that come with a number copied from a contact.</summary>
    private static bool IsSeparator(char c) =>
        char.IsWhiteSpace(c) || c is '(' or ')' or '.' or '/'
        || char.GetUnicodeCategory(c) is UnicodeCategory.DashPunctuation or UnicodeCategory.Format;
}
