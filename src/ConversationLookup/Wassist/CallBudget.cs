using Microsoft.Extensions.Options;

namespace ConversationLookup.Wassist;

/// <summary>
/// Who may call Wassist, and when. Callers who wait for an answer and events that can wait each have their part of
/// <see cref="WassistOptions.RequestsPerMinute"/>, so that a storm of events refuses no caller; events that have to wait do so in line.
/// </summary>
/// <remarks>
/// The parts are strict: on Flex Consumption the functions of callers and those of events run on different instances, and neither sees
/// what the other has left.
/// </remarks>
public sealed class CallBudget
{
    /// <summary>A wait that Wassist asks for is kept to up to here; then it is asked again.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);

    /// <summary>How late a message usually comes from its queue, which counts in seconds and is looked at every second.</summary>
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(3);

    /// <summary>An event that does not come at its turn has lost it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly CallWindow? _callers;
    private readonly CallWindow? _events;
    private readonly Dictionary<string, DateTimeOffset> _turns = [];
    private readonly Queue<string> _line = [];
    private DateTimeOffset _lastTurn;
    private DateTimeOffset _pausedUntil;

    public CallBudget(IOptions<WassistOptions> options, TimeProvider time)
    {
        _time = time;
        var all = options.Value.RequestsPerMinute;
        if (all == 0)
            return;
        var callers = Math.Clamp((int)Math.Ceiling(all * options.Value.InteractivePercent / 100.0), 1, all);
        (_callers, _events) = (new CallWindow(callers), new CallWindow(all - callers));
    }

    /// <summary>Takes one call out of the budget, if there is one.</summary>
    /// <param name="path">What is asked for: events that ask for the same share a turn.</param>
    /// <param name="waitsUntil">Until when the asker would come again, for an event; null for a caller, who does not wait.</param>
    /// <exception cref="BudgetSpentException">There is none now; it says when there is.</exception>
    public void Take(string path, DateTimeOffset? waitsUntil)
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var wait = waitsUntil is { } until ? TakeForEvent(path, until, now) : _callers?.TryTake(now) ?? TimeSpan.Zero;
            if (wait > TimeSpan.Zero)
                throw new BudgetSpentException(wait);
        }
    }

    /// <summary>Wassist wants to be left alone for so long: events, which can, wait for that.</summary>
    public void Pause(TimeSpan wait)
    {
        lock (_lock)
            _pausedUntil = _time.GetUtcNow() + (wait < LongestPause ? wait : LongestPause);
    }

    private TimeSpan TakeForEvent(string path, DateTimeOffset until, DateTimeOffset now)
    {
        while (_line.TryPeek(out var first) && (!_turns.TryGetValue(first, out var its) || its + Grace < now))
            _turns.Remove(_line.Dequeue());

        var hasTurn = _turns.TryGetValue(path, out var turn);
        if (hasTurn && now < turn)
            return turn - now;

        // Who has no turn goes only where nobody is in line.
        var wait = now < _pausedUntil ? _pausedUntil - now : hasTurn || _turns.Count == 0 ? _events?.TryTake(now) ?? TimeSpan.Zero : TimeSpan.Zero;
        if (wait == TimeSpan.Zero && (hasTurn || _turns.Count == 0))
        {
            _turns.Remove(path);
            return TimeSpan.Zero;
        }

        if (hasTurn)
        {
            _turns[path] = now + wait; // those before were late: it stays the next
            return wait;
        }

        var earliest = now + wait;
        turn = _turns.Count > 0 && _lastTurn + Spacing > earliest ? _lastTurn + Spacing : earliest;
        if (turn <= until)
        {
            (_turns[path], _lastTurn) = (turn, turn);
            _line.Enqueue(path);
        }

        return turn - now;
    }

    /// <summary>From turn to turn: so that who comes somewhat late takes no call from who comes in time a window later.</summary>
    private TimeSpan Spacing => _events is { Limit: > 0 } events ? (CallWindow.Length + Lateness) / events.Limit : TimeSpan.Zero;
}

/// <summary>There is no call left in the budget.</summary>
/// <param name="wait">When there is.</param>
public sealed class BudgetSpentException(TimeSpan wait) : Exception("the budget of calls is spent")
{
    public TimeSpan Wait => wait;
}
