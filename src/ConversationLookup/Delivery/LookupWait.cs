using ConversationLookup.Subscriptions;

namespace ConversationLookup.Delivery;

/// <summary>When an event that could not be looked up is looked up again. Pure.</summary>
public static class LookupWait
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <param name="tries">How often it was put back already.</param>
    /// <param name="age">Since the event arrived.</param>
    /// <param name="patience">How old it may get, see <see cref="SubscriptionOptions.LookupPatience"/>.</param>
    /// <param name="turn">When it is this event's turn to be looked up, if it is in line for that.</param>
    /// <param name="retryAfter">What else there is to wait for.</param>
    /// <param name="jitter">From 0 to 1, so that events that failed together do not come back together.</param>
    /// <returns>
    /// Until its turn, or null if that comes too late; else 5, 10, 20, then 30 seconds, or longer if need be, and at most what is left; null
    /// when nothing is left.
    /// </returns>
    public static TimeSpan? Next(int tries, TimeSpan age, TimeSpan patience, TimeSpan? turn, TimeSpan? retryAfter, double jitter)
    {
        var left = patience - age;
        if (left <= TimeSpan.Zero || turn > left)
            return null;

        var wait = First * Math.Pow(2, Math.Min(tries, 10));
        if (wait > Longest)
            wait = Longest;
        if (retryAfter > wait)
            wait = retryAfter.Value;
        wait = turn ?? (wait * (1 + (0.25 * jitter)));
        return wait < left ? wait : left;
    }
}
