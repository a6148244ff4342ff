using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Telemetry;

/// <summary>
/// Application Insights on a real HTTPS socket, as its exporter sees it: takes lines of JSON with the token of the app's identity, and
/// keeps them.
/// </summary>
internal sealed class ApplicationInsightsStandIn : IAsyncDisposable
{
    private const string Token = "monitor-token-do-not-leak";

    private readonly LocalServer _ingestion;
    private readonly ManagedIdentity _identity;

    private ApplicationInsightsStandIn(LocalServer ingestion, ManagedIdentity identity) => (_ingestion, _identity) = (ingestion, identity);

    /// <summary>The settings that <c>infra/modules/app.bicep</c> makes, and what Azure adds to them.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>(_identity.Environment)
    {
        ["APPLICATIONINSIGHTS_CONNECTION_STRING"] =
            $"InstrumentationKey=00000000-0000-4000-8000-000000000000;IngestionEndpoint={_ingestion.Url}/;LiveEndpoint={_ingestion.Url}/",
        ["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"] = $"ClientId={ManagedIdentity.ClientId};Authorization=AAD",
        ["APPLICATIONINSIGHTS_STATSBEAT_DISABLED"] = "true", // the exporter's own numbers go elsewhere
    };

    /// <summary>Every line that came with the right token.</summary>
    public ConcurrentQueue<string> Lines { get; } = [];

    /// <summary>What tokens the app asked for.</summary>
    public IReadOnlyCollection<string> TokensAsked => _identity.Asked;

    /// <summary>What the lines hold.</summary>
    public IReadOnlyList<InsightsItem> Items => [.. Lines.Select(line => InsightsItem.From(JsonDocument.Parse(line).RootElement))];

    public static async Task<ApplicationInsightsStandIn> StartAsync()
    {
        ApplicationInsightsStandIn? standIn = null;
        var ingestion = await LocalServer.StartAsync(context => standIn!.TakeAsync(context), https: true);
        return standIn = new ApplicationInsightsStandIn(ingestion, await ManagedIdentity.StartAsync(Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _ingestion.DisposeAsync();
        await _identity.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        if (context.Request.Path != "/v2.1/track")
            return; // live metrics: nobody watches
        if (context.Request.Headers.Authorization != $"Bearer {Token}")
        {
            context.Response.StatusCode = 401;
            return;
        }

        await using var unzipped = new GZipStream(context.Request.Body, CompressionMode.Decompress);
        using var reader = new StreamReader(context.Request.Headers.ContentEncoding == "gzip" ? unzipped : context.Request.Body);
        var lines = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var line in lines)
            Lines.Enqueue(line);
        await context.Response.WriteAsync($$"""{"itemsReceived":{{lines.Length}},"itemsAccepted":{{lines.Length}},"errors":[]}""");
    }
}

/// <param name="Type"><c>RequestData</c>, <c>RemoteDependencyData</c>, <c>MetricData</c> or <c>MessageData</c>.</param>
/// <param name="OperationId">The trace's id, or nothing.</param>
/// <param name="Data">What there is to say.</param>
internal sealed record InsightsItem(string Type, string OperationId, JsonElement Data)
{
    public string Name => Data.GetProperty("name").GetString()!;

    public static InsightsItem From(JsonElement line) => new(
        line.GetProperty("data").GetProperty("baseType").GetString()!,
        line.GetProperty("tags").TryGetProperty("ai.operation.id", out var id) ? id.GetString()! : "",
        line.GetProperty("data").GetProperty("baseData"));

    /// <summary>A metric as the workbook's queries see it: <c>name{property=value,…}</c>.</summary>
    public string Metric => $"{Data.GetProperty("metrics")[0].GetProperty("name").GetString()}{{{(Data.TryGetProperty("properties", out var properties)
        ? string.Join(',', properties.EnumerateObject().Select(property => $"{property.Name}={property.Value}").Order(StringComparer.Ordinal))
        : "")}}}";
}
