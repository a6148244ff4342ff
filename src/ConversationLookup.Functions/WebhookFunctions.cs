using ConversationLookup.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace ConversationLookup.Functions;

/// <summary>The trigger of Wassist's webhooks.</summary>
public sealed class WebhookFunctions(WebhookHandlers handlers)
{
    /// <summary>Takes a signed event; the signature stands for a key.</summary>
    [Function(nameof(ReceiveEvent))]
    public Task<IResult> ReceiveEvent(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Routes.Webhook)] HttpRequest request,
        CancellationToken cancellationToken) => handlers.ReceiveAsync(request, cancellationToken);
}
