using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;

namespace ConversationLookup.Wassist;

/// <summary>
/// Reads one JSON object field by field. A field that is missing, null or of an unknown shape is null; an unknown shape is also
/// noted, with the field's path and the JSON kind, never its value.
/// </summary>
/// <remarks>
/// Wassist's published schema says <c>string</c> wherever its generator did not know; the live API answers numbers, booleans and
/// objects. Both are read here.
/// </remarks>
internal readonly partial struct TolerantObject(JsonElement element, string path, List<UnknownShape> unknownShapes)
{
    /// <summary>Whether the field is there and holds something: null and a blank string are the same as absent.</summary>
    /// <param name="name">The field.</param>
    /// <param name="value">The field itself.</param>
    /// <param name="text">The string it holds; null when it holds something else.</param>
    private bool TryFind(string name, out JsonElement value, out string? text)
    {
        text = null;
        if (!element.TryGetProperty(name, out value) || value.ValueKind is JsonValueKind.Null)
            return false;
        text = value.ValueKind is JsonValueKind.String ? value.GetString() : null;
        return text is null || !string.IsNullOrWhiteSpace(text);
    }

    /// <summary>What was read, or null and a note that the shape is unknown.</summary>
    private T? Known<T>(string name, JsonElement value, T? read)
    {
        if (read is null)
            unknownShapes.Add(new UnknownShape(path + name, value.ValueKind));
        return read;
    }

    /// <summary>A string with something in it.</summary>
    public string? Text(string name) => TryFind(name, out var value, out var text) ? Known(name, value, text) : null;

    /// <summary>A UUID, in any of the usual writings.</summary>
    public Guid? Uuid(string name) => Guid.TryParse(Text(name), out var uuid) ? uuid : null;

    /// <summary>true, "true" or "True", and their opposites.</summary>
    public bool? Flag(string name) => TryFind(name, out var value, out var text)
        ? Known<bool?>(name, value, value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => bool.TryParse(text, out var flag) ? flag : null,
        })
        : null;

    /// <summary>Digits with or without <c>+</c>, <c>00</c> and the usual separators, as <c>+</c> and digits.</summary>
    public string? PhoneNumber(string name)
    {
        if (!TryFind(name, out var value, out var text))
            return null;
        text ??= value.ValueKind is JsonValueKind.Number ? value.GetRawText() : null;
        return Known(name, value, text is null ? null : PhoneNumbers.ToE164(text));
    }

    /// <summary>Whole seconds in any of the writings of <see cref="Duration"/>, never negative.</summary>
    public int? Seconds(string name) => Duration(name) is { } seconds ? (int)Math.Clamp(seconds, 0, int.MaxValue) : null;

    /// <summary>Seconds as 3600, "3600", "01:00:00", "1 03:27:10" or "PT1H"; finite.</summary>
    public double? Duration(string name)
    {
        if (!TryFind(name, out var value, out var text))
            return null;
        var seconds = text is not null ? ToSeconds(text.Trim())
            : value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var number) ? number
            : null;
        return Known(name, value, seconds is { } known && double.IsFinite(known) ? seconds : null);
    }

    /// <summary>A whole number that is not negative, or its digits in a string.</summary>
    public int? WholeNumber(string name)
    {
        if (!TryFind(name, out var value, out var text))
            return null;
        text ??= value.ValueKind is JsonValueKind.Number ? value.GetRawText() : null;
        return Known<int?>(name, value, int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null);
    }

    /// <summary>An ISO 8601 time; one without an offset is UTC.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (!TryFind(name, out var value, out var text))
            return null;
        return Known<DateTimeOffset?>(name, value, text is not null && value.TryGetDateTime(out var time)
            ? time.Kind is DateTimeKind.Unspecified ? new DateTimeOffset(time, TimeSpan.Zero) : new DateTimeOffset(time.ToUniversalTime())
            : null);
    }

    /// <summary>One of an enumeration's names, ignoring case.</summary>
    public TEnum? OneOf<TEnum>(string name)
        where TEnum : struct, Enum
    {
        if (!TryFind(name, out var value, out var text))
            return null;
        foreach (var known in Enum.GetValues<TEnum>())
        {
            if (string.Equals(text, known.ToString(), StringComparison.OrdinalIgnoreCase))
                return known;
        }

        return Known<TEnum?>(name, value, null);
    }

    /// <summary>
    /// A field that is an object in one shape of the API and a string in another.
    /// </summary>
    public T? ObjectOrText<T>(string name, Func<TolerantObject, T?> fromObject, Func<string, T?> fromText)
        where T : class
    {
        if (!TryFind(name, out var value, out var text))
            return null;
        return value.ValueKind is JsonValueKind.Object
            ? fromObject(new TolerantObject(value, $"{path}{name}.", unknownShapes)) // may hold nothing
            : Known(name, value, text is null ? null : fromText(text));
    }

    /// <summary>An object; null where there is none.</summary>
    public TolerantObject? Object(string name)
    {
        if (!TryFind(name, out var value, out _))
            return null;
        return value.ValueKind is JsonValueKind.Object
            ? new TolerantObject(value, $"{path}{name}.", unknownShapes)
            : Known<TolerantObject?>(name, value, null);
    }

    /// <summary>Every string and number in a field, at any depth and in the order they are written, each with the nearest name above it.</summary>
    public IEnumerable<(string Name, string Text)> Everything(string name) =>
        element.TryGetProperty(name, out var value) ? Everything(name, value) : [];

    /// <summary>The fields there are.</summary>
    public IEnumerable<string> Names => element.EnumerateObject().Select(property => property.Name);

    /// <summary>A list of strings, or one string with commas.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        if (!TryFind(name, out var value, out var text))
            return [];
        if (text is not null)
            return text.Split(',');
        return value.ValueKind is JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind is JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
            : Known<string[]>(name, value, null) ?? [];
    }

    /// <summary>A list of objects; anything in it that is not one is skipped.</summary>
    public IReadOnlyList<TolerantObject> Objects(string name)
    {
        if (!TryFind(name, out var value, out _))
            return [];
        if (value.ValueKind is not JsonValueKind.Array)
            return Known<TolerantObject[]>(name, value, null) ?? [];

        var (fields, shapes) = ($"{path}{name}[].", unknownShapes);
        return [.. value.EnumerateArray().Where(item => item.ValueKind is JsonValueKind.Object).Select(item => new TolerantObject(item, fields, shapes))];
    }

    private static IEnumerable<(string Name, string Text)> Everything(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when value.GetString() is { } text && !string.IsNullOrWhiteSpace(text) => [(name, text)],
        JsonValueKind.Number => [(name, value.GetRawText())],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(item => Everything(name, item)),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(property => Everything(property.Name, property.Value)),
        _ => [],
    };

    private static double? ToSeconds(string text)
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

/// <summary>A field whose shape nobody has seen before: where it is and what JSON kind it has, without its value.</summary>
internal sealed record UnknownShape(string Path, JsonValueKind Kind);
