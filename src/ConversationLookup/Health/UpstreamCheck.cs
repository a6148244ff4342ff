using ConversationLookup.Wassist;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ConversationLookup.Health;

/// <summary>Whether calls to Wassist are let through. It makes none itself: it asks the circuit breaker.</summary>
public sealed class UpstreamCheck(WassistPipeline pipeline) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(pipeline.IsPaused
            ? HealthCheckResult.Degraded("Lookups are paused for some seconds at a time, because nearly every call to Wassist fails.")
            : HealthCheckResult.Healthy("The address of Wassist is set, and calls are let through."));
}
