namespace ConversationLookup.Conversations;

/// <summary>
/// One conversation as flows see it: flat, every property always there, never null, always the same JSON type. Unknown text is
/// <c>""</c>, an unknown number 0, an unknown flag false; only <c>replyWindowClosesAt</c> and <c>lastMessageAt</c> are left out when unknown.
/// </summary>
/// <remarks>Names and types are a contract with every published flow: between releases none disappears or changes type.</remarks>
public sealed record ConversationSummary
{
    /// <summary>The conversation's UUID, in lower case.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// Wassist's id of the contact; where Wassist gives none, WhatsApp's own id of a contact without a number, such as
    /// <c>US.13491208655302741918</c>.
    /// </summary>
    public required string ContactId { get; init; }

    /// <summary>The contact's WhatsApp name.</summary>
    public required string ContactName { get; init; }

    /// <summary>The contact's phone number as <c>+</c> and digits (E.164); <c>""</c> for a WhatsApp contact who shows none.</summary>
    public required string ContactPhoneNumber { get; init; }

    /// <summary>The business's own WhatsApp number as <c>+</c> and digits (E.164).</summary>
    public required string BusinessPhoneNumber { get; init; }

    /// <summary>Whether the conversation runs on Wassist's shared test number.</summary>
    public required bool IsSandbox { get; init; }

    /// <summary>Whether an AI agent is assigned.</summary>
    public required bool HasAgent { get; init; }

    /// <summary>The assigned agent's id.</summary>
    public required string AgentId { get; init; }

    /// <summary>The assigned agent's name.</summary>
    public required string AgentName { get; init; }

    /// <summary>Who answers the contact now: <c>agent</c>, <c>human</c>, <c>webhook</c>, <c>sandbox</c> or <c>none</c>.</summary>
    public required string HandledBy { get; init; }

    /// <summary>Whether Wassist counts the conversation as active.</summary>
    public required bool IsActive { get; init; }

    /// <summary>Whether a person has taken over from the agent.</summary>
    public required bool IsHumanTakeover { get; init; }

    /// <summary>Whether free text may be sent now; WhatsApp closes the window 24 hours after the contact's last message.</summary>
    public required bool ReplyWindowIsOpen { get; init; }

    /// <summary>Seconds until the reply window closes, 0 when it is closed; counted down when the answer comes from the cache.</summary>
    public required int ReplyWindowSecondsLeft { get; init; }

    /// <summary>
    /// When the reply window closes, the same at every lookup of the same window; left out when it was closed or unknown at
    /// <c>retrievedAt</c>.
    /// </summary>
    public DateTimeOffset? ReplyWindowClosesAt { get; init; }

    /// <summary>Whether there is any message.</summary>
    public required bool HasLastMessage { get; init; }

    /// <summary>The last message's text; <c>""</c> for one without text, such as a picture.</summary>
    public required string LastMessageText { get; init; }

    /// <summary>Who sent the last message: <c>user</c>, <c>assistant</c> or <c>system</c>.</summary>
    public required string LastMessageRole { get; init; }

    /// <summary>The last message's kind: <c>text</c>, <c>image</c>, <c>template</c> and others.</summary>
    public required string LastMessageType { get; init; }

    /// <summary>When the last message was sent.</summary>
    public DateTimeOffset? LastMessageAt { get; init; }

    /// <summary>When Wassist gave this answer.</summary>
    public required DateTimeOffset RetrievedAt { get; init; }
}
