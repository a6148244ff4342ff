using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using ConversationLookup.Values;

namespace ConversationLookup.Json;

/// <summary>
/// Reads one JSON object field by field. A field that is missing, null or of an unknown shape is null; an unknown shape is also
/// noted, with the field's path and the JSON kind, never its value.
/// </summary>
/// <remarks>
/// Wassist's published schema says <c>string</c> wherever its generator did not know; the live API answers numbers, booleans and
/// objects. Both are read here.
/// </remarks>
/// <param name="element">The object.</param>
/// <param name="parent">The path of what it is in, with a dot at its end; empty for the body itself.</param>
/// <param name="self">Its own name in there; empty for the body itself.</param>
/// <param name="unknownShapes">Where unknown shapes are noted.</param>
public readonly struct TolerantObject(JsonElement element, string parent, string self, List<UnknownShape> unknownShapes)
{
    private string Path => self.Length == 0 ? parent : $"{parent}{self}.";

    /// <summary>Whether the field is there and holds something: null and a blank string are the same as absent.</summary>
    private bool TryFind(string name, out JsonElement value) =>
        element.TryGetProperty(name, out value) && value.ValueKind is not JsonValueKind.Null && !IsBlank(value);

    private static bool IsBlank(JsonElement value)
    {
        if (value.ValueKind is not JsonValueKind.String)
            return false;
        var text = JsonMarshal.GetRawUtf8Value(value)[1..^1].TrimStart((byte)' ');
        return text.IsEmpty || (text[0] is (byte)'\\' or > 0x7F && string.IsNullOrWhiteSpace(value.GetString()));
    }

    /// <summary>The string it holds; null when it holds something else.</summary>
    private static string? TextOf(JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    /// <summary>The same, or a number as it is written.</summary>
    private static string? DigitsOf(JsonElement value) => value.ValueKind is JsonValueKind.Number ? value.GetRawText() : TextOf(value);

    /// <summary>What was read, or null and a note that the shape is unknown.</summary>
    private T? Known<T>(string name, JsonElement value, T? read)
    {
        if (read is null)
            unknownShapes.Add(new UnknownShape(Path + name, value.ValueKind));
        return read;
    }

    /// <summary>Whether there is something else than null or a blank.</summary>
    public bool Has(string name) => TryFind(name, out _);

    /// <summary>A string with something in it, or a number as it is written.</summary>
    public string? Digits(string name) => TryFind(name, out var value) ? Known(name, value, DigitsOf(value)) : null;

    /// <summary>Whether it is a list, and holds objects only.</summary>
    public bool IsListOfObjects(string name) =>
        TryFind(name, out var value) && value.ValueKind is JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind is JsonValueKind.Object);

    /// <summary>A string with something in it.</summary>
    public string? Text(string name) => TryFind(name, out var value) ? Known(name, value, TextOf(value)) : null;

    /// <summary>The id of something else: text, or an object that has it as <c>id</c>.</summary>
    public string? Reference(string name) => ObjectOrText(name, of => of.Text("id"), id => id);

    /// <summary>A UUID, in any of the usual writings.</summary>
    public Guid? Uuid(string name) =>
        TryFind(name, out var value) && value.ValueKind is JsonValueKind.String && value.TryGetGuid(out var uuid) ? uuid
        : Guid.TryParse(Text(name), out uuid) ? uuid
        : null;

    /// <summary>true, "true" or "True", and their opposites.</summary>
    public bool? Flag(string name) => TryFind(name, out var value)
        ? Known<bool?>(name, value, value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => bool.TryParse(TextOf(value), out var flag) ? flag : null,
        })
        : null;

    /// <summary>A phone number with its country code in any usual writing, as <c>+</c> and digits.</summary>
    public string? PhoneNumber(string name) =>
        TryFind(name, out var value) ? Known(name, value, DigitsOf(value) is { } text ? PhoneNumbers.ToE164(text) : null) : null;

    /// <summary>The same of a contact, who may have WhatsApp's own id instead.</summary>
    public (string? PhoneNumber, string? UserId) PhoneNumberOrUserId(string name) =>
        TryFind(name, out var value) && TextOf(value) is { } text && WhatsAppUserIds.Is(text) ? (null, text) : (PhoneNumber(name), null);

    /// <summary>Whole seconds in any of the writings of <see cref="Duration"/>, never negative.</summary>
    public int? Seconds(string name) => Duration(name) is { } seconds ? (int)Math.Clamp(seconds, 0, int.MaxValue) : null;

    /// <summary>Seconds as 3600, "3600", "01:00:00", "1 03:27:10" or "PT1H"; finite.</summary>
    public double? Duration(string name)
    {
        if (!TryFind(name, out var value))
            return null;
        var seconds = TextOf(value) is { } text ? Durations.ToSeconds(text.Trim())
            : value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var number) ? number
            : null;
        return Known(name, value, seconds is { } known && double.IsFinite(known) ? seconds : null);
    }

    /// <summary>A whole number that is not negative, or its digits in a string.</summary>
    public int? WholeNumber(string name) => TryFind(name, out var value)
        ? Known<int?>(name, value, int.TryParse(DigitsOf(value), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null)
        : null;

    /// <summary>A time in any of the writings of <see cref="Times.Parse"/>.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (!TryFind(name, out var value))
            return null;
        if (value.ValueKind is JsonValueKind.String && value.TryGetDateTime(out var time) && time.Kind is DateTimeKind.Utc)
            return new DateTimeOffset(time); // the usual writing, without a string
        return Known(name, value, DigitsOf(value) is { } text ? Times.Parse(text) : null);
    }

    /// <summary>One of an enumeration's names, ignoring case.</summary>
    public TEnum? OneOf<TEnum>(string name)
        where TEnum : struct, Enum
    {
        if (!TryFind(name, out var value))
            return null;
        var text = TextOf(value);
        return Known<TEnum?>(name, value, Enum.TryParse<TEnum>(text, ignoreCase: true, out var known)
            && text.Equals(known.ToString(), StringComparison.OrdinalIgnoreCase) ? known : null); // a number is no name
    }

    /// <summary>
    /// A field that is an object in one shape of the API and a string in another.
    /// </summary>
    public T? ObjectOrText<T>(string name, Func<TolerantObject, T?> fromObject, Func<string, T?> fromText)
        where T : class
    {
        if (!TryFind(name, out var value))
            return null;
        return value.ValueKind is JsonValueKind.Object
            ? fromObject(new TolerantObject(value, Path, name, unknownShapes)) // may hold nothing
            : Known(name, value, TextOf(value) is { } text ? fromText(text) : null);
    }

    /// <summary>An object; null where there is none.</summary>
    public TolerantObject? Object(string name)
    {
        if (!TryFind(name, out var value))
            return null;
        return value.ValueKind is JsonValueKind.Object
            ? new TolerantObject(value, Path, name, unknownShapes)
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
        if (!TryFind(name, out var value))
            return [];
        if (TextOf(value) is { } text)
            return text.Split(',');
        return value.ValueKind is JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind is JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
            : Known<string[]>(name, value, null) ?? [];
    }

    /// <summary>A list of objects; anything in it that is not one is skipped.</summary>
    public IReadOnlyList<TolerantObject> Objects(string name)
    {
        if (!TryFind(name, out var value))
            return [];
        if (value.ValueKind is not JsonValueKind.Array)
            return Known<TolerantObject[]>(name, value, null) ?? [];

        var (parent, items, shapes) = (Path, $"{name}[]", unknownShapes);
        return [.. value.EnumerateArray().Where(item => item.ValueKind is JsonValueKind.Object).Select(item => new TolerantObject(item, parent, items, shapes))];
    }

    private static IEnumerable<(string Name, string Text)> Everything(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when value.GetString() is { } text && !string.IsNullOrWhiteSpace(text) => [(name, text)],
        JsonValueKind.Number => [(name, value.GetRawText())],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(item => Everything(name, item)),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(property => Everything(property.Name, property.Value)),
        _ => [],
    };
}

/// <summary>A field whose shape nobody has seen before: where it is and what JSON kind it has, without its value.</summary>
public sealed record UnknownShape(string Path, JsonValueKind Kind);
