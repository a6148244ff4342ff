using OpenTelemetry;
using OpenTelemetry.Trace;

namespace ConversationLookup.LocalHost;

/// <summary>A span for each request, which the Functions host makes itself.</summary>
public static class RequestSpans
{
    public static void AddRequestSpans(this IOpenTelemetryBuilder telemetry) => telemetry.WithTracing(traces => traces.AddAspNetCoreInstrumentation(requests =>
        requests.EnrichWithHttpResponse = (span, _) =>
        {
            // The path of a subscription is a capability, and a query has phone numbers.
            span.SetTag("url.path", span.GetTagItem("http.route") is string route ? $"/{route.TrimStart('/')}" : null);
            span.SetTag("url.query", null);
        }));
}
