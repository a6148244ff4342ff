using System.Net;
using ConversationLookup.Problems;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Timeout;

namespace ConversationLookup.Wassist;

/// <summary>What each way for a call to fail means to a caller. Pure.</summary>
internal static class UpstreamFailures
{
    /// <summary>Whether the next try may well succeed: 408, 425 and 5xx.</summary>
    public static bool MayPass(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or (HttpStatusCode)425 or >= HttpStatusCode.InternalServerError;

    /// <summary>An answer that is not 200, after the retries.</summary>
    public static Problem FromAnswer(HttpResponseMessage response, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        var status = (int)response.StatusCode;
        var cause = $"Wassist answered {status}, request id {RequestId(response)}";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Catalogue.UpstreamRejectedCredentials(cause),
            HttpStatusCode.NotFound or HttpStatusCode.Gone => Catalogue.ConversationNotFound(cause),
            HttpStatusCode.TooManyRequests => Catalogue.UpstreamRateLimited(RetryAfter.Read(response, body, now), cause),
            _ when MayPass(response.StatusCode) => Catalogue.UpstreamUnavailable(cause),
            >= HttpStatusCode.BadRequest => Catalogue.UpstreamRejectedRequest(status, cause),
            _ => Catalogue.UpstreamInvalidResponse(cause),
        };
    }

    /// <summary>No answer, after the retries.</summary>
    /// <returns>The problem; null for an exception that is no failure of the upstream.</returns>
    public static Problem? FromException(Exception exception) => exception switch
    {
        BrokenCircuitException broken => Catalogue.CircuitOpen(broken.RetryAfter ?? WassistPipeline.BreakDuration),
        RateLimiterRejectedException rejected => Catalogue.UpstreamRateLimited(rejected.RetryAfter ?? WassistPipeline.BudgetWindow, "this instance's own Wassist:RequestsPerMinute is used up"),
        TimeoutRejectedException => Catalogue.UpstreamTimeout("no complete answer within 10 s, at any try"),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => Catalogue.UpstreamInvalidResponse("the answer is over 1 MiB, or its headers are too long"),
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => Catalogue.UpstreamInvalidResponse("the answer is not HTTP"),
        HttpRequestException failed => Catalogue.UpstreamUnavailable($"no answer, {failed.HttpRequestError}: {failed.Message}"),
        InvalidDataException => Catalogue.UpstreamInvalidResponse("the answer's compression is broken"),
        _ => null,
    };

    /// <summary>Wassist's own id of the call, for its support; only what such an id may look like, because it goes into a log.</summary>
    private static string RequestId(HttpResponseMessage response) =>
        response.Headers.TryGetValues("X-Request-Id", out var values)
        && values.FirstOrDefault() is { Length: > 0 and <= 100 } id
        && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':')
            ? id
            : "unknown";
}
