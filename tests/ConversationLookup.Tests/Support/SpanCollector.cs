using System.Collections.Concurrent;
using System.Diagnostics;
using ConversationLookup.Telemetry;

namespace ConversationLookup.Tests.Support;

/// <summary>Keeps the app's spans that belong to what the test does from now on.</summary>
internal sealed class SpanCollector : IDisposable
{
    private readonly Activity _test = new Activity("test").Start();
    private readonly ConcurrentQueue<Activity> _ended = [];
    private readonly ActivityListener _listener;

    public SpanCollector()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is Tracing.SourceName or "Microsoft.AspNetCore", // whose spans carry the test's trace on
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (span.TraceId == _test.TraceId)
                    _ended.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public bool HasEnded(string name) => _ended.Any(span => span.OperationName == name);

    /// <summary>What the one span of this name came to, and whether it says that it failed.</summary>
    public (string Outcome, bool Failed) OutcomeOf(string name)
    {
        var span = One(name);
        var outcome = Assert.IsType<string>(span.GetTagItem("conversation_lookup.outcome"));
        if (span.Status is ActivityStatusCode.Error)
            Assert.Equal(outcome, span.StatusDescription);
        return (outcome, span.Status is ActivityStatusCode.Error);
    }

    /// <summary>A property of the one span of this name; null where it has none.</summary>
    public object? TagOf(string name, string tag) => One(name).GetTagItem(tag);

    public void Dispose()
    {
        _listener.Dispose();
        _test.Dispose();
    }

    private Activity One(string name) => Assert.Single(_ended, span => span.OperationName == name);
}
