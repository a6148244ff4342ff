using System.Diagnostics;

namespace ConversationLookup.Telemetry;

/// <summary>
/// The app's spans, from the trigger through Wassist to the flow. They hold names from this code, ids of conversations and
/// deliveries, and codes; never a phone number, a name, a text, a key or a callback URL.
/// </summary>
public static class Tracing
{
    /// <summary>The source's name, for the exporter.</summary>
    public const string SourceName = "ConversationLookup";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether anybody takes spans. Where nobody does, none is made, and none of a request's own is carried on.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>A call to Wassist with its tries, waits and key reads.</summary>
    public static Activity? Ask(string operation) => Source.StartActivity($"wassist {operation}");

    /// <summary>What an AI agent has done, with everything it takes.</summary>
    /// <remarks>https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/</remarks>
    public static Activity? CallTool(string tool) => Source.StartActivity($"tools/call {tool}")?.SetTag("mcp.method.name", "tools/call").SetTag("gen_ai.tool.name", tool);

    /// <summary>Getting a file of a message up to its beginning.</summary>
    public static Activity? FetchFile() => Source.StartActivity("fetch file");

    /// <summary>Putting a message onto a queue.</summary>
    /// <remarks>https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/</remarks>
    public static Activity? Send(string queue) => WithQueue(Source.StartActivity($"send {queue}", ActivityKind.Producer), "send", queue);

    /// <summary>
    /// Handling a message. The parent is the span that sent it, so that an event is one trace from Wassist to the flow; a link leads to
    /// the host's own span.
    /// </summary>
    /// <param name="queue">Its queue.</param>
    /// <param name="traceParent">What <see cref="Send"/> left in the message: W3C, or null.</param>
    public static Activity? Process(string queue, string? traceParent)
    {
        var sent = ActivityContext.TryParse(traceParent, traceState: null, isRemote: true, out var context);
        ActivityLink[] links = sent && Activity.Current is { } host ? [new ActivityLink(host.Context)] : [];
        return WithQueue(Source.StartActivity($"process {queue}", ActivityKind.Consumer, context, links: links), "process", queue);
    }

    /// <summary>Notes on a span what became of it.</summary>
    /// <param name="span">The current one.</param>
    /// <param name="outcome"><c>ok</c>, a problem's code, or another word of this code.</param>
    /// <param name="failed">Whether an operator may want to know.</param>
    public static void SetOutcome(this Activity? span, string outcome, bool failed)
    {
        if (span is null || !IsOn)
            return;
        span.SetTag("conversation_lookup.outcome", outcome);
        if (failed)
            span.SetStatus(ActivityStatusCode.Error, outcome);
    }

    /// <param name="span">The current one.</param>
    /// <param name="conversationId">A UUID.</param>
    public static void SetConversation(this Activity? span, Guid? conversationId) => span?.SetTag("conversation_lookup.conversation_id", conversationId?.ToString("D"));

    /// <param name="span">The current one.</param>
    /// <param name="deliveryId">Wassist's.</param>
    public static void SetDelivery(this Activity? span, string deliveryId) => span?.SetTag("conversation_lookup.delivery_id", deliveryId);

    private static Activity? WithQueue(Activity? span, string operation, string queue) => span?
        .SetTag("messaging.system", "azqueues")
        .SetTag("messaging.operation.type", operation)
        .SetTag("messaging.destination.name", queue);
}

/// <summary>
/// A request that traces have a span of. No other one has: polling a queue is not worth one, and the addresses of storage are
/// capabilities.
/// </summary>
/// <param name="method">The verb.</param>
/// <param name="address">Where to.</param>
/// <param name="shown">How much of the address a span may show.</param>
public sealed class TracedRequest(HttpMethod method, Uri address, UriPartial shown) : HttpRequestMessage(method, address)
{
    public string ShownAddress => RequestUri!.GetLeftPart(shown);
}
