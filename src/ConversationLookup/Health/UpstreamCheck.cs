using Microsoft.Extensions.Diagnostics.HealthChecks;
using Polly.CircuitBreaker;

namespace ConversationLookup.Health;

/// <summary>Whether calls to Wassist are let through. It makes none itself: it asks the circuit breaker.</summary>
internal sealed class UpstreamCheck(CircuitBreakerStateProvider circuit) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(circuit.CircuitState is CircuitState.Open or CircuitState.HalfOpen
            ? HealthCheckResult.Degraded("Lookups are paused for some seconds at a time, because nearly every call to Wassist fails.")
            : HealthCheckResult.Healthy("The address of Wassist is set, and calls are let through."));
}
