using ConversationLookup.Wassist;

namespace ConversationLookup.Delivery;

/// <summary>What came of looking an event's conversation up.</summary>
public abstract record EventLookup
{
    /// <summary>Wassist has no such conversation, or the event names none.</summary>
    public static Ended NotFound { get; } = new("notFound", null);

    /// <summary>It could not be asked in time.</summary>
    public static Ended Unavailable { get; } = new("unavailable", null);

    /// <summary>Wassist's answer, asked for after the event arrived.</summary>
    public static Ended Found(Retrieved<WassistConversation> conversation) => new("found", conversation);

    /// <summary>The flows are told now.</summary>
    /// <param name="Outcome">What they are told of it: <c>found</c>, <c>notFound</c> or <c>unavailable</c>.</param>
    /// <param name="Conversation">Null unless it was found.</param>
    public sealed record Ended(string Outcome, Retrieved<WassistConversation>? Conversation) : EventLookup;

    /// <summary>It is looked up again later.</summary>
    public sealed record Waits(TimeSpan Wait) : EventLookup;
}
