namespace ConversationLookup.Wassist;

/// <summary>How events that wait for a call stand in line. Pure.</summary>
public static class CallLine
{
    /// <summary>How late a message usually comes from its queue, which counts in seconds and is looked at every second.</summary>
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(3);

    /// <summary>An event that does not come at its turn has lost it after this.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    /// <summary>From turn to turn: so that who comes somewhat late takes no call from who comes in time a window later.</summary>
    /// <param name="calls">In a window; null is no limit.</param>
    public static TimeSpan Spacing(int? calls) => calls > 0 ? (CallWindow.Length + Lateness) / calls.Value : TimeSpan.Zero;
}
