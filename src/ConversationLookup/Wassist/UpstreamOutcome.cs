using System.Diagnostics;
using System.Net;
using ConversationLookup.Problems;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace ConversationLookup.Wassist;

/// <summary>
/// What each way for a try to end means: whether it is made again, when, and which problem the caller gets if it is not. Pure, and the
/// one place that says so.
/// </summary>
public static class UpstreamOutcome
{
    /// <summary>A wait that Wassist asks for is sat out up to here; a longer one is the caller's to wait.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>The shortest wait after an answer that asks for one: a date in the past is another clock's, and no reason for a burst.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    /// <summary>Whether the try is made again: after a fault and after a 429, if the wait that they ask for can be sat out.</summary>
    public static bool IsTriedAgain(Outcome<WassistAnswer> outcome) => outcome.Result is { RetryAfter: { } wait }
        ? wait <= LongestWait
        : IsFault(outcome);

    /// <summary>How long to wait before: as long as the answer asks; null for the usual back-off.</summary>
    public static TimeSpan? DelayOf(Outcome<WassistAnswer> outcome) => outcome.Result switch
    {
        { RetryAfter: { } wait } => wait > ShortestWait ? wait : ShortestWait,
        _ => null,
    };

    /// <summary>Whether Wassist or the way to it failed, so that the next try may well succeed: no answer in time or at all, 408, 425, 5xx.</summary>
    public static bool IsFault(Outcome<WassistAnswer> outcome) => outcome switch
    {
        { Result: { } answer } => MayPass(answer.Status),
        { Exception: HttpRequestException failed } => failed.HttpRequestError is not (HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.InvalidResponse),
        { Exception: TimeoutRejectedException } => true,
        _ => false,
    };

    /// <summary>The answer of a 200.</summary>
    /// <exception cref="ProblemException">What anything else means to a caller, after the last try.</exception>
    public static WassistAnswer Require(Outcome<WassistAnswer> outcome)
    {
        if (outcome.Result is { Status: HttpStatusCode.OK } answer)
            return answer;
        if (outcome.Result is { } refusal)
            throw new ProblemException(ToProblem(refusal));
        if (ToProblem(outcome.Exception!) is { } problem)
            throw new ProblemException(problem, outcome.Exception);
        outcome.ThrowIfException(); // one that is no failure of the upstream
        throw new UnreachableException();
    }

    /// <summary>What an answer other than a success means.</summary>
    public static Problem ToProblem(WassistAnswer answer)
    {
        var cause = CauseOf(answer);
        var retryAfter = answer.RetryAfter > TimeSpan.Zero ? answer.RetryAfter : null;
        return answer switch
        {
            { RefusedKey: not null } => Catalogue.UpstreamRejectedCredentials(cause),
            { Status: HttpStatusCode.TooManyRequests } => Catalogue.UpstreamRateLimited(retryAfter, cause),
            _ when MayPass(answer.Status) => Catalogue.UpstreamUnavailable(cause, retryAfter),
            { Status: >= HttpStatusCode.BadRequest, IsApis: false } => Catalogue.UpstreamIsNotWassist((int)answer.Status, cause),
            { Status: HttpStatusCode.NotFound or HttpStatusCode.Gone } => Catalogue.ConversationNotFound(cause),
            { Status: >= HttpStatusCode.BadRequest } => Catalogue.UpstreamRejectedRequest((int)answer.Status, cause),
            _ => Catalogue.UpstreamInvalidResponse(cause),
        };
    }

    /// <summary>What the log says of an answer.</summary>
    public static string CauseOf(WassistAnswer answer) => $"Wassist answered {(int)answer.Status}, request id {answer.RequestId}";

    /// <summary>What a missing answer means; null for what is no failure of the upstream.</summary>
    public static Problem? ToProblem(Exception exception) => exception switch
    {
        BrokenCircuitException broken => Catalogue.CircuitOpen(broken.RetryAfter ?? WassistPipeline.BreakDuration),
        BudgetSpentException spent => Catalogue.UpstreamRateLimited(spent.Wait, "Wassist:RequestsPerMinute is used up, or Wassist asked to wait"),
        TimeoutRejectedException late when late.Timeout == WassistPipeline.TryTimeout => Catalogue.UpstreamTimeout("no complete answer within 10 s, at any try"),
        TimeoutRejectedException or OperationCanceledException => Catalogue.UpstreamTimeout("no complete answer within 30 s"),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => Catalogue.UpstreamInvalidResponse("the answer is over 1 MiB, or its headers are too long"),
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => Catalogue.UpstreamInvalidResponse("the answer is not HTTP"),
        HttpRequestException failed => Catalogue.UpstreamUnavailable($"no answer, {failed.HttpRequestError}: {failed.Message}"),
        InvalidDataException => Catalogue.UpstreamInvalidResponse("the answer's compression is broken"),
        _ => null,
    };

    /// <summary>Whether a status says nothing about the request itself.</summary>
    public static bool MayPass(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or (HttpStatusCode)425 or >= HttpStatusCode.InternalServerError;
}
