using System.Globalization;
using ConversationLookup.Problems;
using ConversationLookup.Values;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ConversationLookup.Http;

/// <summary>
/// Reads query parameters and notes every fault. A blank is the same as not given, because a connector sends an empty parameter for an
/// empty box.
/// </summary>
public sealed class QueryParameters(IQueryCollection query, ICollection<Fault> faults)
{
    /// <summary>The function key, which is not the handlers' to read.</summary>
    private const string Key = "code";

    private readonly List<string> _names = [];

    /// <summary>What was read so far, given or not.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Refuses what a route without parameters is given.</summary>
    /// <returns>Null when there is nothing.</returns>
    public static Problem? RefuseAll(IQueryCollection query)
    {
        if (query.Count == 0)
            return null; // as nearly always
        var faults = new List<Fault>();
        new QueryParameters(query, faults).RefuseOthers();
        return faults.Count == 0 ? null : Catalogue.InvalidRequest(faults);
    }

    /// <summary>
    /// Refuses every parameter that was not read: a filter that is not understood would have everything answered. Called after the last
    /// one was read.
    /// </summary>
    public void RefuseOthers()
    {
        if (query.Count == 0)
            return; // what is below costs more than the rest of a lookup's parameters
        foreach (var fault in Catalogue.UnknownNames(query.Keys.Except([.. _names, Key], StringComparer.OrdinalIgnoreCase), _names))
            faults.Add(fault);
    }

    /// <summary>As often as it is given.</summary>
    public StringValues Values(string name)
    {
        _names.Add(name);
        return query[name];
    }

    /// <summary>As it is written, without blanks around it; null when not given.</summary>
    public string? Text(string name)
    {
        var values = Values(name);
        if (values.Count > 1)
            Fault(name, "may be given only once");
        return values is [{ } text] && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
    }

    /// <summary>In E.164.</summary>
    public string? PhoneNumber(string name)
    {
        if (Text(name) is not { } text)
            return null;
        var number = PhoneNumbers.ToE164(text);
        if (number is null)
            faults.Add(Catalogue.InvalidPhoneNumber(name));
        return number;
    }

    public Guid? AgentId(string name)
    {
        if (Text(name) is not { } text)
            return null;
        if (Uuids.TryParse(text, out var id))
            return id;
        faults.Add(Catalogue.InvalidAgentId(name));
        return null;
    }

    public bool? Flag(string name) => Read<bool>(name, text => bool.TryParse(text, out var flag) ? flag : null, "must be true or false");

    public DateTimeOffset? Time(string name) => Read<DateTimeOffset>(
        name, Times.Parse, "must be a time such as 2026-11-21T18:04:00Z (in a URL, write '+' as %2B)");

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
