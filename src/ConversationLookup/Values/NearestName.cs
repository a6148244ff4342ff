namespace ConversationLookup.Values;

/// <summary>Which name somebody meant who wrote another one. Pure.</summary>
public static class NearestName
{
    /// <returns>The shortest name that holds the text, or the one with the fewest letters to change; null when none is near.</returns>
    public static string? Of(string text, IReadOnlyList<string> names) => text.Length is 0 or > 40
        ? null
        : names.Where(name => text.Length > 2 && name.Contains(text, StringComparison.OrdinalIgnoreCase)).MinBy(name => name.Length)
            ?? names.Select(name => (Name: name, Changes: Changes(text.ToLowerInvariant(), name.ToLowerInvariant())))
                .Where(near => near.Changes * 2 <= Math.Max(text.Length, near.Name.Length))
                .OrderBy(near => near.Changes)
                .FirstOrDefault().Name;

    /// <summary>The same as a question, with a blank before it; empty when no name is near.</summary>
    public static string HintAt(string text, IReadOnlyList<string> names) => Of(text, names) is { } near ? $" Did you mean '{near}'?" : "";

    /// <summary>Levenshtein's distance: how many letters to change, add or leave out.</summary>
    public static int Changes(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 1; j <= to.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (from[i - 1] == to[j - 1] ? 0 : 1)));
        }

        return row[^1];
    }
}
