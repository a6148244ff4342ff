using Microsoft.Extensions.Configuration;

namespace ConversationLookup.Values;

/// <summary>Settings as they were meant: what is pasted, piped or read from a file brings a line break along.</summary>
public static class PastedSettings
{
    /// <summary>Takes the line break off the end of every value that has one; called by a host before anything reads its settings.</summary>
    public static void TrimLineBreaks(this IConfigurationManager configuration)
    {
        var pasted = configuration.AsEnumerable()
            .Where(setting => setting.Value is { } value && value.AsSpan(value.TrimEnd().Length).ContainsAny('\n', '\r'))
            .ToDictionary(setting => setting.Key, setting => (string?)setting.Value!.TrimEnd());
        configuration.AddInMemoryCollection(pasted);
    }
}
