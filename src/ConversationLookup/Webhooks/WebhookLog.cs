using Microsoft.Extensions.Logging;

namespace ConversationLookup.Webhooks;

/// <summary>What is logged of Wassist's events; ids of deliveries are fine, what an event says is not.</summary>
public static partial class WebhookLog
{
    [LoggerMessage(40, LogLevel.Information, "Delivery {DeliveryId} is of a type this app does not know: accepted and ignored.")]
    public static partial void UnknownEvent(this ILogger logger, string deliveryId);

    [LoggerMessage(49, LogLevel.Warning, "Wassist sent a signed event that cannot be read: {Cause}. It was refused, and Wassist does not send it again.")]
    public static partial void UnreadableEvent(this ILogger logger, string cause);
}
