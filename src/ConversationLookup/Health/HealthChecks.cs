using ConversationLookup.Guardian;
using ConversationLookup.Problems;
using ConversationLookup.Redis;
using ConversationLookup.Storage;
using ConversationLookup.Wassist;
using ConversationLookup.Webhooks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

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
                ? HealthCheckResult.Degraded($"The API key could not be read again, so the last good one is in use. {failure.Detail}")
                : HealthCheckResult.Healthy("The API key was read.");
        }
        catch (ProblemException exception)
        {
            return HealthCheckResult.Unhealthy(exception.Problem.Detail);
        }
    }
}

/// <summary>Whether calls to Wassist are let through. It makes none itself: it asks the circuit breaker.</summary>
public sealed class UpstreamCheck(WassistPipeline pipeline) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(pipeline.IsPaused
            ? HealthCheckResult.Degraded("Lookups are paused for a few seconds at a time because nearly every call to Wassist fails.")
            : HealthCheckResult.Healthy("The circuit breaker is closed: calls to Wassist are allowed."));
}

/// <summary>Whether all instances share one budget and one cache, where they are to.</summary>
public sealed class RedisCheck(SharedState shared) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!shared.IsConfigured)
            return HealthCheckResult.Healthy("'ConnectionStrings:Redis' is not set: each instance has its own call budget and its own cache.");
        return await shared.IsAnsweringAsync(cancellationToken)
            ? HealthCheckResult.Healthy("All instances share one call budget and one cache.")
            : HealthCheckResult.Degraded("Redis does not answer. For now, each instance uses its own call budget and its own cache. Check the Redis server and 'ConnectionStrings:Redis'.");
    }
}

/// <summary>Whether webhooks can become triggers: storage, the signing secret, which is Wassist's, and nothing that waits in a poison queue.</summary>
public sealed class StorageCheck(AppStorage storage, WassistSecrets secrets, SignatureWatch signatures, IOptions<WassistOptions> wassist) : IHealthCheck
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
            List<string> concerns = [];
            if (signatures.IsSecretInDoubt)
                concerns.Add($"A webhook was not signed with the secret in use, and no correctly signed webhook has arrived since. If the signing secret was rotated in Wassist, store the new one as '{wassist.Value.WebhookSecretName}' now: Wassist retries each webhook for two minutes. If it was not rotated, somebody is forging webhooks.");
            if (poison.Count > 0)
                concerns.Add($"Messages that could not be processed are kept for 7 days: {string.Join(", ", poison)}. The log says why. To retry them, move them to the queue of the same name without '{AppStorage.PoisonSuffix}'.");
            return concerns.Count == 0
                ? HealthCheckResult.Healthy("Storage and the signing secret are available, and the poison queues are empty.")
                : HealthCheckResult.Degraded(string.Join(' ', concerns));
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

/// <summary>What the guardian found when it last looked, whichever instance that was. It does not look itself.</summary>
public sealed class WebhookCheck(WebhookGuardian guardian, GuardianTable table, AppStorage storage) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!storage.IsConfigured)
            return HealthCheckResult.Healthy("'AzureWebJobsStorage' is not set: webhooks are off.");
        if (!guardian.IsOn)
            return HealthCheckResult.Healthy(WebhookGuardian.NoAddress);
        try
        {
            if (await table.FindAsync(cancellationToken) is not { LookedAt: { } lookedAt } state)
                return HealthCheckResult.Healthy("Nobody has looked at the webhook in Wassist yet. This app does so every five minutes.");
            var detail = $"{state.Told.Detail} Looked at {lookedAt:u}.";
            return state.IsFault ? HealthCheckResult.Degraded(detail) : HealthCheckResult.Healthy(detail);
        }
        catch (ProblemException)
        {
            return HealthCheckResult.Healthy("What was found of the webhook in Wassist cannot be read while storage does not answer."); // 'triggers' says what to do
        }
    }
}
