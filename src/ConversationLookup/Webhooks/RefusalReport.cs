using System.Globalization;
using ConversationLookup.Problems;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Webhooks;

/// <summary>
/// Tells of webhooks that were refused before it was known whether Wassist sent them. Anybody can send such, as many as they like, so the
/// log has one line for a minute with their number, instead of one for each.
/// </summary>
public sealed class RefusalReport(TimeProvider time, ILogger<RefusalReport> logger) : IDisposable
{
    /// <summary>From the first refusal to the line that tells of it and of those since.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private bool _isWarning;
    private ITimer? _timer;

    /// <summary>Counts one.</summary>
    /// <param name="problem">How it was answered. Code and cause are words of this app.</param>
    public void Count(Problem problem)
    {
        var reason = problem.Cause.Length == 0 ? problem.Code : $"{problem.Code} ({problem.Cause})";
        lock (_lock)
        {
            _counts[reason] = _counts.GetValueOrDefault(reason) + 1;
            _isWarning |= problem.Status >= 500; // anything else is a stranger's affair alone
            if (_timer is not null)
                return;
            using var ownFlow = ExecutionContext.SuppressFlow(); // the line is about many requests, and belongs to the trace of none
            _timer = time.CreateTimer(static report => ((RefusalReport)report!).Tell(), this, Period, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Tells of what was counted since the last line, so that a stop hides nothing.</summary>
    public void Dispose() => Tell();

    private void Tell()
    {
        SortedDictionary<string, long> counts;
        LogLevel level;
        lock (_lock)
        {
            (counts, _counts) = (_counts, new(StringComparer.Ordinal));
            (level, _isWarning) = (_isWarning ? LogLevel.Warning : LogLevel.Information, false);
            _timer?.Dispose();
            _timer = null;
        }

        if (counts.Count > 0 && logger.IsEnabled(level))
            logger.WebhooksRefused(level, counts.Values.Sum(), string.Join(", ", counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Value} {count.Key}"))));
    }
}
