using System.ComponentModel;

namespace ConversationLookup.Wassist;

/// <summary>A Wassist conversation as far as it was understood; null is unknown.</summary>
/// <remarks>Deeply immutable, and marked so: HybridCache then hands out this object instead of a fresh copy for every caller.</remarks>
[ImmutableObject(true)]
internal sealed record WassistConversation(Guid Id)
{
    public string? ContactName { get; init; }

    /// <summary>E.164: <c>+</c> and 1 to 15 digits.</summary>
    public string? ContactPhoneNumber { get; init; }

    /// <summary>E.164: <c>+</c> and 1 to 15 digits.</summary>
    public string? BusinessPhoneNumber { get; init; }

    public bool? IsSandbox { get; init; }

    public WassistAgent? Agent { get; init; }

    public Routing? Routing { get; init; }

    public bool? IsActive { get; init; }

    public bool? IsHumanTakeover { get; init; }

    /// <summary>Seconds left of the reply window when Wassist answered; 0 is closed, never negative.</summary>
    public int? ReplyWindowSeconds { get; init; }

    public WassistMessage? LastMessage { get; init; }
}

/// <summary>An agent of which at least the id or the name is known.</summary>
[ImmutableObject(true)]
internal sealed record WassistAgent(string? Id, string? Name);

/// <summary>A message of which Wassist says at least that it exists.</summary>
[ImmutableObject(true)]
internal sealed record WassistMessage(string? Text)
{
    public string? Id { get; init; }

    public string? Status { get; init; }

    /// <summary>Where its first picture, recording or file is.</summary>
    public string? MediaUrl { get; init; }

    public string? MediaType { get; init; }

    public string? Type { get; init; }

    public string? Role { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>Where Wassist sends the contact's messages.</summary>
internal enum Routing
{
    Agent,
    Webhook,
    Sandbox,
}

/// <summary>A conversation as Wassist gave it.</summary>
/// <param name="Conversation">What was read.</param>
/// <param name="RetrievedAt">When the answer arrived.</param>
/// <param name="AskedAt">When the question was asked: what happened before is in the answer.</param>
[ImmutableObject(true)]
internal sealed record RetrievedConversation(WassistConversation Conversation, DateTimeOffset RetrievedAt, DateTimeOffset AskedAt);

/// <summary>A page of a list as Wassist gave it.</summary>
/// <param name="Page">What was read.</param>
/// <param name="RetrievedAt">When the answer arrived.</param>
[ImmutableObject(true)]
internal sealed record RetrievedPage<T>(WassistPage<T> Page, DateTimeOffset RetrievedAt)
    where T : class;
