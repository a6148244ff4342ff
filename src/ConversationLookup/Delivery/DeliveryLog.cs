using Microsoft.Extensions.Logging;

namespace ConversationLookup.Delivery;

/// <summary>
/// What is logged of events on their way to flows: ids of conversations and deliveries, and as much of a subscription's id as does
/// not unsubscribe it; never a phone number, a name, a text or a callback URL.
/// </summary>
public static partial class DeliveryLog
{
    [LoggerMessage(41, LogLevel.Information, "Delivery {DeliveryId} waits {Seconds:0} s for its lookup of conversation {ConversationId}: {Code}.")]
    public static partial void EventWaits(this ILogger logger, string deliveryId, double seconds, Guid conversationId, string code);

    [LoggerMessage(42, LogLevel.Warning, "Delivery {DeliveryId} is sent to its flows without a lookup of conversation {ConversationId}: {Code}, {Cause}.")]
    public static partial void EventWithoutLookup(this ILogger logger, string deliveryId, Guid conversationId, string code, string cause);

    [LoggerMessage(43, LogLevel.Information, "The flow of subscription {Subscription} no longer exists (it answered {Status}). It was unsubscribed.")]
    public static partial void FlowGone(this ILogger logger, string subscription, int status);

    [LoggerMessage(44, LogLevel.Information, "Delivery {DeliveryId} did not reach subscription {Subscription} on attempt {Try}: {Cause}. Next attempt in {Seconds:0} s.")]
    public static partial void DeliveryFailed(this ILogger logger, string deliveryId, string subscription, int @try, string cause, double seconds);

    [LoggerMessage(45, LogLevel.Error, "Delivery {DeliveryId} did not reach subscription {Subscription} on the last attempt: {Cause}. It is kept in the poison queue for 7 days.")]
    public static partial void DeliveryGivenUp(this ILogger logger, string deliveryId, string subscription, string cause);

    [LoggerMessage(48, LogLevel.Information, "Purged {Rows} delivery records and {Blobs} stored messages that are older than {Days:0} days.")]
    public static partial void Purged(this ILogger logger, int rows, int blobs, double days);

    [LoggerMessage(50, LogLevel.Warning, "The poison queue of {Queue} holds {Messages} messages. Each is kept for 7 days. To retry them, move them back. This is logged once a day.")]
    public static partial void PoisonKept(this ILogger logger, long messages, string queue);

    [LoggerMessage(53, LogLevel.Error, "The lookup of conversation {ConversationId} for delivery {DeliveryId} failed because of a fault in this app.")]
    public static partial void EventLookupFailed(this ILogger logger, string deliveryId, Guid conversationId, Exception exception);
}
