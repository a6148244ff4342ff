using System.Diagnostics.Metrics;

namespace ConversationLookup.Telemetry;

/// <summary>The numbers an operator watches. Tags hold names from this code only, never a caller's or an upstream's text.</summary>
public sealed class LookupMetrics
{
    /// <summary>The meter's name, for the exporter.</summary>
    public const string MeterName = "ConversationLookup";

    private readonly Counter<long> _answers;
    private readonly Counter<long> _lookups;
    private readonly Histogram<double> _upstream;
    private readonly Counter<long> _unknownShapes;
    private readonly Counter<long> _secretReads;
    private readonly Counter<long> _events;
    private readonly Counter<long> _signatures;
    private readonly Counter<long> _deliveries;
    private readonly Counter<long> _actions;
    private readonly Counter<long> _poisoned;
    private readonly Counter<long> _contentsLost;
    private readonly Gauge<long> _poisonKept;
    private readonly Counter<long> _webhookLooks;
    private readonly Counter<long> _replays;

    private readonly Meter _meter;

    public LookupMetrics(IMeterFactory meters)
    {
        var meter = _meter = meters.Create(MeterName);
        _lookups = meter.CreateCounter<long>("conversation_lookup.lookups", "{lookup}", "Lookups, by what was looked up and where the answer came from");
        _upstream = meter.CreateHistogram(
            "conversation_lookup.upstream.duration",
            "s",
            "Calls to Wassist, with their retries, waits and key reads, by operation and outcome",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30] });
        _answers = meter.CreateCounter<long>("conversation_lookup.answers", "{answer}", "Answers to callers, by operation and outcome");
        _unknownShapes = meter.CreateCounter<long>("conversation_lookup.unknown_field_shapes", "{field}", "Upstream fields that could not be read");
        _secretReads = meter.CreateCounter<long>("conversation_lookup.secret_reads", "{read}", "Reads of the vault, by secret and outcome");
        _events = meter.CreateCounter<long>("conversation_lookup.events", "{event}", "Wassist's events, by type and what became of them");
        _signatures = meter.CreateCounter<long>("conversation_lookup.signatures", "{webhook}", "Webhooks, by the result of the signature check");
        _deliveries = meter.CreateCounter<long>("conversation_lookup.deliveries", "{try}", "Delivery attempts to flows, by outcome");
        _actions = meter.CreateCounter<long>("conversation_lookup.actions", "{action}", "Actions on conversations, by action and outcome");
        _poisoned = meter.CreateCounter<long>("conversation_lookup.poisoned", "{message}", "Messages moved to a poison queue, by queue");
        _contentsLost = meter.CreateCounter<long>("conversation_lookup.contents_lost", "{message}", "Large messages whose stored content was missing, by queue");
        _poisonKept = meter.CreateGauge<long>("conversation_lookup.poison_messages", "{message}", "Messages in a poison queue, by queue; counted once a day");
        _webhookLooks = meter.CreateCounter<long>("conversation_lookup.webhook_looks", "{look}", "Looks at the webhook in Wassist, by what was found");
        _replays = meter.CreateCounter<long>("conversation_lookup.replays", "{delivery}", "Failed deliveries of Wassist that it was asked to send again, by outcome");
    }

    /// <param name="operation">What was asked for.</param>
    /// <param name="outcome"><c>ok</c>, the problem's code, or <c>caller_left</c>.</param>
    public void Answer(string operation, string outcome) => _answers.Add(1, Tag("operation", operation), Tag("outcome", outcome));

    /// <param name="kind"><c>conversation</c>, <c>conversations</c> or <c>messages</c>.</param>
    /// <param name="source"><c>upstream</c>: asked for it; <c>shared</c>: joined a question under way; <c>cached</c>: from before.</param>
    public void Lookup(string kind, string source) => _lookups.Add(1, Tag("kind", kind), Tag("source", source));

    /// <param name="operation">What Wassist was asked.</param>
    /// <param name="outcome"><c>ok</c>, the problem's code, or <c>cancelled</c>.</param>
    /// <param name="duration">From the question to the answer.</param>
    public void Upstream(string operation, string outcome, TimeSpan duration) =>
        _upstream.Record(duration.TotalSeconds, Tag("operation", operation), Tag("outcome", outcome));

    /// <summary>Watches how old the secrets at hand are: one that outlives an outage of the vault grows old.</summary>
    /// <param name="ages">For each secret that there is, its setting and the seconds since the vault gave it.</param>
    public void WatchSecrets(Func<IEnumerable<(string Secret, TimeSpan Age)>> ages) => _meter.CreateObservableGauge(
        "conversation_lookup.secret.age",
        () => ages().Select(secret => new Measurement<double>(secret.Age.TotalSeconds, Tag("secret", secret.Secret))),
        "s",
        "Time since the secret was last read");

    /// <param name="field">The field's path in the upstream's body.</param>
    public void UnknownShape(string field) => _unknownShapes.Add(1, Tag("field", field));

    /// <param name="secret">The secret's setting, not its value.</param>
    /// <param name="outcome"><c>ok</c> or <c>failed</c>.</param>
    public void SecretRead(string secret, string outcome) => _secretReads.Add(1, Tag("secret", secret), Tag("outcome", outcome));

    /// <param name="type">A known type of event, or <c>other</c>: a sender's text is no tag.</param>
    /// <param name="outcome"><c>queued</c>, <c>ignored</c>, <c>unreadable</c>, <c>duplicate</c>, <c>nobody_subscribed</c>, <c>waiting</c>, or a lookup's outcome.</param>
    public void Event(string type, string outcome) => _events.Add(1, Tag("type", type), Tag("outcome", outcome));

    /// <param name="outcome">
    /// <c>valid</c>; <c>missing</c>, <c>malformed</c> or <c>stale</c>, which no secret would make valid; or <c>unknown</c>: not made with the
    /// secret in the vault.
    /// </param>
    public void Signature(string outcome) => _signatures.Add(1, Tag("outcome", outcome));

    /// <param name="outcome"><c>delivered</c>, <c>duplicate</c>, <c>flow_gone</c>, <c>unsubscribed</c>, <c>waiting</c>, <c>failed</c> or <c>given_up</c>.</param>
    public void Delivery(string outcome) => _deliveries.Add(1, Tag("outcome", outcome));

    /// <param name="action">A <c>ConversationAction</c>.</param>
    /// <param name="outcome"><c>sent</c>, <c>confirmed</c> by reading, <c>replayed</c> from memory, or the problem's code.</param>
    public void Action(string action, string outcome) => _actions.Add(1, Tag("action", action), Tag("outcome", outcome));

    /// <param name="queue">The queue it came from.</param>
    public void Poisoned(string queue) => _poisoned.Add(1, Tag("queue", queue));

    /// <param name="queue">The queue it is on.</param>
    public void ContentLost(string queue) => _contentsLost.Add(1, Tag("queue", queue));

    /// <param name="queue">The queue they came from.</param>
    /// <param name="messages">How many are there now.</param>
    public void PoisonKept(string queue, long messages) => _poisonKept.Record(messages, Tag("queue", queue));

    /// <param name="outcome">One of <c>WebhookOutcomes</c>.</param>
    public void WebhookLook(string outcome) => _webhookLooks.Add(1, Tag("outcome", outcome));

    /// <param name="outcome"><c>replayed</c>, <c>refused</c>, or <c>unknown</c>: Wassist's answer was lost.</param>
    public void Replay(string outcome) => _replays.Add(1, Tag("outcome", outcome));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
