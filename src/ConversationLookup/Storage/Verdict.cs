namespace ConversationLookup.Storage;

/// <summary>What became of a message.</summary>
/// <param name="Wait">When to handle it again; null for not at all.</param>
/// <param name="SpendsTry">Whether this was a try of its own.</param>
/// <param name="IsPoison">Whether it is to be kept in the poison queue.</param>
public sealed record Verdict(TimeSpan? Wait, bool SpendsTry, bool IsPoison)
{
    /// <summary>Handled, or not needed.</summary>
    public static Verdict Done { get; } = new(null, false, false);

    /// <summary>Nobody can make it succeed without a person's help.</summary>
    public static Verdict Poison { get; } = new(null, false, true);

    /// <summary>It was tried, and failed: again after this.</summary>
    public static Verdict TryAgain(TimeSpan wait) => new(wait, true, false);

    /// <summary>It is not its turn, or there is something to wait for: again after this, as if it had not been here.</summary>
    public static Verdict NotYet(TimeSpan wait) => new(wait, false, false);
}
