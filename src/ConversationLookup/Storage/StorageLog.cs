using Microsoft.Extensions.Logging;

namespace ConversationLookup.Storage;

/// <summary>What is logged of the queues; never what a message says.</summary>
public static partial class StorageLog
{
    [LoggerMessage(46, LogLevel.Error, "A message of the queue {Queue} is moved to its poison queue because {Reason}. It is kept there for 7 days. To retry it, move it back.")]
    public static partial void MessagePoisoned(this ILogger logger, string queue, string reason, Exception? exception);

    [LoggerMessage(47, LogLevel.Warning, "A message of the queue {Queue} is waiting because storage is not available: {Cause}.")]
    public static partial void WorkWaitsForStorage(this ILogger logger, string queue, string cause);

    [LoggerMessage(51, LogLevel.Error, "The stored content of a large message of the queue {Queue} is missing. The message is processed with the first 1,000 characters of each text.")]
    public static partial void ContentLost(this ILogger logger, string queue);

    [LoggerMessage(52, LogLevel.Information, "The stored content of a processed message of the queue {Queue} could not be deleted: {Cause}. It is purged in a week.")]
    public static partial void ParkedContentStays(this ILogger logger, string queue, string cause);
}
