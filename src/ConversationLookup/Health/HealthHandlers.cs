using System.ComponentModel;
using System.Text.Json.Serialization;
using ConversationLookup.Http;
using ConversationLookup.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ConversationLookup.Health;

/// <summary>The HTTP side of the health checks, the same for every host.</summary>
public sealed class HealthHandlers(HealthCheckService checks, HybridCache cache, ProblemBoundary boundary)
{
    private static readonly HybridCacheEntryOptions FewSeconds = new()
    {
        LocalCacheExpiration = TimeSpan.FromSeconds(5),
        Flags = HybridCacheEntryFlags.DisableDistributedCache, // it is about this instance
    };

    /// <summary>
    /// <c>GET</c> or <c>HEAD health</c>: 200 while the app can do its work, 503 with what is wrong when it cannot. Kept for 5 seconds, so that a
    /// probe costs nothing; never calls Wassist; holds no secret. Never throws.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait when the host stops.</param>
    public Task<IResult> GetAsync(HttpRequest request, CancellationToken cancellationToken) =>
        boundary.AnswerAsync("get_health", request, GetHealthAsync, cancellationToken);

    private async Task<IResult> GetHealthAsync(CancellationToken cancellationToken)
    {
        var body = await cache.GetOrCreateAsync(
            "health",
            checks,
            static async (checks, cancellationToken) => HealthBody.From(await checks.CheckHealthAsync(cancellationToken)),
            FewSeconds,
            cancellationToken: cancellationToken);
        return body.ToResult();
    }
}

/// <summary>The answer of <c>GET health</c>.</summary>
/// <param name="Status"><c>healthy</c>; <c>degraded</c>, which still works; or <c>unhealthy</c>.</param>
/// <param name="Checks">Each check by name, always all of them.</param>
[ImmutableObject(true)]
public sealed record HealthBody(string Status, IReadOnlyList<HealthCheckBody> Checks)
{
    public static HealthBody From(HealthReport report) => new(
        Name(report.Status),
        [.. report.Entries.Select(entry => new HealthCheckBody(entry.Key, Name(entry.Value.Status), entry.Value.Description ?? ""))]);

    /// <summary>An app that cannot run with its settings.</summary>
    public static HealthBody WrongSettings(IReadOnlyList<string> faults) =>
        new("unhealthy", [new HealthCheckBody("settings", "unhealthy", string.Join(' ', faults))]);

    /// <summary>200, or 503 where the app cannot do its work.</summary>
    public IResult ToResult() => JsonResult.From(Status == "unhealthy" ? 503 : 200, this, HealthJson.Payload.HealthBody);

    private static string Name(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}

/// <summary>One check: what it looks at, how it stands, what to do.</summary>
public sealed record HealthCheckBody(string Name, string Status, string Detail);

/// <summary>What the health route answers.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(HealthBody))]
public sealed partial class HealthJson : JsonSerializerContext
{
    public static HealthJson Payload { get; } = new(PayloadJson.Options());
}
