using Microsoft.Extensions.Options;

namespace ConversationLookup.Wassist;

/// <summary>The <see cref="CallBudget"/> of one instance, in its memory.</summary>
public sealed class OwnBudget
{
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly CallWindow? _callers;
    private readonly CallWindow? _events;
    private readonly Dictionary<string, DateTimeOffset> _turns = [];
    private readonly Queue<string> _line = [];
    private DateTimeOffset _lastTurn;
    private DateTimeOffset _pausedUntil;

    private (string Key, string RequestId, DateTimeOffset Until) _refused;

    public OwnBudget(IOptions<WassistOptions> options, TimeProvider time)
    {
        _time = time;
        if (options.Value.GetParts() is { } parts)
            (_callers, _events) = (new CallWindow(parts.Callers), new CallWindow(parts.Events));
    }

    /// <summary>Takes one call out of the budget, if there is one.</summary>
    public Permit Take(WassistCall call)
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            if (_refused.Key == call.Key && now < _refused.Until)
                return Permit.Refused(_refused.RequestId);
            if (call.WaitsUntil is { } until)
                return Permit.After(TakeForEvent(call.Path, until, now));
            return Permit.After(now < _pausedUntil ? _pausedUntil - now : _callers?.TryTake(now) ?? TimeSpan.Zero);
        }
    }

    /// <summary>Counts a call that was taken out of the shared budget, so that this one knows of it when it has to stand in.</summary>
    public void Count(WassistCall call)
    {
        lock (_lock)
            (call.WaitsUntil is null ? _callers : _events)?.Count(_time.GetUtcNow());
    }

    /// <inheritdoc cref="CallBudget.PauseAsync"/>
    public void Pause(TimeSpan wait)
    {
        lock (_lock)
            _pausedUntil = _time.GetUtcNow() + wait;
    }

    /// <inheritdoc cref="CallBudget.RefuseAsync"/>
    public void Refuse(string key, string requestId, TimeSpan wait)
    {
        lock (_lock)
            _refused = (key, requestId, _time.GetUtcNow() + wait);
    }

    private TimeSpan TakeForEvent(string path, DateTimeOffset until, DateTimeOffset now)
    {
        while (_line.TryPeek(out var first) && (!_turns.TryGetValue(first, out var its) || its + CallLine.Grace < now))
            _turns.Remove(_line.Dequeue());

        var hasTurn = _turns.TryGetValue(path, out var turn);
        if (hasTurn && now < turn)
            return turn - now;

        // Who has no turn goes only where none is ahead.
        var mayGo = hasTurn || _lastTurn <= now;
        var wait = now < _pausedUntil ? _pausedUntil - now : mayGo ? _events?.TryTake(now) ?? TimeSpan.Zero : TimeSpan.Zero;
        if (mayGo && wait == TimeSpan.Zero)
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
        var next = _lastTurn + CallLine.Spacing(_events?.Limit);
        turn = next > earliest ? next : earliest;
        if (turn <= until)
        {
            (_turns[path], _lastTurn) = (turn, turn);
            _line.Enqueue(path);
        }

        return turn - now;
    }
}
