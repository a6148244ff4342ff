namespace ConversationLookup.Wassist;

/// <summary>A Wassist conversation as far as it was understood; null is unknown.</summary>
public sealed record WassistConversation(Guid Id)
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
public sealed record WassistAgent(string? Id, string? Name);

/// <summary>A message of which Wassist says at least that it exists.</summary>
public sealed record WassistMessage(string? Text)
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
public enum Routing
{
    Agent,
    Webhook,
    Sandbox,
}
