using System.Globalization;
using System.Text.RegularExpressions;

namespace ConversationLookup.Values;

/// <summary>Times as people and APIs write them. Pure; the machine's own time zone never counts.</summary>
public static partial class Times
{
    private static readonly string[] Clocks = ["yyyy-MM-dd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss"];

    /// <summary>
    /// ISO 8601 with <c>T</c> or a blank, and with <c>Z</c>, <c>+02:00</c>, <c>+0200</c> or <c>+02</c>; without an offset it is UTC. Or the
    /// seconds or milliseconds since 1970, in 10 or 13 digits.
    /// </summary>
    /// <returns>In UTC; null for anything else.</returns>
    public static DateTimeOffset? Parse(string text)
    {
        text = text.Trim();
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number))
            return FromEpoch(number);

        var parts = Iso().Match(text);
        if (!parts.Success
            || !DateTime.TryParseExact($"{parts.Groups["date"]} {parts.Groups["clock"]}".TrimEnd(), Clocks, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
            || OffsetOf(parts) is not { } offset)
            return null;
        var ticks = local.Ticks + long.Parse(parts.Groups["fraction"].Value.PadRight(7, '0')[..7], CultureInfo.InvariantCulture) - offset.Ticks;
        return ticks >= DateTimeOffset.MinValue.Ticks && ticks <= DateTimeOffset.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
    }

    /// <summary>The digits tell seconds from milliseconds between 2001 and 2286; fewer of them would be a date or a year.</summary>
    private static DateTimeOffset? FromEpoch(decimal number) => number switch
    {
        >= 1_000_000_000m and < 10_000_000_000m => DateTimeOffset.UnixEpoch.AddTicks((long)(number * TimeSpan.TicksPerSecond)),
        >= 1_000_000_000_000m and < 10_000_000_000_000m => DateTimeOffset.UnixEpoch.AddTicks((long)(number * TimeSpan.TicksPerMillisecond)),
        _ => null,
    };

    /// <returns>Null for an offset that no place has.</returns>
    private static TimeSpan? OffsetOf(Match parts)
    {
        if (!parts.Groups["sign"].Success)
            return TimeSpan.Zero;
        var (hours, minutes) = (Number("hours"), Number("minutes"));
        var offset = new TimeSpan(hours, minutes, 0);
        return hours > 14 || minutes > 59 ? null : parts.Groups["sign"].Value == "-" ? -offset : offset;

        int Number(string group) => parts.Groups[group] is { Success: true } digits ? int.Parse(digits.Value, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(
        @"^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:[Tt ](?<clock>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:(?<=:[0-9]{2}:[0-9]{2})[.,](?<fraction>[0-9]{1,18}))?)?(?: ?(?:[Zz]|(?<sign>[+-])(?<hours>[0-9]{2})(?::?(?<minutes>[0-9]{2}))?))?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Iso();
}
