using ConversationLookup.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace ConversationLookup.Functions;

/// <summary>The triggers of probes.</summary>
public sealed class HealthFunctions(HealthHandlers handlers)
{
    /// <summary>Says whether the app can do its work.</summary>
    [Function(nameof(GetHealth))]
    public Task<IResult> GetHealth(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Routes.Health)] HttpRequest request,
        CancellationToken cancellationToken) => handlers.GetAsync(request, cancellationToken);
}
