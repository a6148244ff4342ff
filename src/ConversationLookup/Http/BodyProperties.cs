using System.Globalization;
using ConversationLookup.Json;
using ConversationLookup.Problems;
using ConversationLookup.Values;

namespace ConversationLookup.Http;

/// <summary>
/// Reads the properties of a caller's JSON object and notes every fault. Null and a blank are the same as not given, because a
/// connector sends an empty property for an empty box.
/// </summary>
/// <param name="root">The object.</param>
/// <param name="path">What stands before a property's name in a fault; empty for the body itself.</param>
/// <param name="faults">Where they are noted.</param>
public sealed class BodyProperties(TolerantObject root, string path, ICollection<Fault> faults)
{
    private readonly List<string> _names = [];
    private readonly int _faultsBefore = faults.Count;

    /// <summary>Reads a body.</summary>
    /// <param name="body">Empty, or <c>null</c> as some clients write it, stands for an object without properties.</param>
    /// <param name="read">Reads the properties; it may be called twice, the second time for a repaired body.</param>
    /// <param name="earlier">What else is wrong with the request.</param>
    /// <exception cref="ProblemException">With every fault at once.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> body, Func<BodyProperties, T> read, IReadOnlyList<Fault> earlier)
    {
        List<Fault> faults = [.. earlier];
        T result;
        try
        {
            (result, _) = TolerantJson.Read(body.Length == 0 || body.Span.SequenceEqual("null"u8) ? "{}"u8.ToArray() : body, root =>
            {
                faults = [.. earlier];
                var properties = new BodyProperties(root, "", faults);
                var value = read(properties);
                properties.RefuseOthers();
                return value;
            });
        }
        catch (FormatException)
        {
            throw new ProblemException(Catalogue.InvalidRequest([.. earlier, Catalogue.InvalidBody("Send a JSON object.")]));
        }

        return faults.Count == 0 ? result : throw new ProblemException(Catalogue.InvalidRequest(faults));
    }

    /// <summary>Refuses every property that was not read. Called after the last one was.</summary>
    public void RefuseOthers()
    {
        foreach (var fault in Catalogue.UnknownNames(root.Names.Except(_names), [.. _names]))
            faults.Add(fault);
    }

    /// <summary>Without blanks around it.</summary>
    /// <param name="name">The property.</param>
    /// <param name="longest">In characters as people count them for WhatsApp: Unicode code points.</param>
    /// <param name="isRequired">Whether it is a fault that it is not given.</param>
    /// <param name="isNumberToo">Whether a number will do, as it is written.</param>
    public string? Text(string name, int longest, bool isRequired = false, bool isNumberToo = false)
    {
        _names.Add(name);
        if (!root.Has(name))
            return isRequired ? Fault(name, "is missing") : null;
        if ((isNumberToo ? root.Digits(name) : root.Text(name))?.Trim() is not { } text)
            return Fault(name, "must be text");
        var length = text.EnumerateRunes().Count();
        if (length > longest)
            return Fault(name, string.Create(CultureInfo.InvariantCulture, $"has {length:N0} characters; the most that are possible are {longest:N0}"));
        if (text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
            return Fault(name, "contains control characters; use text and line breaks only");
        return text;
    }

    /// <summary>In E.164.</summary>
    public string? PhoneNumber(string name, bool isRequired = false)
    {
        if (Text(name, 100, isRequired, isNumberToo: true) is not { } text)
            return null;
        var number = PhoneNumbers.ToE164(text);
        if (number is null)
            faults.Add(Catalogue.InvalidPhoneNumber(path + name));
        return number;
    }

    public Guid? AgentId(string name)
    {
        if (Text(name, 100) is not { } text)
            return null;
        if (Uuids.TryParse(text, out var id))
            return id;
        faults.Add(Catalogue.InvalidAgentId(path + name));
        return null;
    }

    /// <summary>A whole number, or its digits.</summary>
    public int WholeNumber(string name, int otherwise, int smallest, int largest)
    {
        _names.Add(name);
        if (!root.Has(name))
            return otherwise;
        if (root.WholeNumber(name) is { } number && number >= smallest && number <= largest)
            return number;
        Fault(name, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {smallest} to {largest}"));
        return otherwise;
    }

    /// <summary>A list of objects.</summary>
    public IReadOnlyList<T> Objects<T>(string name, Func<BodyProperties, T> read)
    {
        _names.Add(name);
        if (!root.Has(name))
            return [];
        if (!root.IsListOfObjects(name))
        {
            Fault(name, "must be a list of objects");
            return [];
        }

        return [.. root.Objects(name).Select((item, index) => ReadAt(item, string.Create(CultureInfo.InvariantCulture, $"{path}{name}[{index}]."), read))];
    }

    /// <summary>An object of properties that are not known beforehand.</summary>
    /// <returns>Each property's text; null where it is no object or not given.</returns>
    public IReadOnlyDictionary<string, string> Texts(string name, int longest)
    {
        _names.Add(name);
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (!root.Has(name))
            return texts;
        if (root.Object(name) is not { } holder)
        {
            Fault(name, "must be an object");
            return texts;
        }

        var properties = new BodyProperties(holder, $"{path}{name}.", faults);
        foreach (var property in holder.Names.Distinct())
        {
            if (properties.Text(property, longest, isNumberToo: true) is { } text)
                texts[property] = text;
        }

        return texts;
    }

    /// <summary>Whether anything of it is wrong, so that what seems to be missing may only be unreadable.</summary>
    public bool IsFaulty => faults.Count > _faultsBefore;

    /// <summary>Notes a fault.</summary>
    /// <returns>Null, which is what was read.</returns>
    public string? Fault(string name, string what)
    {
        faults.Add(Catalogue.InvalidParameter(path + name, $"'{Catalogue.Plain(path + name)}' {what}."));
        return null;
    }

    private T ReadAt<T>(TolerantObject item, string at, Func<BodyProperties, T> read)
    {
        var properties = new BodyProperties(item, at, faults);
        var value = read(properties);
        properties.RefuseOthers();
        return value;
    }
}
