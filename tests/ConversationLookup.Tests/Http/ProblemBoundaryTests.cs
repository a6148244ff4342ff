using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json.Nodes;
using ConversationLookup.Http;
using ConversationLookup.Problems;
using ConversationLookup.Telemetry;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Tests.Http;

/// <summary>The last catch: what each way to go wrong is answered, logged and counted as.</summary>
public sealed class ProblemBoundaryTests : IDisposable
{
    private readonly LogCollector _logs = new();
    private readonly ServiceProvider _services;
    private readonly MetricCollector _answers;
    private readonly ProblemBoundary _boundary;

    public ProblemBoundaryTests()
    {
        _services = new ServiceCollection().AddMetrics().AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_logs))
            .AddSingleton<LookupMetrics>().AddSingleton<ProblemBoundary>().BuildServiceProvider();
        _answers = new MetricCollector(_services.GetRequiredService<IMeterFactory>(), "conversation_lookup.answers");
        _boundary = _services.GetRequiredService<ProblemBoundary>();
    }

    public void Dispose()
    {
        _answers.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task What_nobody_thought_of_is_a_500_whose_reason_is_in_the_log_alone()
    {
        var (status, body) = await AnswerAsync(_ => throw new InvalidOperationException("secret reason"));

        Assert.Equal((500, "internal_error"), (status, (string?)body!["code"]));
        Assert.DoesNotContain("secret reason", body.ToJsonString(), StringComparison.Ordinal);
        var line = Assert.Single(_logs.Lines);
        Assert.Equal((LogLevel.Error, 10), (line.Level, line.EventId));
        Assert.Contains("test_operation", line.Text, StringComparison.Ordinal);
        Assert.Contains("secret reason", line.Text, StringComparison.Ordinal);
        Assert.Contains((string)body["traceId"]!, line.Text, StringComparison.Ordinal);
        Assert.Equal(["operation=test_operation outcome=internal_error"], _answers.Measured);
    }

    [Fact]
    public async Task A_wait_that_somebody_else_ended_is_not_the_callers_leaving()
    {
        var (status, _) = await AnswerAsync(_ => throw new OperationCanceledException());

        Assert.Equal(500, status);
        Assert.Equal(LogLevel.Error, Assert.Single(_logs.Lines).Level);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // the connection knows before the token does
    public async Task A_caller_who_left_is_counted_and_nobody_is_told(bool byToken)
    {
        using var left = new CancellationTokenSource();
        var (status, body) = await AnswerAsync(
            token =>
            {
                if (!byToken)
                    throw new ConnectionAbortedException();
                left.Cancel();
                token.ThrowIfCancellationRequested();
                throw new InvalidOperationException("the token did not end");
            },
            caller: left);

        Assert.Equal((499, null), (status, body));
        Assert.Empty(_logs.Lines);
        Assert.Equal(["operation=test_operation outcome=caller_left"], _answers.Measured);
    }

    [Fact]
    public async Task A_handler_is_ended_by_the_host_and_by_the_callers_leaving()
    {
        using var host = new CancellationTokenSource();
        using var caller = new CancellationTokenSource();
        foreach (var source in (CancellationTokenSource[])[host, caller])
        {
            var context = new DefaultHttpContext { RequestAborted = caller.Token };
            var result = await _boundary.AnswerAsync(
                "test_operation",
                context.Request,
                async token =>
                {
                    await source.CancelAsync();
                    await Task.Delay(Timeout.Infinite, token);
                    return Results.Ok();
                },
                source == host ? host.Token : CancellationToken.None);
            await result.ExecuteAsync(context);
            Assert.Equal(499, context.Response.StatusCode);
        }
    }

    /// <summary>Problems, and the level of their log line; nothing for those that are the caller's alone.</summary>
    public static TheoryData<string, int, LogLevel?> Levels => new()
    {
        { "conversation_not_found", 404, LogLevel.Information },
        { "upstream_rate_limited", 429, LogLevel.Information },
        { "invalid_signature", 401, LogLevel.Information },
        { "payload_too_large", 413, LogLevel.Information },
        { "action_not_allowed", 403, LogLevel.Warning },
        { "outcome_unknown", 409, LogLevel.Warning },
        { "upstream_rejected_credentials", 424, LogLevel.Warning },
        { "upstream_unavailable", 502, LogLevel.Warning },
        { "secret_unavailable", 503, LogLevel.Warning },
        { "internal_error", 500, LogLevel.Error },
        { "invalid_parameter", 400, null },
        { "signature_unknown", 503, null },
    };

    [Theory]
    [InlineData(200, ActivityStatusCode.Unset)]
    [InlineData(404, ActivityStatusCode.Unset)]
    [InlineData(423, ActivityStatusCode.Unset)]
    [InlineData(424, ActivityStatusCode.Error)]
    [InlineData(503, ActivityStatusCode.Error)]
    public async Task A_span_says_what_it_came_to_and_has_failed_where_an_operator_may_want_to_know(int answered, ActivityStatusCode spanStatus)
    {
        using var listener = new ActivityListener { ShouldListenTo = source => source.Name == Tracing.SourceName };
        ActivitySource.AddActivityListener(listener);
        using var span = new Activity("request").Start();

        await AnswerAsync(_ => answered == 200 ? Task.FromResult(Results.Ok()) : throw new ProblemException(new Problem("a_code", answered, "title", "what to do")));

        Assert.Equal((answered == 200 ? "ok" : "a_code", spanStatus), (span.GetTagItem("conversation_lookup.outcome"), span.Status));
        Assert.Equal(spanStatus == ActivityStatusCode.Error ? "a_code" : null, span.StatusDescription);
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public async Task A_problem_is_logged_as_what_it_means_for_the_operator(string code, int expected, LogLevel? level)
    {
        foreach (var thrown in (bool[])[true, false])
        {
            _logs.Lines.Clear();
            var problem = new Problem(code, expected, "title", "what to do", "the cause")
            {
                Faults = code == "invalid_parameter" ? [new Fault(code, "p", "what to do")] : [],
                IsCountedOnly = code == "signature_unknown",
            };

            var (status, body) = await AnswerAsync(_ => thrown ? throw new ProblemException(problem) : Task.FromResult<IResult>(new ProblemResult(problem)));

            Assert.Equal((expected, code), (status, (string?)body!["code"]));
            Assert.Equal(level is { } one ? [one] : [], _logs.Lines.Select(line => line.Level));
            Assert.All(_logs.Lines, line => Assert.Contains("the cause", line.Text, StringComparison.Ordinal));
            Assert.DoesNotContain("the cause", body.ToJsonString(), StringComparison.Ordinal);
            Assert.Equal($"operation=test_operation outcome={code}", _answers.Measured.Last());
        }
    }

    [Theory]
    [InlineData("?code=key", false, 200)]
    [InlineData("?CODE=key", false, 200)]
    [InlineData("?x=1", false, 400)]
    [InlineData("?x=1", true, 200)]
    [InlineData("", false, 200)]
    public async Task A_route_without_parameters_takes_none_but_the_key(string query, bool readsQuery, int expected)
    {
        var (status, _) = await AnswerAsync(_ => Task.FromResult(Results.StatusCode(200)), query, readsQuery);

        Assert.Equal(expected, status);
        Assert.Equal([$"operation=test_operation outcome={(expected == 200 ? "ok" : "invalid_parameter")}"], _answers.Measured);
    }

    [Fact]
    public async Task A_result_that_refuses_in_its_own_way_says_what_it_is_counted_as()
    {
        await AnswerAsync(_ => Task.FromResult<IResult>(new Refusal()));

        Assert.Equal(["operation=test_operation outcome=refused"], _answers.Measured);
    }

    private async Task<(int Status, JsonNode? Body)> AnswerAsync(
        Func<CancellationToken, Task<IResult>> handle, string query = "", bool readsQuery = false, CancellationTokenSource? caller = null)
    {
        var context = new DefaultHttpContext { RequestServices = _services };
        context.Request.QueryString = new QueryString(query);
        using var body = new MemoryStream();
        context.Response.Body = body;
        var result = await _boundary.AnswerAsync("test_operation", context.Request, handle, caller?.Token ?? TestContext.Current.CancellationToken, readsQuery);
        await result.ExecuteAsync(context);
        return (context.Response.StatusCode, body.Length == 0 ? null : JsonNode.Parse(Encoding.UTF8.GetString(body.ToArray())));
    }

    private sealed class Refusal : IResult, IOutcome
    {
        public Task ExecuteAsync(HttpContext httpContext) => Task.CompletedTask;

        public string GetOutcome() => "refused";
    }
}
