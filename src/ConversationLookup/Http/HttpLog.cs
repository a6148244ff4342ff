using Microsoft.Extensions.Logging;

namespace ConversationLookup.Http;

/// <summary>What is logged of answers.</summary>
public static partial class HttpLog
{
    [LoggerMessage(EventId = 10, Message = "Answered {Operation} with {Code} ({Status}), trace id {TraceId}: {Cause}")]
    public static partial void AnsweredProblem(
        this ILogger logger, LogLevel level, string operation, string code, int status, string traceId, string cause, Exception? exception);
}
