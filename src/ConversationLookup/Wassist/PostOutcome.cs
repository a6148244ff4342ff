using System.Diagnostics;
using System.Net;
using ConversationLookup.Problems;
using Polly;

namespace ConversationLookup.Wassist;

/// <summary>What is known of something that Wassist was asked to do.</summary>
public abstract record PostOutcome
{
    /// <summary>It was done.</summary>
    /// <param name="Body">A JSON object; one without properties where Wassist answered with nothing.</param>
    public sealed record Done(ReadOnlyMemory<byte> Body) : PostOutcome;

    /// <summary>It was not done, for certain.</summary>
    public sealed record NotDone(Problem Problem) : PostOutcome;

    /// <summary>It may have been done.</summary>
    /// <param name="Cause">For the log.</param>
    public sealed record Unknown(string Cause) : PostOutcome;

    /// <summary>Pure, and the one place that says which way to end leaves it open. A 5xx does: the fault may lie behind the deed.</summary>
    /// <param name="outcome">How the try ended.</param>
    /// <param name="mayHaveArrived">See <see cref="WassistPost.MayHaveArrived"/>.</param>
    public static PostOutcome Of(Outcome<WassistAnswer> outcome, bool mayHaveArrived)
    {
        if (outcome.Result is { } answer)
            return Of(answer);
        var exception = outcome.Exception ?? throw new UnreachableException();
        var problem = exception is ProblemException known ? known.Problem : UpstreamOutcome.ToProblem(exception);
        if (!mayHaveArrived)
            return new NotDone(problem ?? throw exception);
        return new Unknown(problem?.Cause ?? exception.GetType().Name);
    }

    private static PostOutcome Of(WassistAnswer answer) => answer switch
    {
        { Status: >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices, IsApis: true } => new Done(answer.Body.Length == 0 ? "{}"u8.ToArray() : answer.Body.ToArray()),
        { RefusedKey: not null } or { Status: HttpStatusCode.TooManyRequests } => new NotDone(UpstreamOutcome.ToProblem(answer)),
        { Status: >= HttpStatusCode.BadRequest } when !UpstreamOutcome.MayPass(answer.Status) =>
            new NotDone(answer.IsApis ? UpstreamRefusal.Explain(answer) : UpstreamOutcome.ToProblem(answer)),
        _ => new Unknown(UpstreamOutcome.CauseOf(answer)), // a redirect, too, may follow a deed
    };
}
