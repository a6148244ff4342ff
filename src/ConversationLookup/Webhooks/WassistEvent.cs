using System.Text.Json.Serialization;
using ConversationLookup.Values;
using ConversationLookup.Wassist;

namespace ConversationLookup.Webhooks;

/// <summary>What an event says, as it waits on the queue <c>wassist-events</c>; null is unknown.</summary>
public sealed record WassistEvent
{
    /// <summary>One of <see cref="EventTypes.ForFlows"/>.</summary>
    public required string Type { get; init; }

    /// <summary>Wassist's id of the delivery, the same on every retry of it.</summary>
    public required string DeliveryId { get; init; }

    /// <summary>
    /// The same for everything that brings the same news, in 32 hexadecimal digits: of a message its conversation and id, whichever of
    /// the two events and however many deliveries bring it; of anything else the signed content.
    /// </summary>
    public required string Key { get; init; }

    /// <summary>Which arrival this is: a retry of the same delivery has another.</summary>
    public required Guid ReceiptId { get; init; }

    /// <summary>When it arrived here, to the tick: a lookup that was asked later knows of the event.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When it happened, by Wassist's clock.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    public Guid? ConversationId { get; init; }

    /// <summary>Wassist's id of the contact, or WhatsApp's own of a contact without a number.</summary>
    public string? ContactId { get; init; }

    public string? ContactName { get; init; }

    /// <summary>E.164: <c>+</c> and 7 to 15 digits.</summary>
    public string? ContactPhoneNumber { get; init; }

    /// <summary>E.164: <c>+</c> and 7 to 15 digits.</summary>
    public string? BusinessPhoneNumber { get; init; }

    /// <summary>Where the conversation's messages go, of an event that says so.</summary>
    public Routing? Routing { get; init; }

    public EventMessage? Message { get; init; }

    /// <summary>The callbacks, by their hash, whose messages are on the other queue: a fan-out that could not send all goes on from there.</summary>
    public IReadOnlyList<string> Sent { get; init; } = [];

    /// <summary>The same with texts of at most 1,000 characters, ids of at most 250, and one of the media.</summary>
    public WassistEvent Shorten() => this with
    {
        ContactId = Texts.CutId(ContactId),
        ContactName = Texts.Cut(ContactName),
        Message = Message is null ? null : Message with
        {
            Id = Texts.CutId(Message.Id),
            WaId = Texts.CutId(Message.WaId),
            Text = Texts.Cut(Message.Text),
            ButtonText = Texts.CutId(Message.ButtonText),
            ButtonId = Texts.CutId(Message.ButtonId),
            ReplyTo = Texts.CutId(Message.ReplyTo),
            Media = [.. Message.Media.Take(1).Select(first => new Media(Texts.Cut(first.Url), Texts.CutId(first.Type)))],
        },
    };
}

/// <summary>The message an event is about.</summary>
public sealed record EventMessage(string? Text)
{
    /// <summary>Wassist's id of it.</summary>
    public string? Id { get; init; }

    /// <summary>WhatsApp's id of it.</summary>
    public string? WaId { get; init; }

    /// <summary>What stands on the button that the contact tapped.</summary>
    public string? ButtonText { get; init; }

    /// <summary>The id that the sender of the button gave it.</summary>
    public string? ButtonId { get; init; }

    /// <summary>The id of the message that it answers.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Whether it has media at all.</summary>
    public bool HasMedia { get; init; }

    /// <summary>Those of which Wassist says where they are.</summary>
    public IReadOnlyList<Media> Media { get; init; } = [];
}

/// <summary>The names of Wassist's events.</summary>
public static class EventTypes
{
    /// <summary>Sent from Wassist's dashboard to see whether anybody listens.</summary>
    public const string Ping = "test.ping";

    /// <summary>What a flow may subscribe to, with words to pick it by.</summary>
    public static IReadOnlyList<EventType> Choices { get; } =
    [
        new("message.received", "A message came in for an agent"),
        new("subscription.message.received", "A message came in for a webhook"),
        new("subscription.activated", "A conversation was routed to a webhook"),
        new("subscription.revoked", "A conversation is no longer routed to a webhook"),
        new("subscription.service_window.expiring", "The reply window is about to close"),
        new("subscription.service_window.closed", "The reply window has closed"),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> ForFlows { get; } = [.. Choices.Select(type => type.Id)];

    /// <summary>
    /// A message came in, whichever way Wassist routes it: what a flow gets that does not say. Of a conversation that is routed to a
    /// webhook Wassist sends both.
    /// </summary>
    public static IReadOnlyList<string> Default { get; } = ["message.received", "subscription.message.received"];
}

/// <summary>An event that a flow can be told about.</summary>
/// <param name="Id">Wassist's name of it.</param>
/// <param name="Title">What happens, in words.</param>
public sealed record EventType(string Id, string Title);

/// <summary>The events that a flow can be told about.</summary>
public sealed record EventList(IReadOnlyList<EventType> Items);

/// <summary>How an event waits on its queue. Unlike a payload it keeps the fractions of a second.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WassistEvent))]
public sealed partial class EventJson : JsonSerializerContext;
