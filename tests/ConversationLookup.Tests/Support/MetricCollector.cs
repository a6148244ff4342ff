using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ConversationLookup.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Tests.Support;

/// <summary>Keeps the tags of every measurement of one of an app's counters or gauges.</summary>
internal sealed class MetricCollector : IDisposable
{
    private readonly MeterListener _listener = new();

    public MetricCollector(App app, string instrument)
        : this(app.Services.GetRequiredService<IMeterFactory>(), instrument)
    {
    }

    public MetricCollector(Core core, string instrument)
        : this(core.Get<IMeterFactory>(), instrument)
    {
    }

    public MetricCollector(IMeterFactory meters, string instrument)
    {
        _listener.InstrumentPublished = (published, listener) =>
        {
            if (published.Name == instrument && published.Meter.Name == LookupMetrics.MeterName && published.Meter.Scope == meters)
                listener.EnableMeasurementEvents(published);
        };
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
            Measured.Enqueue(string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
        _listener.Start();
    }

    public ConcurrentQueue<string> Measured { get; } = [];

    public void Dispose() => _listener.Dispose();
}
