using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Tests.Support;

/// <summary>Keeps everything that is logged, at every level, with scopes, properties and exceptions as text.</summary>
internal sealed class LogCollector : ILoggerProvider
{
    public ConcurrentQueue<LogLine> Lines { get; } = [];

    /// <summary>What this app's own code logged.</summary>
    public IEnumerable<LogLine> Own => Lines.Where(line => line.Category.StartsWith("ConversationLookup.", StringComparison.Ordinal));

    /// <summary>Waits for a line: what is said at start is said beside the first answers.</summary>
    public Task SaysAsync(Func<LogLine, bool> line) => Eventually.IsSoAsync(() => Lines.Any(line));

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, Lines);

    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<LogLine> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            lines.Enqueue(new LogLine(category, LogLevel.Trace, 0, $"scope {state}"));
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var properties = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(", ", pairs) : "";
            lines.Enqueue(new LogLine(category, logLevel, eventId.Id, $"{formatter(state, exception)} {properties} {exception}"));
        }
    }
}

internal sealed record LogLine(string Category, LogLevel Level, int EventId, string Text);
