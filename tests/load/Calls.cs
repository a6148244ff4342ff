namespace ConversationLookup.Load;

/// <summary>What an upstream saw.</summary>
internal static class Calls
{
    /// <summary>How many there were in the busiest 60 seconds.</summary>
    public static int MostInAMinute(IEnumerable<DateTimeOffset> calls)
    {
        var sorted = calls.Order().ToList();
        var (most, from) = (0, 0);
        for (var to = 0; to < sorted.Count; to++)
        {
            while (sorted[to] - sorted[from] >= TimeSpan.FromMinutes(1))
                from++;
            most = Math.Max(most, to - from + 1);
        }

        return most;
    }
}
