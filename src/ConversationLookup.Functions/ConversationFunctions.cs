using ConversationLookup.Conversations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace ConversationLookup.Functions;

/// <summary>The triggers of lookups.</summary>
public sealed class ConversationFunctions(ConversationHandlers handlers)
{
    /// <summary>Looks one conversation up.</summary>
    [Function(nameof(GetConversation))]
    public Task<IResult> GetConversation(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = Routes.Conversation)] HttpRequest request,
        string id,
        CancellationToken cancellationToken) => handlers.GetAsync(request, id, cancellationToken);
}
