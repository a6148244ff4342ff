using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;

namespace ConversationLookup.Values;

/// <summary>Durations as APIs write them. Pure.</summary>
public static partial class Durations
{
    /// <summary>Seconds as "3600", "01:00:00", "1 03:27:10" or "PT1H".</summary>
    /// <returns>May be negative; null for anything else.</returns>
    public static double? ToSeconds(string text)
    {
        if (double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return number;

        if (Clock().Match(text) is { Success: true } clock)
        {
            double Part(string group) => clock.Groups[group] is { Success: true } part ? double.Parse(part.Value, CultureInfo.InvariantCulture) : 0;
            var seconds = (((((Part("days") * 24) + Part("hours")) * 60) + Part("minutes")) * 60) + Part("seconds");
            return text.StartsWith('-') ? -seconds : seconds;
        }

        try
        {
            return XmlConvert.ToTimeSpan(text).TotalSeconds;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>Django's and Python's ways to print a duration: "27:10:05", "1 03:27:10.5", "1 day, 3:27:10".</summary>
    [GeneratedRegex(@"^-?(?:(?<days>[0-9]{1,9})(?: days?,)? )?(?<hours>[0-9]{1,9}):(?<minutes>[0-9]{2}):(?<seconds>[0-9]{2}(?:\.[0-9]{1,9})?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Clock();
}
