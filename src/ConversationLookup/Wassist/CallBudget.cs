
namespace ConversationLookup.Wassist;

/// <summary>
/// Who may call Wassist, and when. Callers who wait for an answer and events that can wait each have their part of
/// <see cref="WassistOptions.RequestsPerMinute"/>, so that a storm of events refuses no caller; events that have to wait do so in line.
/// With a Redis that answers it is one budget for all instances, else each has its own.
/// </summary>
/// <remarks>
/// The parts are strict: on Flex Consumption the functions of callers and those of events run on different instances, and neither sees
/// what the other has left.
/// </remarks>
public sealed class CallBudget(OwnBudget own, SharedBudget shared)
{
    /// <summary>A wait that Wassist asks for is kept to up to here; then it is asked again.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);

    /// <summary>How long a key that was refused is not tried again, by anybody. Another one is used as soon as the vault has it.</summary>
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(5);

    /// <summary>Takes one call out of the budget, if there is one.</summary>
    public ValueTask<Permit> TakeAsync(WassistCall call, CancellationToken cancellationToken) =>
        shared.IsConfigured ? TakeSharedAsync(call, cancellationToken) : ValueTask.FromResult(own.Take(call));

    /// <summary>Wassist wants to be left alone for so long.</summary>
    public async ValueTask PauseAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait > LongestPause)
            wait = LongestPause;
        own.Pause(wait);
        await shared.PauseAsync(wait, cancellationToken);
    }

    /// <summary>Wassist does not know the key: until it may have changed its mind, nobody need call with it.</summary>
    /// <param name="requestId">Of the call that was refused.</param>
    public async ValueTask RefuseAsync(string key, string requestId, CancellationToken cancellationToken)
    {
        own.Refuse(key, requestId, RefusedFor);
        await shared.RefuseAsync(key, requestId, RefusedFor, cancellationToken);
    }

    private async ValueTask<Permit> TakeSharedAsync(WassistCall call, CancellationToken cancellationToken)
    {
        if (await shared.TakeAsync(call, cancellationToken) is not { } permit)
            return own.Take(call);
        if (permit.IsGranted)
            own.Count(call);
        return permit;
    }
}

/// <summary>A call that somebody wants to make.</summary>
/// <param name="Key">The API key it would be made with.</param>
/// <param name="Path">What is asked for: events that ask for the same share a turn.</param>
/// <param name="WaitsUntil">Until when the asker would come again, for an event; null for a caller, who does not wait.</param>
public readonly record struct WassistCall(string Key, string Path, DateTimeOffset? WaitsUntil);

/// <summary>Whether a call may be made.</summary>
/// <param name="Wait">How long it may not; zero if it may.</param>
/// <param name="RefusedRequest">The call that Wassist has refused just now with the same key; null if there was none.</param>
public sealed record Permit(TimeSpan Wait, string? RefusedRequest)
{
    private static readonly Permit Granted = new(TimeSpan.Zero, null);

    public bool IsGranted => Wait == TimeSpan.Zero && RefusedRequest is null;

    public static Permit After(TimeSpan wait) => wait > TimeSpan.Zero ? new(wait, null) : Granted;

    public static Permit Refused(string requestId) => new(TimeSpan.Zero, requestId);
}

/// <summary>There is no call left in the budget, or Wassist wants to be left alone.</summary>
/// <param name="wait">Until there is one.</param>
public sealed class BudgetSpentException(TimeSpan wait) : Exception("the budget of calls is spent")
{
    public TimeSpan Wait => wait;
}
