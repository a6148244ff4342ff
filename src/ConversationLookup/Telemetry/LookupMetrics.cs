using System.Diagnostics.Metrics;

namespace ConversationLookup.Telemetry;

/// <summary>The numbers an operator watches. Tags hold names from this code only, never a caller's or an upstream's text.</summary>
/// <remarks>How long upstream calls take is <c>http.client.request.duration</c>, which .NET measures itself.</remarks>
internal sealed class LookupMetrics
{
    /// <summary>The meter's name, for the exporter.</summary>
    public const string MeterName = "ConversationLookup";

    private readonly Counter<long> _answers;
    private readonly Counter<long> _unknownShapes;
    private readonly Counter<long> _secretReads;
    private readonly Counter<long> _events;
    private readonly Counter<long> _deliveries;
    private readonly Counter<long> _poisoned;

    public LookupMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _answers = meter.CreateCounter<long>("conversation_lookup.answers", "{answer}", "Answers to callers, by operation and outcome");
        _unknownShapes = meter.CreateCounter<long>("conversation_lookup.unknown_field_shapes", "{field}", "Upstream fields that could not be read");
        _secretReads = meter.CreateCounter<long>("conversation_lookup.secret_reads", "{read}", "Reads of the vault, by secret and outcome");
        _events = meter.CreateCounter<long>("conversation_lookup.events", "{event}", "Wassist's events, by type and what became of them");
        _deliveries = meter.CreateCounter<long>("conversation_lookup.deliveries", "{try}", "Tries to tell a flow, by outcome");
        _poisoned = meter.CreateCounter<long>("conversation_lookup.poisoned", "{message}", "Messages that went to a poison queue, by queue");
    }

    /// <param name="operation">What was asked for.</param>
    /// <param name="outcome"><c>ok</c>, the problem's code, or <c>caller_left</c>.</param>
    public void Answer(string operation, string outcome) => _answers.Add(1, Tag("operation", operation), Tag("outcome", outcome));

    /// <param name="field">The field's path in the upstream's body.</param>
    public void UnknownShape(string field) => _unknownShapes.Add(1, Tag("field", field));

    /// <param name="secret">The secret's setting, not its value.</param>
    /// <param name="outcome"><c>ok</c> or <c>failed</c>.</param>
    public void SecretRead(string secret, string outcome) => _secretReads.Add(1, Tag("secret", secret), Tag("outcome", outcome));

    /// <param name="type">One of <see cref="Webhooks.EventTypes"/>, or <c>other</c>: a sender's text is no tag.</param>
    /// <param name="outcome"><c>queued</c>, <c>ignored</c>, <c>duplicate</c>, <c>nobody_subscribed</c>, <c>waiting</c>, or a lookup's outcome.</param>
    public void Event(string type, string outcome) => _events.Add(1, Tag("type", type), Tag("outcome", outcome));

    /// <param name="outcome"><c>delivered</c>, <c>flow_gone</c>, <c>unsubscribed</c>, <c>failed</c> or <c>given_up</c>.</param>
    public void Delivery(string outcome) => _deliveries.Add(1, Tag("outcome", outcome));

    /// <param name="queue">The queue it came from.</param>
    public void Poisoned(string queue) => _poisoned.Add(1, Tag("queue", queue));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
