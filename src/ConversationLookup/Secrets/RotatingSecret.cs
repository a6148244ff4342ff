using ConversationLookup.Problems;
using ConversationLookup.Telemetry;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Secrets;

/// <summary>
/// One secret, kept in memory. The vault is read by one reader at a time; the last good value outlives the vault's outages; a
/// rotated secret is noticed when it is next used or when somebody refuses the old one.
/// </summary>
public sealed class RotatingSecret(SecretId id, ISecretSource source, LookupMetrics metrics, TimeProvider time, ILogger<RotatingSecret> logger)
{
    /// <summary>A value this old is read again in the background at its next use.</summary>
    private static readonly TimeSpan RefreshAfter = TimeSpan.FromMinutes(10);

    /// <summary>The least time between two reads that somebody else's refusal asked for, and after a failed refresh.</summary>
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The longest one read may take, the credential's and the client's own retries included; less than a try of a call to Wassist,
    /// which waits for it, so that a lookup without a key says so.
    /// </summary>
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(8);

    /// <summary>How long the source is left alone after a read that failed, while there is no value: everybody who asks would have it read.</summary>
    private static readonly TimeSpan PauseWithoutValue = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private volatile Reading? _current;
    private volatile Failure? _lastFailure;
    private Task? _reader;
    private DateTimeOffset _readAgainFrom;

    /// <summary>The setting that stands for it, for the numbers.</summary>
    public string Setting => id.Setting;

    /// <summary>Why the value at hand could not be refreshed; null while the source answers.</summary>
    public Problem? LastFailure => _lastFailure?.Problem;

    /// <summary>How long ago the value at hand was read; null when there is none.</summary>
    public TimeSpan? Age => _current is { } current ? time.GetUtcNow() - current.ReadAt : null;

    /// <summary>How long somebody whose value was refused has to wait until <see cref="ReadAgainAsync"/> asks the source again.</summary>
    public TimeSpan UntilReadAgain
    {
        get
        {
            lock (_lock)
                return _readAgainFrom - time.GetUtcNow() is { Ticks: > 0 } wait ? wait : TimeSpan.Zero;
        }
    }

    /// <summary>
    /// The value at hand, which nobody waits for; while there is none, what the source says. One that has just failed is asked again after
    /// five seconds, and until then callers get its failure at once.
    /// </summary>
    /// <exception cref="ProblemException"><c>secret_unavailable</c>: there is no value yet and the source did not give one.</exception>
    public async ValueTask<string> GetAsync(CancellationToken cancellationToken)
    {
        if (_current is { } current)
        {
            if (time.GetUtcNow() >= current.RefreshFrom)
                _ = ReadAfter(current);
            return current.Value;
        }

        if (_lastFailure is { } failure && time.GetUtcNow() < failure.At + PauseWithoutValue)
            throw new ProblemException(failure.Problem);
        await ReadAfter(null).WaitAsync(cancellationToken);
        return _current?.Value ?? throw new ProblemException(_lastFailure!.Problem);
    }

    /// <summary>Reads the first value before anybody asks, if nobody has asked yet; a failure is logged and left to the first caller.</summary>
    public Task WarmUpAsync(CancellationToken cancellationToken) => _lastFailure is null ? ReadAfter(null).WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>
    /// Looks for a newer value after <paramref name="refused"/> was not accepted. The source is asked at most once in 30 seconds,
    /// however many callers were refused.
    /// </summary>
    /// <returns>The newest value known; <paramref name="refused"/> itself when there is none newer.</returns>
    public async ValueTask<string> ReadAgainAsync(string refused, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task reading;
            lock (_lock)
            {
                if (_current is { } current && current.Value != refused)
                    return current.Value;

                // A read under way may have begun before the rotation; if it brings nothing new, this goes round once more.
                if (_reader is null)
                {
                    var now = time.GetUtcNow();
                    if (now < _readAgainFrom)
                        return refused;
                    _readAgainFrom = now + ReadAgainAfter;
                }

                reading = StartReading();
            }

            await reading.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A read, unless one has ended since <paramref name="seen"/> was the value at hand.</summary>
    private Task ReadAfter(Reading? seen)
    {
        lock (_lock)
            return ReferenceEquals(_current, seen) ? StartReading() : Task.CompletedTask;
    }

    /// <summary>The read under way, or a new one. It belongs to no caller: nobody's leaving ends it.</summary>
    private Task StartReading()
    {
        lock (_lock)
            return _reader ??= Task.Run(ReadAsync);
    }

    private async Task ReadAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(ReadTimeout, time);
            var value = Usable(await source.ReadAsync(id, timeout.Token).WaitAsync(timeout.Token));
            var now = time.GetUtcNow();
            Keep(new Reading(value, now, now + RefreshAfter), failure: null);
            metrics.SecretRead(id.Setting, "ok");
        }
#pragma warning disable CA1031 // A read that ended in any other way would never be begun again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var (problem, reason) = Explain(exception);
            var now = time.GetUtcNow();
            Keep(_current is { } kept ? kept with { RefreshFrom = now + ReadAgainAfter } : null, new Failure(problem, now));
            metrics.SecretRead(id.Setting, "failed");
            logger.SecretNotRead(id.VaultName, problem.Cause, reason);
        }
    }

    private static (Problem Problem, Exception? Reason) Explain(Exception exception) => exception switch
    {
        ProblemException known => (known.Problem, known.InnerException),
        OperationCanceledException => (
            Catalogue.SecretUnavailable("The key vault does not answer in time. Try again in a minute. If the problem persists, ask the operator.", "no answer within 8 s"),
            null),
        _ => (
            Catalogue.SecretUnavailable("The key vault cannot be read. Try again in a minute. If the problem persists, ask the operator, who can find the reason in the log.", "an unexpected exception"),
            exception),
    };

    private void Keep(Reading? reading, Failure? failure)
    {
        lock (_lock)
        {
            _lastFailure = failure;
            _current = reading;
            _reader = null;
        }
    }

    /// <summary>Without the line break a paste leaves, and only if it can be sent in an HTTP header.</summary>
    private string Usable(string value)
    {
        var trimmed = value.Trim();
        return trimmed.Length > 0 && trimmed.All(c => c is > ' ' and <= '~')
            ? trimmed
            : throw new ProblemException(Catalogue.SecretUnavailable(
                $"The secret '{id.VaultName}' is empty or contains characters that no key contains. Ask the operator to set it again.",
                "the value is not usable"));
    }

    private sealed record Reading(string Value, DateTimeOffset ReadAt, DateTimeOffset RefreshFrom);

    private sealed record Failure(Problem Problem, DateTimeOffset At);
}

/// <summary>What is logged of secrets; never a value.</summary>
public static partial class SecretsLog
{
    [LoggerMessage(20, LogLevel.Warning, "The secret {Secret} could not be read: {Cause}. The last good value, if there is one, stays in use.")]
    public static partial void SecretNotRead(this ILogger logger, string secret, string cause, Exception? exception);
}
