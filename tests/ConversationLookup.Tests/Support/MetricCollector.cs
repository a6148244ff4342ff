using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ConversationLookup.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Tests.Support;

/// <summary>Keeps the tags of every measurement of one of an app's counters or gauges: of a counter as often as it counted.</summary>
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
        _listener.SetMeasurementEventCallback<long>((instrument, measured, tags, _) =>
        {
            var text = string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
            for (var times = instrument is Counter<long> ? measured : 1; times > 0; times--)
                Measured.Enqueue(text);
        });
        _listener.Start();
    }

    public ConcurrentQueue<string> Measured { get; } = [];

    public void Dispose() => _listener.Dispose();
}
