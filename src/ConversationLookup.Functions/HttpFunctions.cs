using ConversationLookup.Conversations;
using ConversationLookup.Definition;
using ConversationLookup.Health;
using ConversationLookup.Subscriptions;
using ConversationLookup.Webhooks;
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

/// <summary>The triggers of flows that come and go.</summary>
public sealed class SubscriptionFunctions(SubscriptionHandlers handlers)
{
    /// <summary>Subscribes a flow.</summary>
    [Function(nameof(CreateSubscription))]
    public Task<IResult> CreateSubscription(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.Subscriptions)] HttpRequest request,
        CancellationToken cancellationToken) => handlers.CreateAsync(request, cancellationToken);

    /// <summary>Unsubscribes a flow. The platform deletes without a key; the id is one.</summary>
    [Function(nameof(DeleteSubscription))]
    public Task<IResult> DeleteSubscription(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Routes.Subscription)] HttpRequest request,
        string id,
        CancellationToken cancellationToken) => handlers.DeleteAsync(request, id, cancellationToken);

    /// <summary>Lists what a flow can be told about.</summary>
    [Function(nameof(ListEvents))]
    public Task<IResult> ListEvents(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = Routes.Events)] HttpRequest request,
        CancellationToken cancellationToken) => handlers.ListEventsAsync(request, cancellationToken);
}

/// <summary>The trigger of Wassist's webhooks.</summary>
public sealed class WebhookFunctions(WebhookHandlers handlers)
{
    /// <summary>Accepts a signed event. The signature authenticates the sender, so no key is needed.</summary>
    [Function(nameof(ReceiveEvent))]
    public Task<IResult> ReceiveEvent(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Routes.Webhook)] HttpRequest request,
        CancellationToken cancellationToken) => handlers.ReceiveAsync(request, cancellationToken);
}

/// <summary>The triggers of those who import the connector.</summary>
public sealed class DefinitionFunctions(DefinitionHandlers handlers)
{
    /// <summary>Gives the connector's definition.</summary>
    [Function(nameof(GetDefinition))]
    public Task<IResult> GetDefinition(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Routes.Definition)] HttpRequest request,
        CancellationToken cancellationToken) => handlers.GetAsync(request, cancellationToken);
}

/// <summary>The triggers of probes.</summary>
public sealed class HealthFunctions(HealthHandlers handlers)
{
    /// <summary>Says whether the app can do its work; some monitors ask for the status alone.</summary>
    [Function(nameof(GetHealth))]
    public Task<IResult> GetHealth(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Routes.Health)] HttpRequest request,
        CancellationToken cancellationToken) => handlers.GetAsync(request, cancellationToken);
}
