using System.Diagnostics;
using Azure.Core;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ConversationLookup.Telemetry;

/// <summary>Sends traces, metrics and logs to whoever is set to take them.</summary>
public static class ConversationLookupTelemetry
{
    /// <summary>Application Insights; Azure sets it.</summary>
    public const string ApplicationInsights = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    /// <summary>Says, with <c>Authorization=AAD</c>, that Application Insights wants the app's identity.</summary>
    /// <remarks>https://learn.microsoft.com/azure/azure-functions/functions-app-settings#applicationinsights_authentication_string</remarks>
    public const string ApplicationInsightsIdentity = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    /// <summary>
    /// What part of the traces Application Insights gets: <c>microsoft.fixed_percentage</c>, with 0 to 1 in
    /// <c>OTEL_TRACES_SAMPLER_ARG</c>, keeps or drops a trace as a whole; all of them unless it is set.
    /// </summary>
    /// <remarks>https://learn.microsoft.com/azure/azure-monitor/app/opentelemetry-configuration#enable-sampling</remarks>
    public const string Sampler = "OTEL_TRACES_SAMPLER";

    /// <summary>An OpenTelemetry collector; the other variables of the OTLP exporter count, too.</summary>
    public const string Collector = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>What is wrong with the addresses to send to. No value is repeated.</summary>
    public static IEnumerable<string> Faults(IConfiguration configuration)
    {
        if (configuration[ApplicationInsights] is { } insights && !string.IsNullOrWhiteSpace(insights) && !IsConnectionString(insights))
            yield return $"{ApplicationInsights} must be the connection string of an Application Insights resource, such as InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/.";
        if (configuration[Collector] is { } collector && !string.IsNullOrWhiteSpace(collector) && !IsWebAddress(collector))
            yield return $"{Collector} must be the collector's http or https address, such as http://localhost:4317.";
    }

    /// <summary>Adds what is measured wherever it goes, and has the whole process follow <see cref="TraceParentOnly"/>.</summary>
    public static IServiceCollection AddTracingAndMetrics(this IServiceCollection services)
    {
        // The process's own is what clients take, Azure's too; the web server has one from before, and takes the last registered.
        DistributedContextPropagator.Current = new TraceParentOnly();
        return services
            .AddSingleton(DistributedContextPropagator.Current)
            .AddMetrics()
            .AddSingleton<LookupMetrics>();
    }

    /// <summary>
    /// Adds OpenTelemetry with an exporter for <c>APPLICATIONINSIGHTS_CONNECTION_STRING</c> and one for
    /// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, whichever is set. Where neither is, nothing is measured and nothing costs anything.
    /// </summary>
    /// <param name="configuration">The host's settings, which hold the environment's variables.</param>
    /// <returns>For the host to add its own spans; null when there is nobody to send to.</returns>
    public static IOpenTelemetryBuilder? AddConversationLookupTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var toInsights = !string.IsNullOrWhiteSpace(configuration[ApplicationInsights]);
        var toCollector = !string.IsNullOrWhiteSpace(configuration[Collector]);
        if (!toInsights && !toCollector)
            return null;

        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator()); // its default adds baggage; this one leaves headers to TraceParentOnly
        var name = configuration["OTEL_SERVICE_NAME"] ?? configuration["WEBSITE_SITE_NAME"] ?? "conversation-lookup";
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(name))
            .WithTracing(traces => traces.AddSource(Tracing.SourceName).AddHttpClientInstrumentation(http =>
            {
                http.FilterHttpRequestMessage = request => request is TracedRequest;
                http.EnrichWithHttpRequestMessage = (span, request) => span.SetTag("url.full", ((TracedRequest)request).ShownAddress);
            }))
            .WithMetrics(metrics => metrics.AddMeter(LookupMetrics.MeterName))
            .WithLogging(configureBuilder: null, logs => logs.IncludeFormattedMessage = true);

        // The app's own messages hold no personal data; the frameworks' everyday ones have addresses with phone numbers in them.
        services.AddLogging(logging => logging
            .AddFilter<OpenTelemetryLoggerProvider>(null, LogLevel.Warning)
            .AddFilter<OpenTelemetryLoggerProvider>(nameof(ConversationLookup), LogLevel.Information));

        if (toCollector)
            telemetry.UseOtlpExporter();
        if (toInsights)
            AddApplicationInsights(telemetry, configuration);
        return telemetry;
    }

    private static bool IsConnectionString(string text)
    {
        var parts = text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=', 2)).ToList();
        return parts.All(part => part.Length == 2 && (!part[0].EndsWith("Endpoint", StringComparison.OrdinalIgnoreCase) || IsWebAddress(part[1])))
            && parts.Any(part => part[0].Equals("InstrumentationKey", StringComparison.OrdinalIgnoreCase) && Guid.TryParse(part[1], out _));
    }

    private static bool IsWebAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https");

    private static void AddApplicationInsights(OpenTelemetryBuilder telemetry, IConfiguration configuration)
    {
        telemetry.UseAzureMonitorExporter(monitor =>
        {
            monitor.EnableTraceBasedLogsSampler = false; // a warning counts, also of a trace that is not kept
            // Its own default is 5 traces a second, and it decides anew after each queue: an event's trace would be in pieces.
            if (string.IsNullOrWhiteSpace(configuration[Sampler]))
                monitor.TracesPerSecond = null;
        });
        if (configuration[ApplicationInsightsIdentity]?.Contains("Authorization=AAD", StringComparison.OrdinalIgnoreCase) ?? false)
        {
            telemetry.Services.AddOptions<AzureMonitorExporterOptions>()
                .Configure<TokenCredential>((monitor, credential) => monitor.Credential = credential);
        }
    }
}
