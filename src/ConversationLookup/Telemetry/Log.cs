using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Telemetry;

/// <summary>
/// Every log message of the app. None takes a phone number, a name, a message's text, a key or a callback URL; ids of
/// conversations and deliveries are fine.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Secrets come from the key vault {Vault}.")]
    public static partial void SecretsFromVault(this ILogger logger, Uri vault);

    [LoggerMessage(2, LogLevel.Warning, "Secrets come from the configuration (Wassist:ApiKey), because KeyVault:Uri is not set. Use a key vault outside development.")]
    public static partial void SecretsFromConfiguration(this ILogger logger);

    [LoggerMessage(3, LogLevel.Information, "Lookups go to {BaseUrl}.")]
    public static partial void UpstreamIs(this ILogger logger, Uri baseUrl);

    [LoggerMessage(EventId = 10, Message = "Answered {Operation} with {Code} ({Status}), trace id {TraceId}: {Cause}")]
    public static partial void AnsweredProblem(
        this ILogger logger, LogLevel level, string operation, string code, int status, string traceId, string cause, Exception? exception);

    [LoggerMessage(20, LogLevel.Warning, "The secret {Secret} could not be read: {Cause}. The last good value, if there is one, stays in use.")]
    public static partial void SecretNotRead(this ILogger logger, string secret, string cause, Exception? exception);

    [LoggerMessage(21, LogLevel.Information, "Wassist refused the API key, and the vault has a newer one: using that from now on.")]
    public static partial void KeyRotated(this ILogger logger);

    [LoggerMessage(22, LogLevel.Error, "Nearly every call to Wassist has failed in the last half minute: lookups are answered circuit_open for {Seconds} seconds at a time, until a call succeeds.")]
    public static partial void CircuitOpened(this ILogger logger, double seconds);

    [LoggerMessage(23, LogLevel.Information, "Wassist answers again: lookups go on.")]
    public static partial void CircuitClosed(this ILogger logger);

    [LoggerMessage(30, LogLevel.Warning, "Wassist sent {Field} as {Kind}, a shape this app does not know; the field counts as unknown. Said once for each field and kind.")]
    public static partial void UnknownShape(this ILogger logger, string field, JsonValueKind kind);

    [LoggerMessage(4, LogLevel.Information, "Webhooks and subscriptions are off, because AzureWebJobsStorage is not set. Lookups work.")]
    public static partial void StorageNotConfigured(this ILogger logger);

    [LoggerMessage(5, LogLevel.Warning, "The storage account is not usable: {Cause}. Webhooks and subscriptions are answered storage_unavailable until it is.")]
    public static partial void StorageNotReady(this ILogger logger, string cause, Exception? exception);

    [LoggerMessage(40, LogLevel.Information, "Delivery {DeliveryId} is of a type this app does not know: accepted and ignored.")]
    public static partial void UnknownEvent(this ILogger logger, string deliveryId);

    [LoggerMessage(41, LogLevel.Information, "Delivery {DeliveryId} waits {Seconds:0} s for its lookup of conversation {ConversationId}: {Code}.")]
    public static partial void EventWaits(this ILogger logger, string deliveryId, double seconds, Guid conversationId, string code);

    [LoggerMessage(42, LogLevel.Warning, "Delivery {DeliveryId} goes to its flows without the lookup of conversation {ConversationId}: {Code}, {Cause}.")]
    public static partial void EventWithoutLookup(this ILogger logger, string deliveryId, Guid conversationId, string code, string cause);

    [LoggerMessage(43, LogLevel.Information, "The flow of subscription {Subscription} is gone (it answered {Status}): unsubscribed.")]
    public static partial void FlowGone(this ILogger logger, string subscription, int status);

    [LoggerMessage(44, LogLevel.Information, "Delivery {DeliveryId} did not reach subscription {Subscription} at try {Try}: {Cause}. Next try in {Seconds:0} s.")]
    public static partial void DeliveryFailed(this ILogger logger, string deliveryId, string subscription, int @try, string cause, double seconds);

    [LoggerMessage(45, LogLevel.Error, "Delivery {DeliveryId} did not reach subscription {Subscription} at its last try: {Cause}. It is kept in the poison queue for 7 days.")]
    public static partial void DeliveryGivenUp(this ILogger logger, string deliveryId, string subscription, string cause);

    [LoggerMessage(46, LogLevel.Error, "A message of the queue {Queue} goes to its poison queue, because {Reason}. It is kept there for 7 days; moved back, it is tried again.")]
    public static partial void MessagePoisoned(this ILogger logger, string queue, string reason, Exception? exception);

    [LoggerMessage(47, LogLevel.Warning, "A message of the queue {Queue} waits, because storage is not usable: {Cause}.")]
    public static partial void WorkWaitsForStorage(this ILogger logger, string queue, string cause);

    [LoggerMessage(48, LogLevel.Information, "Purged {Rows} records of deliveries and {Blobs} parked messages that are older than {Days:0} days.")]
    public static partial void Purged(this ILogger logger, int rows, int blobs, double days);

    [LoggerMessage(49, LogLevel.Warning, "Wassist sent a signed event that cannot be read: {Cause}. It was refused, and Wassist does not send it again.")]
    public static partial void UnreadableEvent(this ILogger logger, string cause);

    [LoggerMessage(50, LogLevel.Warning, "{Messages} messages of the queue {Queue} are kept in its poison queue, each for 7 days since it came there. Moved back, they are tried again. Said once a day.")]
    public static partial void PoisonKept(this ILogger logger, long messages, string queue);
}
