using Microsoft.Extensions.Logging;

namespace ConversationLookup.Storage;

/// <summary>What is logged of the queues; never what a message says.</summary>
public static partial class StorageLog
{
    [LoggerMessage(46, LogLevel.Error, "A message of the queue {Queue} goes to its poison queue, because {Reason}. It is kept there for 7 days; moved back, it is tried again.")]
    public static partial void MessagePoisoned(this ILogger logger, string queue, string reason, Exception? exception);

    [LoggerMessage(47, LogLevel.Warning, "A message of the queue {Queue} waits, because storage is not usable: {Cause}.")]
    public static partial void WorkWaitsForStorage(this ILogger logger, string queue, string cause);

    [LoggerMessage(51, LogLevel.Error, "The parked content of a message of the queue {Queue} is gone; it goes on with the first 1,000 characters of each text.")]
    public static partial void ContentLost(this ILogger logger, string queue);

    [LoggerMessage(52, LogLevel.Information, "The parked content of a handled message of the queue {Queue} could not be deleted: {Cause}. It is purged in a week.")]
    public static partial void ParkedContentStays(this ILogger logger, string queue, string cause);
}
