using System.Diagnostics;

namespace ConversationLookup.Telemetry;

/// <summary>
/// Takes the trace's id from a caller and gives it on, and nothing else: <c>tracestate</c> and <c>baggage</c> are a caller's own words,
/// which Wassist, the flows and storage are not told.
/// </summary>
public sealed class TraceParentOnly : DistributedContextPropagator
{
    private const string TraceParent = "traceparent";

    public override IReadOnlyCollection<string> Fields { get; } = [TraceParent];

    /// <summary>Writes the header of a call.</summary>
    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        if (activity is { IdFormat: ActivityIdFormat.W3C, Id: { } id })
            setter?.Invoke(carrier, TraceParent, id);
    }

    /// <summary>Reads a caller's header.</summary>
    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
    {
        traceState = null;
        traceId = null;
        getter?.Invoke(carrier, TraceParent, out traceId, out _);
    }

    /// <returns>Null: none is taken.</returns>
    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
