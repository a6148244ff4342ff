using System.Text.Json.Serialization;
using ConversationLookup.Values;

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

    public string? ContactName { get; init; }

    /// <summary>E.164: <c>+</c> and 1 to 15 digits.</summary>
    public string? ContactPhoneNumber { get; init; }

    /// <summary>E.164: <c>+</c> and 1 to 15 digits.</summary>
    public string? BusinessPhoneNumber { get; init; }

    public EventMessage? Message { get; init; }

    /// <summary>The callbacks, by their hash, whose messages are on the other queue: a fan-out that could not send all goes on from there.</summary>
    public IReadOnlyList<string> Sent { get; init; } = [];

    /// <summary>The same with texts of at most 1,000 characters.</summary>
    public WassistEvent Shorten() => this with
    {
        ContactName = Texts.Cut(ContactName),
        Message = Message is null ? null : Message with
        {
            Id = Texts.Cut(Message.Id),
            Text = Texts.Cut(Message.Text),
            MediaUrl = Texts.Cut(Message.MediaUrl),
            MediaType = Texts.Cut(Message.MediaType),
        },
    };
}

/// <summary>The message an event is about.</summary>
public sealed record EventMessage(string? Id, string? Text, bool HasMedia, string? MediaUrl, string? MediaType);

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
