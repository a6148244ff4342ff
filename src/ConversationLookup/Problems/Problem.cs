namespace ConversationLookup.Problems;

/// <summary>
/// One failure as a caller sees it: an RFC 9457 problem, before it meets a request.
/// </summary>
/// <param name="Code">A stable name to branch on, in snake_case.</param>
/// <param name="Status">
/// The HTTP status. Flows retry 408, 429 and 5xx for minutes, so what cannot heal by itself is another 4xx.
/// </param>
/// <param name="Title">What happened, the same words for every problem with this code.</param>
/// <param name="Detail">What to do about it, in plain words. Never a secret, never the upstream's own text.</param>
/// <param name="Cause">
/// What the operator's log says beyond that: the upstream's status and request id, the vault's error code. Callers never see it.
/// </param>
/// <param name="RetryAfter">When trying again makes sense; also sent as the <c>Retry-After</c> header, in whole seconds.</param>
public sealed record Problem(string Code, int Status, string Title, string Detail, string Cause = "", TimeSpan? RetryAfter = null)
{
    /// <summary>Every fault of a request at once; empty for problems that are not about the request.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>
    /// Whether anybody can have it answered, as often as they like. Whoever answers it so counts it and tells of the number; the log has
    /// no line for each.
    /// </summary>
    public bool IsCountedOnly { get; init; }

    /// <summary><see cref="RetryAfter"/> rounded up to whole seconds, at least one.</summary>
    public int? RetryAfterSeconds => RetryAfter is { } wait ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : null;
}

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Code">The problem code this fault would have alone.</param>
/// <param name="Parameter">The route value, query parameter or body property at fault.</param>
/// <param name="Detail">What to change.</param>
public sealed record Fault(string Code, string Parameter, string Detail);

/// <summary>Carries a <see cref="Problem"/> up to the handler that answers it.</summary>
public sealed class ProblemException(Problem problem, Exception? innerException = null)
    : Exception($"{problem.Code}: {problem.Detail}", innerException)
{
    public Problem Problem { get; } = problem;
}
