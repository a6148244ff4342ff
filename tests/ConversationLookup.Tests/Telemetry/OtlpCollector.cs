using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Telemetry;

/// <summary>
/// A stand-in for an OpenTelemetry collector on a real socket: takes OTLP over HTTP as protobuf, and keeps what it took. The field
/// numbers are those of https://github.com/open-telemetry/opentelemetry-proto
/// </summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly Support.LocalServer _app;

    private OtlpCollector(Support.LocalServer app) => _app = app;

    /// <summary>What the app needs to send here, and soon.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app.Url,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
    };

    public ConcurrentQueue<CollectedSpan> Spans { get; } = [];

    /// <summary>Each metric's points, as <c>name{tag=value,…}</c>, with the newest value.</summary>
    public ConcurrentDictionary<string, double> Metrics { get; } = [];

    public ConcurrentQueue<CollectedLog> Logs { get; } = [];

    /// <summary>Every byte that came, to look for what must not be in it.</summary>
    public ConcurrentQueue<string> Raw { get; } = [];

    public static async Task<OtlpCollector> StartAsync()
    {
        OtlpCollector? collector = null;
        var app = await Support.LocalServer.StartAsync(context => collector!.TakeAsync(context));
        return collector = new OtlpCollector(app);
    }

    /// <summary>Waits until something is there.</summary>
    public async Task EventuallyAsync(Func<bool> condition)
    {
        for (var looks = 0; !condition(); looks++)
        {
            Assert.True(looks < 3000, $"It did not come. There is:\n{string.Join('\n', Spans)}\n{string.Join('\n', Metrics)}\n{string.Join('\n', Logs)}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A trace as a tree, children in the order of their start.</summary>
    public string Tree(string traceId)
    {
        var spans = Spans.Where(span => span.TraceId == traceId).OrderBy(span => span.Start).ToList();
        var text = new StringBuilder();
        Write(spans.Where(span => spans.All(other => other.Id != span.ParentId)), 0);
        return text.ToString();

        void Write(IEnumerable<CollectedSpan> level, int depth)
        {
            foreach (var span in level)
            {
                text.Append(' ', depth * 2).Append(CultureInfo.InvariantCulture, $"{span.Kind} {span.Name}").Append('\n');
                Write(spans.Where(child => child.ParentId == span.Id), depth + 1);
            }
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Raw.Enqueue(Encoding.Latin1.GetString(body.ToArray()));
        var scopes = new Message(body.ToArray()).All(1).SelectMany(resource => resource.All(2)).ToList();
        switch (context.Request.Path.Value)
        {
            case "/v1/traces":
                foreach (var span in scopes.SelectMany(scope => scope.All(2)))
                    Spans.Enqueue(CollectedSpan.From(span));
                break;
            case "/v1/logs":
                foreach (var scope in scopes)
                {
                    foreach (var record in scope.All(2))
                        Logs.Enqueue(new CollectedLog(scope.One(1)!.Text(1), record.One(5)!.Text(1), record.Hex(9)));
                }

                break;
            case "/v1/metrics":
                foreach (var metric in scopes.SelectMany(scope => scope.All(2)))
                    Take(metric);
                break;
            default:
                context.Response.StatusCode = 404;
                break;
        }
    }

    private void Take(Message metric)
    {
        var name = metric.Text(1);
        foreach (var point in (metric.One(5) ?? metric.One(7))?.All(1) ?? []) // a gauge, a sum
            Metrics[$"{name}{{{Tags(point, 7)}}}"] = point.Has(6) ? point.Number(6) : BitConverter.UInt64BitsToDouble(point.Number(4));
        foreach (var point in metric.One(9)?.All(1) ?? []) // a histogram: its count
            Metrics[$"{name}{{{Tags(point, 9)}}}"] = point.Number(4);
    }

    private static string Tags(Message point, int field) =>
        string.Join(',', point.All(field).Select(tag => $"{tag.Text(1)}={tag.One(2)!.Text(1)}").Order(StringComparer.Ordinal));
}

/// <summary>One span; tags are text, whatever their type, and <c>Error</c> is the status's text if it is an error.</summary>
internal sealed record CollectedSpan(
    string TraceId, string Id, string ParentId, string Name, string Kind, ulong Start, IReadOnlyDictionary<string, string> Tags, string? Error)
{
    public static CollectedSpan From(Message span) => new(
        span.Hex(1),
        span.Hex(2),
        span.Hex(4),
        span.Text(5),
        span.Number(6) switch { 2 => "server", 3 => "client", 4 => "producer", 5 => "consumer", _ => "internal" },
        span.Number(7),
        span.All(9).ToDictionary(tag => tag.Text(1), tag => tag.One(2) is { } value && value.Has(1) ? value.Text(1) : $"{tag.One(2)?.Number(3)}"),
        span.One(15) is { } status && status.Number(3) == 2 ? status.Text(2) : null);
}

/// <param name="Category">The logger's.</param>
/// <param name="Text">The message.</param>
/// <param name="TraceId">The trace it belongs to, or nothing.</param>
internal sealed record CollectedLog(string Category, string Text, string TraceId);

/// <summary>A protobuf message without its schema.</summary>
internal sealed class Message
{
    private readonly ILookup<int, object> _fields;

    public Message(byte[] bytes) => _fields = Read(bytes).ToLookup(field => field.Number, field => field.Value);

    public bool Has(int field) => _fields.Contains(field);

    public IEnumerable<Message> All(int field) => _fields[field].Select(value => new Message((byte[])value));

    public Message? One(int field) => All(field).FirstOrDefault();

    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

    public string Hex(int field) => Convert.ToHexStringLower(Bytes(field));

    public ulong Number(int field) => _fields[field].OfType<ulong>().FirstOrDefault();

    private byte[] Bytes(int field) => _fields[field].OfType<byte[]>().FirstOrDefault() ?? [];

    private static IEnumerable<(int Number, object Value)> Read(byte[] bytes)
    {
        var input = new CodedInputStream(bytes);
        while (input.ReadTag() is > 0 and var tag)
        {
            object value = WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => input.ReadUInt64(),
                WireFormat.WireType.Fixed64 => input.ReadFixed64(),
                WireFormat.WireType.Fixed32 => (ulong)input.ReadFixed32(),
                WireFormat.WireType.LengthDelimited => input.ReadBytes().ToByteArray(),
                var other => throw new FormatException($"{other}"),
            };
            yield return (WireFormat.GetTagFieldNumber(tag), value);
        }
    }
}
