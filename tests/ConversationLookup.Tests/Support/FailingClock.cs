namespace ConversationLookup.Tests.Support;

/// <summary>The real clock, but for one wait that it cannot do: a fault of the app that nobody thought of, where its code asks for that wait.</summary>
internal sealed class FailingClock : TimeProvider
{
    /// <summary>The message of its exception.</summary>
    public const string Reason = "the clock has stopped";

    public TimeSpan? Wait { get; set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        dueTime == Wait ? throw new InvalidOperationException(Reason) : base.CreateTimer(callback, state, dueTime, period);
}
