using ConversationLookup.Problems;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ConversationLookup.Health;

/// <summary>Whether there is an API key to look conversations up with.</summary>
public sealed class ApiKeyCheck(WassistSecrets secrets) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await secrets.ApiKey.GetAsync(cancellationToken);
            return secrets.ApiKey.LastFailure is { } failure
                ? HealthCheckResult.Degraded($"The last good API key is in use, because it could not be read again. {failure.Detail}")
                : HealthCheckResult.Healthy("The API key was read.");
        }
        catch (ProblemException exception)
        {
            return HealthCheckResult.Unhealthy(exception.Problem.Detail);
        }
    }
}
