using System.Diagnostics;
using ConversationLookup.Problems;
using ConversationLookup.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Http;

/// <summary>
/// The last catch of every handler: no exception leaves it, because both hosts would answer one with an empty 500.
/// </summary>
public sealed class ProblemBoundary(LookupMetrics metrics, ILogger<ProblemBoundary> logger)
{
    /// <summary>Runs <paramref name="handle"/>, turns whatever goes wrong into a problem, and counts the outcome.</summary>
    /// <param name="operation">What is asked for, for the log and the numbers.</param>
    /// <param name="handle">
    /// Given a token that ends when the caller has gone or the host stops. It throws a problem, or returns it where strangers can have it
    /// answered thousands of times a second.
    /// </param>
    /// <param name="cancellationToken">The host's. In the Functions worker it is not the request's own, so both count.</param>
    /// <param name="readsQuery">Whether <paramref name="handle"/> looks at the query itself; any other route takes no parameters.</param>
    public async Task<IResult> AnswerAsync(
        string operation, HttpRequest request, Func<CancellationToken, Task<IResult>> handle, CancellationToken cancellationToken, bool readsQuery = false)
    {
        var context = request.HttpContext;
        using var linked = cancellationToken == context.RequestAborted
            ? null
            : CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, context.RequestAborted);
        var either = linked?.Token ?? cancellationToken;
        try
        {
            if (!readsQuery && QueryParameters.RefuseAll(request.Query) is { } unknown)
                return Answer(operation, context, unknown);
            var result = await handle(either);
            if (result is ProblemResult refusal)
                return Answer(operation, context, refusal.GetProblem());
            var outcome = (result as IOutcome)?.GetOutcome() ?? "ok";
            metrics.Answer(operation, outcome);
            Activity.Current.SetOutcome(outcome, failed: false);
            return result;
        }
        catch (OperationCanceledException exception) when (either.IsCancellationRequested || exception is ConnectionAbortedException) // known before the token
        {
            metrics.Answer(operation, "caller_left");
            return new CallerLeft();
        }
        catch (ProblemException exception)
        {
            return Answer(operation, context, exception.Problem); // its cause says what the log needs, without a stack
        }
#pragma warning disable CA1031 // The boundary is where every other exception ends.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Answer(operation, context, Catalogue.InternalError(), exception);
        }
    }

    private ProblemResult Answer(string operation, HttpContext context, Problem problem, Exception? exception = null)
    {
        metrics.Answer(operation, problem.Code);
        Activity.Current.SetOutcome(problem.Code, problem.Status >= StatusCodes.Status424FailedDependency);
        var traceId = context.TraceIdOf();
        var level = LevelOf(problem);
        if (level != LogLevel.None && logger.IsEnabled(level)) // not every provider knows that the former is none
            logger.AnsweredProblem(level, operation, problem.Code, problem.Status, traceId, problem.Cause, exception);

        return new ProblemResult(problem, traceId);
    }

    /// <summary>What a caller can mend or wait out is information; what an operator should look at warns.</summary>
    private static LogLevel LevelOf(Problem problem) => problem switch
    {
        { IsCountedOnly: true } => LogLevel.None,
        { Faults.Count: > 0 } => LogLevel.None, // a faulty request is its caller's alone
        { Status: StatusCodes.Status500InternalServerError } => LogLevel.Error,
        { Status: StatusCodes.Status404NotFound or StatusCodes.Status429TooManyRequests } => LogLevel.Information,
        { Status: StatusCodes.Status401Unauthorized or StatusCodes.Status413PayloadTooLarge } => LogLevel.Information, // anybody can send such
        _ => LogLevel.Warning,
    };

    /// <summary>Nobody reads this answer; the status is what access logs show for a caller that hung up.</summary>
    private sealed class CallerLeft : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return Task.CompletedTask;
        }
    }
}

/// <summary>A result that says by itself what it is in the numbers, because it refuses in another way than with a problem.</summary>
public interface IOutcome
{
    /// <returns><c>ok</c>, or a word of this code. A method, as for <see cref="JsonResult"/>.</returns>
    string GetOutcome();
}

/// <summary>What is logged of answers.</summary>
public static partial class HttpLog
{
    [LoggerMessage(EventId = 10, Message = "Answered {Operation} with {Code} ({Status}), trace id {TraceId}: {Cause}")]
    public static partial void AnsweredProblem(
        this ILogger logger, LogLevel level, string operation, string code, int status, string traceId, string cause, Exception? exception);
}
