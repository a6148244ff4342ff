using ConversationLookup.Problems;
using ConversationLookup.Storage;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ConversationLookup.Health;

/// <summary>Whether webhooks can become triggers: storage, the signing secret, and nothing that waits in a poison queue.</summary>
public sealed class StorageCheck(AppStorage storage, WassistSecrets secrets) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!storage.IsConfigured)
            return HealthCheckResult.Healthy("'AzureWebJobsStorage' is not set: lookups work, webhooks and subscriptions are off.");
        try
        {
            await secrets.WebhookSecret.GetAsync(cancellationToken);
            var poison = (await storage.CountPoisonAsync(cancellationToken)).Where(kept => kept.Messages > 0)
                .Select(kept => $"{kept.Messages} in '{kept.Queue}{AppStorage.PoisonSuffix}'").ToList();
            return poison.Count == 0
                ? HealthCheckResult.Healthy("Webhooks are taken and passed on.")
                : HealthCheckResult.Degraded($"Messages that could not be handled are kept for 7 days: {string.Join(", ", poison)}. The log says why; moved back to the queue of the same name without '{AppStorage.PoisonSuffix}', they are tried again.");
        }
        catch (ProblemException exception) when (exception.Problem.Code == ProblemCodes.StorageUnavailable)
        {
            return HealthCheckResult.Unhealthy(exception.Problem.Detail);
        }
        catch (ProblemException exception)
        {
            return HealthCheckResult.Degraded($"Webhooks cannot be verified. {exception.Problem.Detail}");
        }
    }
}
