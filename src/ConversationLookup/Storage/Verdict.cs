namespace ConversationLookup.Storage;

/// <summary>What became of a message.</summary>
/// <param name="RetryAfter">When to handle it again; null for not at all.</param>
/// <param name="IsPoison">Whether it is to be kept in the poison queue.</param>
public sealed record Verdict(TimeSpan? RetryAfter, bool IsPoison)
{
    /// <summary>Handled, or not needed.</summary>
    public static Verdict Done { get; } = new(null, false);

    /// <summary>Nobody can make it succeed without a person's help.</summary>
    public static Verdict Poison { get; } = new(null, true);

    /// <summary>Not now.</summary>
    public static Verdict Later(TimeSpan wait) => new(wait, false);
}
