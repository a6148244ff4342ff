using System.Globalization;
using ConversationLookup.Problems;
using ConversationLookup.Values;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Http;

/// <summary>
/// Reads query parameters and notes every fault. A blank is the same as not given, because a connector sends an empty parameter for an
/// empty box.
/// </summary>
public sealed class QueryParameters(IQueryCollection query, ICollection<Fault> faults)
{
    /// <summary>ISO 8601 as people write it; one without an offset is UTC.</summary>
    private static readonly string[] TimeFormats =
    [
        "yyyy-MM-dd", "yyyy-MM-ddK",
        .. from separator in (string[])["'T'", "' '"]
           from clock in (string[])["HH:mm", "HH:mm:ss", "HH:mm:ss.FFFFFFF"]
           select $"yyyy-MM-dd{separator}{clock}K",
    ];

    /// <summary>As it is written, without blanks around it; null when not given.</summary>
    public string? Text(string name)
    {
        var values = query[name];
        if (values.Count > 1)
            Fault(name, "may be given once only");
        return values is [{ } text] && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
    }

    /// <summary>In E.164.</summary>
    public string? PhoneNumber(string name)
    {
        if (Text(name) is not { } text)
            return null;
        var number = PhoneNumbers.FromCaller(text);
        if (number is null)
            faults.Add(Catalogue.InvalidPhoneNumber(name));
        return number;
    }

    public Guid? Uuid(string name, string whose) => Read<Guid>(
        name, text => Uuids.TryParse(text, out var uuid) ? uuid : null, $"must be {whose}, a UUID such as b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55");

    public bool? Flag(string name) => Read<bool>(name, text => bool.TryParse(text, out var flag) ? flag : null, "must be true or false");

    public DateTimeOffset? Time(string name) => Read<DateTimeOffset>(
        name,
        text => DateTimeOffset.TryParseExact(
            text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null,
        "must be a time such as 2026-11-21T18:04:00Z (in an address, a '+' is written %2B)");

    /// <summary>One of some words, ignoring case.</summary>
    public string? OneOf(string name, params IReadOnlyList<string> words)
    {
        if (Text(name) is not { } text)
            return null;
        var word = words.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (word is null)
            Fault(name, $"must be one of: {string.Join(", ", words)}");
        return word;
    }

    public int WholeNumber(string name, int otherwise, int smallest, int largest) => Read<int>(
        name,
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= smallest && number <= largest ? number : null,
        string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {smallest} to {largest}")) ?? otherwise;

    public void Fault(string name, string what) => faults.Add(Catalogue.InvalidParameter(name, $"'{name}' {what}."));

    private T? Read<T>(string name, Func<string, T?> parse, string otherwise)
        where T : struct
    {
        if (Text(name) is not { } text)
            return null;
        var value = parse(text);
        if (value is null)
            Fault(name, otherwise);
        return value;
    }
}
