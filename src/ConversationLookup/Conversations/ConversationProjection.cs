using ConversationLookup.Wassist;

namespace ConversationLookup.Conversations;

/// <summary>From what was read to what flows see. Pure: the same input gives the same summary.</summary>
public static class ConversationProjection
{
    /// <summary>WhatsApp's, from the contact's last message on.</summary>
    private static readonly TimeSpan ReplyWindow = TimeSpan.FromHours(24);

    /// <summary>How far two clocks, a call's way and a fraction of a second can be apart.</summary>
    private static readonly TimeSpan Wobble = TimeSpan.FromMinutes(1);

    /// <param name="read">What was read of the conversation.</param>
    /// <param name="retrievedAt">The moment Wassist gave it.</param>
    /// <param name="now">The moment of the answer; later than the retrieval when it comes from the cache.</param>
    public static ConversationSummary Summarize(WassistConversation read, DateTimeOffset retrievedAt, DateTimeOffset now)
    {
        var windowSeconds = read.ReplyWindowSeconds ?? 0;
        var secondsLeft = Math.Max(0, windowSeconds - WholeSecondsBetween(retrievedAt, now));
        return new ConversationSummary
        {
            Id = read.Id.ToString("D"),
            ContactId = read.ContactId ?? "",
            ContactName = read.ContactName ?? "",
            ContactPhoneNumber = read.ContactPhoneNumber ?? "",
            BusinessPhoneNumber = read.BusinessPhoneNumber ?? "",
            IsSandbox = read.IsSandbox ?? read.Routing == Routing.Sandbox,
            HasAgent = read.Agent is not null,
            AgentId = read.Agent?.Id ?? "",
            AgentName = read.Agent?.Name ?? "",
            HandledBy = HandledBy(read),
            IsActive = read.IsActive ?? false,
            IsHumanTakeover = read.IsHumanTakeover ?? false,
            ReplyWindowIsOpen = secondsLeft > 0,
            ReplyWindowSecondsLeft = secondsLeft,
            ReplyWindowClosesAt = windowSeconds > 0 ? ClosesAt(read.LastMessage, retrievedAt.AddSeconds(windowSeconds)) : null,
            HasLastMessage = read.LastMessage is not null,
            LastMessageText = read.LastMessage?.Text ?? "",
            LastMessageRole = read.LastMessage?.Role ?? "",
            LastMessageType = read.LastMessage?.Type ?? "",
            LastMessageAt = read.LastMessage?.CreatedAt,
            RetrievedAt = retrievedAt,
        };
    }

    /// <summary>
    /// Wassist gives the seconds left when it answered, which is not quite when the answer arrived: the end counted from them differs by a
    /// second from lookup to lookup. The contact's last message gives it exactly; where that is not the last one, whole minutes are steady.
    /// </summary>
    private static DateTimeOffset ClosesAt(WassistMessage? last, DateTimeOffset counted) =>
        last is { Role: "user", CreatedAt: { } writtenAt } && (counted - writtenAt - ReplyWindow).Duration() <= Wobble
            ? writtenAt + ReplyWindow
            : counted.AddTicks(-(counted.Ticks % TimeSpan.TicksPerMinute));

    /// <summary>A person who took over outranks the routing; where Wassist states no routing, an assigned agent answers.</summary>
    private static string HandledBy(WassistConversation read) => read switch
    {
        { IsHumanTakeover: true } => "human",
        { Routing: Routing.Agent } => "agent",
        { Routing: Routing.Webhook } => "webhook",
        { Routing: Routing.Sandbox } => "sandbox",
        { Agent: not null } => "agent",
        _ => "none",
    };

    private static int WholeSecondsBetween(DateTimeOffset earlier, DateTimeOffset later) =>
        (int)Math.Clamp((later - earlier).TotalSeconds, 0, int.MaxValue);
}
