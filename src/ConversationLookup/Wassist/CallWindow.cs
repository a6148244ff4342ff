namespace ConversationLookup.Wassist;

/// <summary>
/// At most so many calls in any minute, counted by the second. A window that slides, because a bucket that refills would let nearly twice
/// the limit through in one minute; and one of more than a minute, because Wassist counts when calls arrive, and some are longer on their
/// way than others.
/// </summary>
/// <param name="limit">Calls a window; 0 lets none through.</param>
public sealed class CallWindow(int limit)
{
    /// <summary>Of the window.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(Seconds);

    private const int Seconds = 66;

    private readonly (long Second, int Calls)[] _counts = new (long, int)[Seconds];

    private int _sum;
    private long _swept;

    /// <summary>Calls a window.</summary>
    public int Limit => limit;

    /// <summary>Takes one call, if there is one.</summary>
    /// <returns>Zero, or how long it is until there is one.</returns>
    public TimeSpan TryTake(DateTimeOffset now)
    {
        var second = now.ToUnixTimeSeconds();
        Sweep(second);
        if (_sum < limit)
        {
            Count(now);
            return TimeSpan.Zero;
        }

        var oldest = _counts.Where(count => count.Calls > 0).Select(count => count.Second).DefaultIfEmpty(second).Min();
        return DateTimeOffset.FromUnixTimeSeconds(oldest + Seconds) - now;
    }

    /// <summary>Counts a call that is made anyhow.</summary>
    public void Count(DateTimeOffset now)
    {
        var second = now.ToUnixTimeSeconds();
        Sweep(second);
        ref var count = ref _counts[second % Seconds];
        count = (second, count.Second == second ? count.Calls + 1 : 1);
        _sum++;
    }

    /// <summary>Forgets what has left the window since it was last asked.</summary>
    private void Sweep(long second)
    {
        if (second == _swept)
            return;
        _swept = second;
        for (var index = 0; index < Seconds; index++)
        {
            if (_counts[index].Calls > 0 && second - _counts[index].Second >= Seconds)
            {
                _sum -= _counts[index].Calls;
                _counts[index] = default;
            }
        }
    }
}
