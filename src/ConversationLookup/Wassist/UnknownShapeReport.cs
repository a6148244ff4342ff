using System.Collections.Concurrent;
using ConversationLookup.Json;
using ConversationLookup.Telemetry;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Wassist;

/// <summary>
/// Counts every field that could not be read, and logs each field and kind once: a changed API must be noticed, not fill the log.
/// </summary>
public sealed class UnknownShapeReport(LookupMetrics metrics, ILogger<UnknownShapeReport> logger)
{
    private readonly ConcurrentDictionary<UnknownShape, bool> _logged = new();

    public void Report(IReadOnlyList<UnknownShape> shapes)
    {
        foreach (var shape in shapes)
        {
            metrics.UnknownShape(shape.Path);
            if (_logged.TryAdd(shape, true))
                logger.UnknownShape(shape.Path, shape.Kind);
        }
    }
}
