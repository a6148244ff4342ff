using System.Diagnostics.Metrics;
using ConversationLookup.Problems;
using ConversationLookup.Secrets;
using ConversationLookup.Telemetry;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Secrets;

/// <summary>When the source is read and when it is not, by the clock.</summary>
public sealed class RotatingSecretTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Source _source = new();
    private readonly LogCollector _logs = new();
    private readonly MetricCollector _reads;
    private readonly RotatingSecret _secret;

    public RotatingSecretTests()
    {
        var services = new ServiceCollection().AddMetrics().AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_logs)).BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        _reads = new MetricCollector(meters, "conversation_lookup.secret_reads");
        _secret = new RotatingSecret(
            new SecretId("the-secret", "The:Secret"), _source, new LookupMetrics(meters), _time, services.GetRequiredService<ILogger<RotatingSecret>>());
    }

    public void Dispose() => _reads.Dispose();

    private static ProblemException Unavailable => new(Catalogue.SecretUnavailable("try later", "failing"));

    private static CancellationToken Cancelled => new(canceled: true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_value_is_read_once_and_kept()
    {
        Assert.Equal("one", await _secret.GetAsync(Token));
        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromTicks(1));

        Assert.Equal("one", await _secret.GetAsync(Token));
        Assert.Equal("one", await _secret.ReadAgainAsync("one", Token)); // after one that the line above might have begun
        Assert.Equal(2, _source.Reads);
    }

    [Fact]
    public async Task Every_read_is_counted_and_one_that_failed_is_warned_of_by_the_secrets_name_and_the_cause()
    {
        await _secret.GetAsync(Token);
        Assert.Empty(_logs.Lines);
        _source.FailsWith = Unavailable;
        await _secret.ReadAgainAsync("one", Token);

        Assert.Equal(["secret=The:Secret outcome=ok", "secret=The:Secret outcome=failed"], _reads.Measured);
        var line = Assert.Single(_logs.Lines);
        Assert.Equal((20, LogLevel.Warning), (line.EventId, line.Level));
        Assert.Contains("The secret the-secret could not be read: failing.", line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_says_how_old_the_value_is_and_when_a_refused_one_is_read_again()
    {
        Assert.Equal((null, TimeSpan.Zero), (_secret.Age, _secret.UntilReadAgain));
        await _secret.GetAsync(Token);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.Zero), (_secret.Age, _secret.UntilReadAgain));

        await _secret.ReadAgainAsync("one", Token);
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromSeconds(30)), (_secret.Age, _secret.UntilReadAgain));
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal((TimeSpan.FromSeconds(29), TimeSpan.FromSeconds(1)), (_secret.Age, _secret.UntilReadAgain));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.Zero, _secret.UntilReadAgain);
    }

    [Fact]
    public async Task A_start_that_comes_after_the_first_caller_reads_nothing()
    {
        await _secret.GetAsync(Token);
        await _secret.WarmUpAsync(Token);

        Assert.Equal(1, _source.Reads);
    }

    /// <summary>A host warms up beside its first answers: a late one would put the next try off by another five seconds.</summary>
    [Fact]
    public async Task A_warm_up_after_somebody_asked_asks_nobody()
    {
        _source.FailsWith = Unavailable;
        await Assert.ThrowsAsync<ProblemException>(async () => await _secret.GetAsync(Token));

        await _secret.WarmUpAsync(Token);
        Assert.Equal(1, _source.Reads);

        _source.FailsWith = null;
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("one", await _secret.GetAsync(Token));
        await _secret.WarmUpAsync(Token);
        Assert.Equal(2, _source.Reads);
    }

    [Fact]
    public async Task Callers_of_the_first_read_share_it()
    {
        _source.Hold();
        var callers = Enumerable.Range(0, 50).Select(_ => _secret.GetAsync(Token).AsTask()).ToArray();
        _source.Release();

        Assert.All(await Task.WhenAll(callers), value => Assert.Equal("one", value));
        Assert.Equal(1, _source.Reads);
    }

    [Fact]
    public async Task A_caller_that_leaves_the_first_read_does_not_end_it_for_the_others()
    {
        _source.Hold();
        var stays = _secret.GetAsync(Token).AsTask();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _secret.GetAsync(Cancelled).AsTask());
        _source.Release();

        Assert.Equal("one", await stays);
    }

    [Fact]
    public async Task A_value_of_ten_minutes_is_read_again_behind_the_callers_back()
    {
        await _secret.GetAsync(Token);
        _source.Value = "two";
        _source.Hold();
        _time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal("one", await _secret.GetAsync(Token));
        Assert.Equal("one", await _secret.GetAsync(Token));
        _source.Release();
        await Eventually.IsSoAsync(async () => await _secret.GetAsync(Token) == "two");
        Assert.Equal(2, _source.Reads);
    }

    [Fact]
    public async Task The_last_good_value_outlives_an_outage_and_the_source_is_asked_every_thirty_seconds()
    {
        await _secret.GetAsync(Token);
        _source.FailsWith = Unavailable;
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("one", await _secret.GetAsync(Token));
        await Eventually.IsSoAsync(() => _secret.LastFailure is not null);

        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal("one", await _secret.GetAsync(Token));
        Assert.Equal("one", await _secret.ReadAgainAsync("one", Token)); // after one that the line above might have begun
        Assert.Equal(3, _source.Reads);

        _source.FailsWith = null;
        _source.Value = "two";
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("one", await _secret.GetAsync(Token));
        await Eventually.IsSoAsync(async () => await _secret.GetAsync(Token) == "two");
        Assert.Equal(4, _source.Reads);
        Assert.Null(_secret.LastFailure);
    }

    [Fact]
    public async Task A_source_that_fails_at_first_is_a_problem_until_it_answers()
    {
        _source.FailsWith = Unavailable;
        var exception = await Assert.ThrowsAsync<ProblemException>(() => _secret.GetAsync(Token).AsTask());
        Assert.Equal("secret_unavailable", exception.Problem.Code);

        _source.FailsWith = null;
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("one", await _secret.GetAsync(Token));
        Assert.Null(_secret.LastFailure);
    }

    [Fact]
    public async Task A_source_that_fails_at_first_is_asked_every_five_seconds_however_many_ask_for_the_value()
    {
        _source.FailsWith = Unavailable;
        for (var tenth = 0; tenth < 60; tenth++)
        {
            await Assert.ThrowsAsync<ProblemException>(() => _secret.GetAsync(Token).AsTask());
            await Assert.ThrowsAsync<ProblemException>(() => _secret.GetAsync(Token).AsTask());
            _time.Advance(TimeSpan.FromSeconds(0.1));
        }

        Assert.Equal(2, _source.Reads);
    }

    [Fact]
    public async Task Callers_after_the_pause_that_follows_a_failed_first_read_wait_for_the_next()
    {
        _source.FailsWith = Unavailable;
        await Assert.ThrowsAsync<ProblemException>(() => _secret.GetAsync(Token).AsTask());
        _source.FailsWith = null;
        _time.Advance(TimeSpan.FromSeconds(5));
        _source.Hold();
        var callers = Enumerable.Range(0, 50).Select(_ => _secret.GetAsync(Token).AsTask()).ToArray();
        _source.Release();

        Assert.All(await Task.WhenAll(callers), value => Assert.Equal("one", value));
        Assert.Equal(2, _source.Reads);
    }

    [Theory]
    [InlineData(7.999, true)]
    [InlineData(8, false)]
    public async Task A_source_is_waited_for_for_less_than_eight_seconds(double seconds, bool isTaken)
    {
        _source.Hold();
        var caller = _secret.GetAsync(Token).AsTask();
        await Eventually.IsSoAsync(() => _source.Reads == 1);
        _time.Advance(TimeSpan.FromSeconds(seconds));
        _source.Release();

        if (isTaken)
        {
            Assert.Equal("one", await caller);
            return;
        }

        var problem = (await Assert.ThrowsAsync<ProblemException>(() => caller)).Problem;
        Assert.Equal(("secret_unavailable", "no answer within 8 s"), (problem.Code, problem.Cause));
        Assert.StartsWith("The key vault does not answer in time. Try again in a minute.", problem.Detail, StringComparison.Ordinal);
        Assert.NotNull(problem.RetryAfter);
    }

    [Fact]
    public async Task A_refused_value_is_read_again_and_the_newer_one_returned()
    {
        await _secret.GetAsync(Token);
        _source.Value = "two";

        Assert.Equal("two", await _secret.ReadAgainAsync("one", Token));
        Assert.Equal("two", await _secret.GetAsync(Token));
    }

    [Fact]
    public async Task Many_refused_callers_cause_one_read()
    {
        await _secret.GetAsync(Token);
        _source.Value = "two";
        _source.Hold();
        var callers = Enumerable.Range(0, 50).Select(_ => _secret.ReadAgainAsync("one", Token).AsTask()).ToArray();
        _source.Release();

        Assert.All(await Task.WhenAll(callers), value => Assert.Equal("two", value));
        Assert.Equal(2, _source.Reads);
    }

    [Fact]
    public async Task Refusals_that_bring_nothing_new_read_the_source_twice_a_minute_at_most()
    {
        await _secret.GetAsync(Token);
        for (var second = 0; second < 60; second++)
        {
            for (var refusal = 0; refusal < 10; refusal++)
                Assert.Equal("one", await _secret.ReadAgainAsync("one", Token));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1 + 2, _source.Reads);
    }

    [Fact]
    public async Task A_caller_refused_with_an_older_value_gets_the_newer_one_without_a_read()
    {
        await _secret.GetAsync(Token);
        _source.Value = "two";
        await _secret.ReadAgainAsync("one", Token);

        Assert.Equal("two", await _secret.ReadAgainAsync("one", Token));
        Assert.Equal(2, _source.Reads);
    }

    [Fact]
    public async Task A_read_that_began_before_the_rotation_is_followed_by_one_that_began_after()
    {
        await _secret.GetAsync(Token);
        _time.Advance(TimeSpan.FromMinutes(10));
        _source.Hold();
        await _secret.GetAsync(Token); // begins to refresh, and sees the old value
        await Eventually.IsSoAsync(() => _source.Reads == 2);
        var refused = _secret.ReadAgainAsync("one", Token).AsTask();
        _source.ReleaseWith("one", thenAnswer: "two");

        Assert.Equal("two", await refused);
        Assert.Equal(3, _source.Reads);
    }

    [Fact]
    public async Task A_refused_value_is_kept_when_the_source_fails()
    {
        await _secret.GetAsync(Token);
        _source.FailsWith = Unavailable;

        Assert.Equal("one", await _secret.ReadAgainAsync("one", Token));
        Assert.NotNull(_secret.LastFailure);
    }

    [Fact]
    public async Task A_source_that_fails_in_a_way_nobody_thought_of_is_asked_again()
    {
        _source.FailsWith = new InvalidOperationException("unexpected");
        var problem = (await Assert.ThrowsAsync<ProblemException>(() => _secret.GetAsync(Token).AsTask())).Problem;
        _source.FailsWith = null;
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal((ProblemCodes.SecretUnavailable, "an unexpected exception"), (problem.Code, problem.Cause));
        Assert.StartsWith("The key vault cannot be read.", problem.Detail, StringComparison.Ordinal);
        Assert.Equal("one", await _secret.GetAsync(Token));
    }

    [Theory]
    [InlineData("key\n", "key")]
    [InlineData("  key\r\n", "key")]
    [InlineData("", null)]
    [InlineData(" \n", null)]
    [InlineData("two words", null)]
    [InlineData("line\nbreak", null)]
    [InlineData("schlüssel", null)]
    public async Task A_pasted_value_is_trimmed_and_one_that_no_header_can_carry_is_refused(string stored, string? used)
    {
        _source.Value = stored;

        if (used is not null)
            Assert.Equal(used, await _secret.GetAsync(Token));
        else
            Assert.Contains("the-secret", (await Assert.ThrowsAsync<ProblemException>(() => _secret.GetAsync(Token).AsTask())).Problem.Detail, StringComparison.Ordinal);
    }

    private sealed class Source : ISecretSource
    {
        private TaskCompletionSource<string?> _gate = Open();
        private int _reads;

        public string Value { get; set; } = "one";

        public Exception? FailsWith { get; set; }

        public int Reads => Volatile.Read(ref _reads);

        public void Hold() => _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _gate.SetResult(null);

        public void ReleaseWith(string held, string thenAnswer)
        {
            var gate = _gate;
            (_gate, Value) = (Open(), thenAnswer);
            gate.SetResult(held);
        }

        public async Task<string> ReadAsync(SecretId secret, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _reads);
            var held = await _gate.Task;
            if (FailsWith is { } failure)
                throw failure;
            return held ?? Value;
        }

        private static TaskCompletionSource<string?> Open()
        {
            var open = new TaskCompletionSource<string?>();
            open.SetResult(null);
            return open;
        }
    }
}
