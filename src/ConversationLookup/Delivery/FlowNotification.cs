using System.Text.Json.Serialization;
using ConversationLookup.Conversations;
using ConversationLookup.Json;
using ConversationLookup.Subscriptions;
using ConversationLookup.Values;
using ConversationLookup.Wassist;
using ConversationLookup.Webhooks;

namespace ConversationLookup.Delivery;

/// <summary>
/// What a flow's trigger gets: every property always there, never null, always the same JSON type.
/// </summary>
/// <remarks>Names and types are a contract with every published flow: between releases none disappears or changes type.</remarks>
public sealed record FlowNotification
{
    /// <summary>Wassist's name of the event, such as <c>message.received</c>.</summary>
    public required string EventType { get; init; }

    /// <summary>The same whenever this event is told again: a flow that must not act twice keeps it.</summary>
    public required string DeliveryId { get; init; }

    /// <summary>When it happened, by Wassist's clock; where Wassist does not say, when it arrived here.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The same in milliseconds since 1970 began: what sorts events that are told in another order than they happened.</summary>
    public required long OccurredAtMilliseconds { get; init; }

    /// <summary>The conversation's UUID; <c>""</c> for an event without one.</summary>
    public required string ConversationId { get; init; }

    /// <summary>
    /// <c>found</c>: <see cref="Conversation"/> is Wassist's answer. <c>notFound</c> or <c>unavailable</c>: it holds what the event says.
    /// </summary>
    public required string LookupOutcome { get; init; }

    /// <summary>Whether the event is about a message.</summary>
    public required bool HasMessage { get; init; }

    /// <summary>The message; empty where <see cref="HasMessage"/> is false.</summary>
    public required FlowMessage Message { get; init; }

    /// <summary>The conversation, asked for after the event arrived.</summary>
    public required ConversationSummary Conversation { get; init; }

    /// <param name="received">The event.</param>
    /// <param name="lookup">What came of looking its conversation up.</param>
    /// <param name="now">The moment this is made.</param>
    public static FlowNotification From(WassistEvent received, EventLookup.Ended lookup, DateTimeOffset now)
    {
        var conversationId = received.ConversationId?.ToString("D") ?? "";
        return new FlowNotification
        {
            EventType = received.Type,
            DeliveryId = received.DeliveryId,
            OccurredAt = received.OccurredAt ?? received.ReceivedAt,
            OccurredAtMilliseconds = (received.OccurredAt ?? received.ReceivedAt).ToUnixTimeMilliseconds(),
            ConversationId = conversationId,
            LookupOutcome = lookup.Outcome,
            HasMessage = received.Message is not null,
            Message = new FlowMessage
            {
                Id = received.Message?.Id ?? "",
                Text = received.Message?.Text ?? "",
                HasMedia = received.Message?.HasMedia ?? false,
                MediaUrl = received.Message?.MediaUrl ?? "",
                MediaType = received.Message?.MediaType ?? "",
            },
            Conversation = ConversationProjection.Summarize(
                lookup.Conversation?.Value ?? FromEvent(received), lookup.Conversation?.RetrievedAt ?? received.ReceivedAt, now) with
            { Id = conversationId },
        };
    }

    /// <summary>What the event says of its conversation. An event's message is the contact's.</summary>
    private static WassistConversation FromEvent(WassistEvent received) => new(received.ConversationId ?? Guid.Empty)
    {
        ContactName = received.ContactName,
        ContactPhoneNumber = received.ContactPhoneNumber,
        BusinessPhoneNumber = received.BusinessPhoneNumber,
        LastMessage = received.Message is { } message ? new WassistMessage(message.Text) { Role = "user", CreatedAt = received.OccurredAt } : null,
    };
}

/// <summary>The message of an event.</summary>
public sealed record FlowMessage
{
    /// <summary>Wassist's id of it.</summary>
    public required string Id { get; init; }

    /// <summary>Its text; <c>""</c> for one without, such as a picture.</summary>
    public required string Text { get; init; }

    /// <summary>Whether it has a picture, a recording or a file.</summary>
    public required bool HasMedia { get; init; }

    /// <summary>Where the first of them is.</summary>
    public required string MediaUrl { get; init; }

    /// <summary>Its MIME type, such as <c>image/jpeg</c>.</summary>
    public required string MediaType { get; init; }
}

/// <summary>A notification on its way to one flow.</summary>
/// <param name="SubscriptionId">Whom it is for.</param>
/// <param name="CallbackHash">The same trigger, should it have subscribed anew meanwhile: <see cref="Subscription.CallbackHash"/>.</param>
/// <param name="Key">Which news it brings: <see cref="WassistEvent.Key"/>.</param>
/// <param name="MadeAt">When the fan-out made it.</param>
/// <param name="Payload">What the flow gets.</param>
public sealed record OutgoingNotification(string SubscriptionId, string CallbackHash, string Key, DateTimeOffset MadeAt, FlowNotification Payload)
{
    /// <summary>Whether the flow has it, and only the note of that is missing.</summary>
    public bool IsTold { get; init; }

    /// <summary>The same with texts of at most 1,000 characters.</summary>
    public OutgoingNotification Shorten() => this with
    {
        Payload = Payload with
        {
            Message = Payload.Message with
            {
                Id = Texts.Cut(Payload.Message.Id),
                Text = Texts.Cut(Payload.Message.Text),
                MediaUrl = Texts.Cut(Payload.Message.MediaUrl),
                MediaType = Texts.Cut(Payload.Message.MediaType),
            },
            Conversation = Payload.Conversation with
            {
                ContactName = Texts.Cut(Payload.Conversation.ContactName),
                AgentName = Texts.Cut(Payload.Conversation.AgentName),
                LastMessageText = Texts.Cut(Payload.Conversation.LastMessageText),
            },
        },
    };
}

/// <summary>What flows are told, and how it waits on its queue.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(FlowNotification))]
[JsonSerializable(typeof(OutgoingNotification))]
public sealed partial class DeliveryJson : JsonSerializerContext
{
    public static DeliveryJson Payload { get; } = new(PayloadJson.Options());
}
