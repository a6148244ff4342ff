using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ConversationLookup.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace ConversationLookup.Http;

/// <summary>
/// Writes a <see cref="Problem"/> as <c>application/problem+json</c>. It has no public properties, because the Functions worker
/// serializes the result object as well as running it.
/// </summary>
public sealed class ProblemResult(Problem problem, string traceId) : IResult
{
    /// <summary>What a handler may answer instead of throwing it; <see cref="ProblemBoundary"/> gives it the request's trace id.</summary>
    public ProblemResult(Problem problem)
        : this(problem, "")
    {
    }

    /// <summary>What it says.</summary>
    public Problem GetProblem() => problem;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        if (problem.RetryAfterSeconds is { } seconds)
            response.Headers[HeaderNames.RetryAfter] = seconds.ToString(CultureInfo.InvariantCulture);
        return response.WriteJsonAsync(
            problem.Status, "application/problem+json", JsonSerializer.SerializeToUtf8Bytes(ProblemBody.Of(problem, traceId), HttpJson.Payload.ProblemBody));
    }
}

/// <summary>The members of a problem on the wire, in this order.</summary>
public sealed record ProblemBody(
    string Type,
    string Title,
    int Status,
    string Detail,
    string Code,
    string TraceId,
    int? RetryAfterSeconds,
    IReadOnlyList<Fault>? Errors)
{
    public static ProblemBody Of(Problem problem, string traceId) => new(
        $"urn:conversation-lookup:problem:{problem.Code}",
        problem.Title,
        problem.Status,
        problem.Detail,
        problem.Code,
        traceId,
        problem.RetryAfterSeconds,
        problem.Faults.Count == 0 ? null : problem.Faults);
}

/// <summary>The id under which a request is found in the log and in traces.</summary>
public static class TraceIds
{
    /// <summary>
    /// The W3C trace id, which Application Insights calls <c>operation_Id</c>. In the Functions worker the web server's activity is
    /// not current, because functions run in the flow of another connection; the request still knows it. Where nobody takes traces
    /// there is no activity, and the id leads from the answer to the log line alone.
    /// </summary>
    public static string TraceIdOf(this HttpContext context) =>
        (Activity.Current ?? context.Features.Get<IHttpActivityFeature>()?.Activity) is { IdFormat: ActivityIdFormat.W3C } activity ? activity.TraceId.ToHexString()
        : ActivityContext.TryParse(context.Request.Headers.TraceParent, traceState: null, out var caller) ? caller.TraceId.ToHexString()
        : ActivityTraceId.CreateRandom().ToHexString();
}
