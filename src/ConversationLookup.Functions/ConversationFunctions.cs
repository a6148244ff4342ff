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

    /// <summary>Finds conversations.</summary>
    [Function(nameof(FindConversations))]
    public Task<IResult> FindConversations(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = Routes.Conversations)] HttpRequest request,
        CancellationToken cancellationToken) => handlers.FindAsync(request, cancellationToken);

    /// <summary>Lists what was written in one conversation.</summary>
    [Function(nameof(ListMessages))]
    public Task<IResult> ListMessages(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = Routes.Messages)] HttpRequest request,
        string id,
        CancellationToken cancellationToken) => handlers.GetMessagesAsync(request, id, cancellationToken);
}
