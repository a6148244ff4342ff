using ConversationLookup.Json;

namespace ConversationLookup.Wassist;

/// <summary>A Wassist conversation as far as it was understood; null is unknown.</summary>
public sealed record WassistConversation(Guid Id)
{
    /// <summary>Wassist's id of the contact, or WhatsApp's own of a contact without a number.</summary>
    public string? ContactId { get; init; }

    public string? ContactName { get; init; }

    /// <summary>E.164: <c>+</c> and 7 to 15 digits.</summary>
    public string? ContactPhoneNumber { get; init; }

    /// <summary>E.164: <c>+</c> and 7 to 15 digits.</summary>
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
/// <param name="Id">A UUID in lower case, unless Wassist writes something else.</param>
public sealed record WassistAgent(string? Id, string? Name);

/// <summary>A message of which Wassist says at least that it exists.</summary>
public sealed record WassistMessage(string? Text)
{
    public string? Id { get; init; }

    /// <summary>WhatsApp's own id.</summary>
    public string? WaId { get; init; }

    public string? Status { get; init; }

    /// <summary>The id of the message that it answers.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Its pictures, recordings and files.</summary>
    public IReadOnlyList<Media> Media { get; init; } = [];

    public string? Type { get; init; }

    public string? Role { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>A picture, a recording or a file of a message.</summary>
/// <param name="Url">Where it is.</param>
/// <param name="Type">Its MIME type, such as <c>image/jpeg</c>; <c>""</c> when Wassist does not say.</param>
public sealed record Media(string Url, string Type)
{
    /// <summary>From an object with <c>url</c> and <c>mimeType</c>.</summary>
    /// <returns>Null for one that does not say where it is.</returns>
    public static Media? Read(TolerantObject holder) => holder.Text("url") is { } url ? new Media(url, holder.Text("mimeType") ?? "") : null;
}

/// <summary>Where Wassist sends the contact's messages.</summary>
public enum Routing
{
    Agent,
    Webhook,
    Sandbox,
}
