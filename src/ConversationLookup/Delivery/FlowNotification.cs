using System.Text.Json.Serialization;
using ConversationLookup.Conversations;
using ConversationLookup.Json;
using ConversationLookup.Subscriptions;
using ConversationLookup.Values;
using ConversationLookup.Wassist;
using ConversationLookup.Webhooks;

namespace ConversationLookup.Delivery;

/// <summary>
/// What a flow's trigger gets: every property always there, never null, always the same JSON type, but for two times of the conversation.
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
    /// Where the conversation's messages go, of an event for a webhook: <c>agent</c>, <c>webhook</c> or <c>sandbox</c>; <c>""</c> where the
    /// event does not say.
    /// </summary>
    public required string Routing { get; init; }

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
            Routing = received.Routing?.ToString().ToLowerInvariant() ?? "",
            LookupOutcome = lookup.Outcome,
            HasMessage = received.Message is not null,
            Message = FlowMessage.From(received.Message ?? new EventMessage(null)),
            Conversation = ConversationProjection.Summarize(
                lookup.Conversation?.Value ?? FromEvent(received), lookup.Conversation?.RetrievedAt ?? received.ReceivedAt, now) with
            { Id = conversationId },
        };
    }

    /// <summary>What the event says of its conversation. An event's message is the contact's.</summary>
    private static WassistConversation FromEvent(WassistEvent received) => new(received.ConversationId ?? Guid.Empty)
    {
        ContactId = received.ContactId,
        ContactName = received.ContactName,
        ContactPhoneNumber = received.ContactPhoneNumber,
        BusinessPhoneNumber = received.BusinessPhoneNumber,
        Routing = received.Routing,
        LastMessage = received.Message is { } message ? new WassistMessage(message.Text) { Role = "user", CreatedAt = received.OccurredAt } : null,
    };
}

/// <summary>The message of an event.</summary>
public sealed record FlowMessage
{
    /// <summary>Wassist's id of it.</summary>
    public required string Id { get; init; }

    /// <summary>WhatsApp's id of it.</summary>
    public required string WaId { get; init; }

    /// <summary>Its text; <c>""</c> for one without, such as a picture.</summary>
    public required string Text { get; init; }

    /// <summary>What stands on the button that the contact tapped; <c>""</c> for a message that is no tap.</summary>
    public required string ButtonText { get; init; }

    /// <summary>The id that the sender of the button gave it.</summary>
    public required string ButtonId { get; init; }

    /// <summary>The id of the message that it answers; <c>""</c> for none.</summary>
    public required string ReplyTo { get; init; }

    /// <summary>Whether it has a picture, a recording or a file.</summary>
    public required bool HasMedia { get; init; }

    /// <summary>Where the first of them is.</summary>
    public required string MediaUrl { get; init; }

    /// <summary>Its MIME type, such as <c>image/jpeg</c>.</summary>
    public required string MediaType { get; init; }

    /// <summary>All of them, the first included.</summary>
    public required IReadOnlyList<Media> Media { get; init; }

    public static FlowMessage From(EventMessage read) => new()
    {
        Id = read.Id ?? "",
        WaId = read.WaId ?? "",
        Text = read.Text ?? "",
        ButtonText = read.ButtonText ?? "",
        ButtonId = read.ButtonId ?? "",
        ReplyTo = read.ReplyTo ?? "",
        HasMedia = read.HasMedia,
        MediaUrl = read.Media is [var first, ..] ? first.Url : "",
        MediaType = read.Media is [{ Type: var type }, ..] ? type : "",
        Media = read.Media,
    };
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

    /// <summary>The same with texts of at most 1,000 characters, ids of at most 250, and without the list of media.</summary>
    public OutgoingNotification Shorten() => this with
    {
        Payload = Payload with
        {
            Message = Payload.Message with
            {
                Id = Texts.CutId(Payload.Message.Id),
                WaId = Texts.CutId(Payload.Message.WaId),
                Text = Texts.Cut(Payload.Message.Text),
                ButtonText = Texts.CutId(Payload.Message.ButtonText),
                ButtonId = Texts.CutId(Payload.Message.ButtonId),
                ReplyTo = Texts.CutId(Payload.Message.ReplyTo),
                MediaUrl = Texts.Cut(Payload.Message.MediaUrl),
                MediaType = Texts.CutId(Payload.Message.MediaType),
                Media = [],
            },
            Conversation = Payload.Conversation with
            {
                ContactId = Texts.CutId(Payload.Conversation.ContactId),
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
