using System.Globalization;
using System.Text.RegularExpressions;

namespace ConversationLookup.Values;

/// <summary>Phone numbers as people, spreadsheets and Wassist write them. Pure.</summary>
public static partial class PhoneNumbers
{
    private const int Longest = 15; // E.164

    /// <summary>The shortest number in use with its country code is Niue's.</summary>
    private const int Shortest = 7;

    private static readonly string[] Prefixes = ["tel:", "whatsapp:"];

    /// <summary>
    /// Any usual way to write a number with its country code: <c>+44 7700 900222</c>, <c>0044 (0)7700-900222</c>, <c>447700900222</c>, a
    /// spreadsheet's <c>447700900222.0</c>. A <c>+</c> that an address turned into a blank is no loss.
    /// </summary>
    /// <returns>
    /// <c>+</c> and 7 to 15 digits; null for anything else, also for a number without its country code, such as <c>07700 900222</c>, which
    /// would become another number.
    /// </returns>
    public static string? ToE164(string text)
    {
        text = text.Trim();
        foreach (var prefix in Prefixes)
        {
            if (text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                text = text[prefix.Length..];
        }

        if (text.Contains('('))
            text = TrunkZero().Replace(text, ""); // some write it after the country code, but it is not dialled with it
        if (WithoutFraction(text) is not { } whole)
            return null;

        Span<char> kept = stackalloc char["00".Length + Longest + 1];
        var length = 0;
        foreach (var c in whole)
        {
            if (IsSeparator(c))
                continue;
            if (length == kept.Length)
                return null;
            kept[length++] = c;
        }

        ReadOnlySpan<char> number = kept[..length];
        number = number.StartsWith('+') ? number[1..] : number.StartsWith("00") ? number[2..] : number;
        return number.Length is >= Shortest and <= Longest && !number.ContainsAnyExceptInRange('0', '9') && !NoCountry().IsMatch(number) ? $"+{number}" : null;
    }

    /// <summary>A dot is a separator, or the point that a spreadsheet puts behind a number: then it stands alone, late, and before zeros.</summary>
    /// <returns>Null for a number that is not whole.</returns>
    private static string? WithoutFraction(string text)
    {
        var dot = text.IndexOf('.');
        if (dot < 0 || text.LastIndexOf('.') != dot)
            return text;
        var after = text.AsSpan(dot + 1);
        var isPlain = !text.AsSpan(0, dot).TrimStart('+').ContainsAnyExceptInRange('0', '9');
        if (text.Take(dot).Count(char.IsAsciiDigit) < Shortest || (!isPlain && after.Length > 2))
            return text;
        return after.ContainsAnyExcept('0') ? null : text[..dot];
    }

    /// <summary>Blanks, hyphens and brackets of all kinds, and the invisible marks that come with a number copied from a contact.</summary>
    private static bool IsSeparator(char c) =>
        char.IsWhiteSpace(c) || c is '(' or ')' or '.' or '/'
        || char.GetUnicodeCategory(c) is UnicodeCategory.DashPunctuation or UnicodeCategory.Format;

    [GeneratedRegex(@"(?<=[0-9]\s*)\(\s*0\s*\)")]
    private static partial Regex TrunkZero();

    /// <summary>
    /// The national form, or that behind a country code, as in <c>+44 07700 900222</c>. A number begins with 0 in countries whose code has
    /// three digits, and in Italy, 39.
    /// </summary>
    [GeneratedRegex("^(?:1|7|2[07]|3[0-46]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])?0")]
    private static partial Regex NoCountry();
}
