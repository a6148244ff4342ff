using ConversationLookup.Definition;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace ConversationLookup.Functions;

/// <summary>The triggers of those who import the connector.</summary>
public sealed class DefinitionFunctions(DefinitionHandlers handlers)
{
    /// <summary>Gives the connector's definition.</summary>
    [Function(nameof(GetDefinition))]
    public Task<IResult> GetDefinition(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Routes.Definition)] HttpRequest request,
        CancellationToken cancellationToken) => handlers.GetAsync(request, cancellationToken);
}
