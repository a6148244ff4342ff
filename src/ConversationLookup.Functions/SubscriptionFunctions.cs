using ConversationLookup.Subscriptions;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace ConversationLookup.Functions;

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
