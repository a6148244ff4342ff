using System.Net;
using Microsoft.Extensions.Caching.Memory;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace ConversationLookup.Delivery;

/// <summary>A <see cref="FlowLine"/> for each flow that is told of something.</summary>
public sealed class FlowLines(IMemoryCache lines, TimeProvider time)
{
    /// <summary>Longer than a line remembers anything, so that nothing is lost with it.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(5);

    /// <summary>The line of one flow.</summary>
    public FlowLine Of(string callbackHash) => lines.GetOrCreate((typeof(FlowLine), callbackHash), entry =>
    {
        entry.SlidingExpiration = Idle;
        return new FlowLine(time);
    })!;

    /// <summary>The flow has unsubscribed.</summary>
    public void Forget(string callbackHash) => lines.Remove((typeof(FlowLine), callbackHash));
}

/// <summary>
/// Sees to it that no flow waits for another: each has a few deliveries under way at a time, fewer if it is slow, and the rest of its
/// messages go back onto the queue with the time of their turn.
/// </summary>
/// <remarks>What this instance knows of its flows is enough for that; nobody else is asked.</remarks>
public sealed class FlowLine
{
    /// <summary>A trigger answers at once; a flow with a Response action first does its work.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    /// <summary>Two messages under way show how long a flow takes before more of them hold places that others need.</summary>
    private const int Few = 2;

    private const int Many = 6;

    /// <summary>A trigger answers 202 in a tenth of this; what takes longer is a flow that does its work before it answers.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestTurn = TimeSpan.FromMinutes(2);

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _waiting = [];
    private TimeSpan? _usual;
    private int _underWay;
    private DateTimeOffset _busySince;
    private DateTimeOffset _lastTurn;
    private DateTimeOffset _pausedUntil;

    public FlowLine(TimeProvider time)
    {
        _time = time;
        Circuit = new ResiliencePipelineBuilder<CallbackAnswer> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<CallbackAnswer>
            {
                FailureRatio = 0.8,
                MinimumThroughput = 5,
                SamplingDuration = TimeSpan.FromMinutes(1),
                BreakDuration = Pause,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome switch
                {
                    { Result: { } answer } => answer.Status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError,
                    { Exception: HttpRequestException or TimeoutRejectedException } => true,
                    _ => false,
                }),
                OnOpened = _ =>
                {
                    _pausedUntil = time.GetUtcNow() + Pause;
                    return default;
                },
            })
            .AddTimeout(Timeout)
            .Build();
    }

    /// <summary>What a call goes through: one that hangs ends after 30 s, and of a flow that keeps failing one call in 15 s is made.</summary>
    public ResiliencePipeline<CallbackAnswer> Circuit { get; }

    /// <summary>Whether the flow keeps failing and is left alone for the moment.</summary>
    public bool IsPaused => _time.GetUtcNow() < _pausedUntil;

    /// <summary>Asks for a place; a flow that is quick may be waited for a moment.</summary>
    /// <returns>Null with a place, which is to be given back with <see cref="Leave"/>; else after what time to come again.</returns>
    public async Task<TimeSpan?> EnterAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource place;
        lock (_lock)
        {
            if (_underWay < Places())
            {
                Begin();
                return null;
            }

            if (IsSlow())
                return NextTurn();
            _waiting.Enqueue(place = new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        try
        {
            await place.Task.WaitAsync(Slow, _time, cancellationToken);
            return null;
        }
        catch (TimeoutException)
        {
            lock (_lock)
                return place.TrySetResult() ? NextTurn() : null; // or it was given one just now
        }
        catch (OperationCanceledException)
        {
            if (!place.TrySetResult())
                Leave(null);
            throw;
        }
    }

    /// <summary>Gives the place back.</summary>
    /// <param name="took">How long the flow took to answer; null when it was not asked.</param>
    public void Leave(TimeSpan? took)
    {
        lock (_lock)
        {
            _underWay--;
            _busySince = _time.GetUtcNow();
            if (took is not null)
                _usual = _usual is null ? took : (_usual * 0.7) + (took * 0.3);
            while (_underWay < Places() && _waiting.TryDequeue(out var next))
            {
                if (next.TrySetResult())
                    Begin();
            }
        }
    }

    private int Places() => _usual is null || IsSlow() ? Few : Many;

    /// <summary>Also one that was quick and now holds its messages.</summary>
    private bool IsSlow() => _usual > Slow || (_underWay > 0 && _time.GetUtcNow() - _busySince > Slow);

    private void Begin()
    {
        if (_underWay++ == 0)
            _busySince = _time.GetUtcNow();
    }

    /// <summary>One after the other, as fast as the flow is known to take them.</summary>
    private TimeSpan NextTurn()
    {
        var now = _time.GetUtcNow();
        var turn = (_usual is { } usual && usual > Slow ? usual : Slow) / Places();
        _lastTurn = (_lastTurn > now ? _lastTurn : now) + turn;
        var wait = _lastTurn - now;
        return wait < Slow ? Slow : wait < LongestTurn ? wait : LongestTurn;
    }
}
