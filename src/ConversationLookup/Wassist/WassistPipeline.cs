using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace ConversationLookup.Wassist;

/// <summary>What happens around a call to Wassist; <see cref="UpstreamOutcome"/> says what each outcome means.</summary>
public sealed class WassistPipeline
{
    /// <summary>Everything one call may take, with its tries, waits and key reads. Power Automate gives up at 120 s.</summary>
    private static readonly TimeSpan TotalTimeout = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan BreakDuration = TimeSpan.FromSeconds(5);

    private readonly WassistTransport _transport;
    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly ResiliencePipeline<WassistAnswer> _pipeline;

    public WassistPipeline(WassistTransport transport, TimeProvider time, ILogger<WassistPipeline> logger)
    {
        _transport = transport;
        _pipeline = new ResiliencePipelineBuilder<WassistAnswer> { TimeProvider = time }
            .AddTimeout(TotalTimeout)
            .AddRetry(new RetryStrategyOptions<WassistAnswer>
            {
                MaxRetryAttempts = 2,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(250),
                UseJitter = true,
                ShouldHandle = arguments => ValueTask.FromResult(UpstreamOutcome.IsTriedAgain(arguments.Outcome)),
                DelayGenerator = arguments => ValueTask.FromResult(UpstreamOutcome.DelayOf(arguments.Outcome)),
            })
            // An outage fails every call; one bad conversation must not stop the others.
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<WassistAnswer>
            {
                FailureRatio = 0.9,
                MinimumThroughput = 30,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDuration = BreakDuration,
                StateProvider = _circuit,
                ShouldHandle = arguments => ValueTask.FromResult(UpstreamOutcome.IsFault(arguments.Outcome)),
                OnOpened = _ =>
                {
                    logger.CircuitOpened(BreakDuration.TotalSeconds);
                    return default;
                },
                OnClosed = _ =>
                {
                    logger.CircuitClosed();
                    return default;
                },
            })
            .AddTimeout(TryTimeout)
            .Build();
    }

    /// <summary>Whether calls are refused for some seconds, because nearly every one fails.</summary>
    public bool IsPaused => _circuit.CircuitState is CircuitState.Open or CircuitState.HalfOpen;

    /// <summary>Makes one call with everything it takes.</summary>
    /// <param name="path">Relative to the API's root, with a query if there is one.</param>
    /// <param name="waitsUntil">See <see cref="WassistCall"/>.</param>
    /// <returns>How the last try ended. It does not throw.</returns>
    public ValueTask<Outcome<WassistAnswer>> GetAsync(string path, DateTimeOffset? waitsUntil, ResilienceContext context) => _pipeline.ExecuteOutcomeAsync(
        static (context, call) => call.Transport.GetAsync(call.Path, call.WaitsUntil, context.CancellationToken),
        context,
        (Transport: _transport, Path: path, WaitsUntil: waitsUntil));
}
