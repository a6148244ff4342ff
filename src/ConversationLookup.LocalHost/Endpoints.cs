using ConversationLookup.Conversations;
using ConversationLookup.Definition;
using ConversationLookup.Health;
using ConversationLookup.LocalHost.Reference;
using ConversationLookup.Problems;
using ConversationLookup.Subscriptions;
using ConversationLookup.Webhooks;

namespace ConversationLookup.LocalHost;

/// <summary>The routes on Kestrel. The Functions adapter must have the same; a test compares the two.</summary>
internal static class Endpoints
{
    /// <summary>Maps every route of the app.</summary>
    public static void MapConversationLookup(this WebApplication app)
    {
        var api = app.MapGroup(Routes.Prefix);

        api.MapGet(Routes.Conversation, (string id, HttpRequest request, ConversationHandlers handlers, CancellationToken cancellationToken) =>
            handlers.GetAsync(request, id, cancellationToken)).Describe<ConversationSummary>("GetConversation", withFields: true).RequireFunctionKey();

        api.MapGet(Routes.Conversations, (HttpRequest request, ConversationHandlers handlers, CancellationToken cancellationToken) =>
            handlers.FindAsync(request, cancellationToken)).Describe<ConversationPage>("FindConversations", withFields: true).RequireFunctionKey();

        api.MapGet(Routes.Messages, (string id, HttpRequest request, ConversationHandlers handlers, CancellationToken cancellationToken) =>
            handlers.GetMessagesAsync(request, id, cancellationToken)).Describe<MessagePage>("ListMessages").RequireFunctionKey();

        api.MapPost(Routes.Subscriptions, (HttpRequest request, SubscriptionHandlers handlers, CancellationToken cancellationToken) =>
            handlers.CreateAsync(request, cancellationToken)).Describe<SubscriptionBody>("WhenAMessageIsReceived").RequireFunctionKey();

        api.MapDelete(Routes.Subscription, (string id, HttpRequest request, SubscriptionHandlers handlers, CancellationToken cancellationToken) =>
            handlers.DeleteAsync(request, id, cancellationToken)).Describe<SubscriptionBody>("DeleteSubscription");

        api.MapGet(Routes.Events, (HttpRequest request, SubscriptionHandlers handlers, CancellationToken cancellationToken) =>
            handlers.ListEventsAsync(request, cancellationToken)).Describe<EventList>("ListEvents").RequireFunctionKey();

        api.MapGet(Routes.Definition, (HttpRequest request, DefinitionHandlers handlers, CancellationToken cancellationToken) =>
            handlers.GetAsync(request, cancellationToken))
            .WithTags("Operation").WithSummary("Get the connector's definition").WithDescription("Swagger 2.0 with this app's own address, for \"import from URL\".");

        api.MapPost(Routes.Webhook, (HttpRequest request, WebhookHandlers handlers, CancellationToken cancellationToken) =>
            handlers.ReceiveAsync(request, cancellationToken))
            .WithTags("Operation").WithSummary("Receive an event of Wassist").WithDescription("Wassist calls this, with a signature in `X-Wassist-Signature`.")
            .Produces<WebhookReceipt>(StatusCodes.Status202Accepted).Produces<WebhookReceipt>().Produces<ProblemBody>(StatusCodes.Status401Unauthorized, "application/problem+json");

        api.MapGet(Routes.Health, (HttpRequest request, HealthHandlers handlers, CancellationToken cancellationToken) =>
            handlers.GetAsync(request, cancellationToken))
            .WithTags("Operation").WithSummary("Get health").WithDescription("200, or 503 with what is wrong. It makes no call to Wassist.")
            .Produces<HealthBody>().Produces<HealthBody>(StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>Gives an unknown route or a wrong method, which reach no handler, a problem as their body.</summary>
    public static void UseProblemsForStatusCodes(this WebApplication app) =>
        app.UseStatusCodePages(context =>
        {
            var problem = context.HttpContext.Response.StatusCode switch
            {
                StatusCodes.Status404NotFound => Catalogue.RouteNotFound(),
                StatusCodes.Status405MethodNotAllowed => Catalogue.MethodNotAllowed(),
                var status => Catalogue.RefusedByServer(status),
            };
            return new ProblemResult(problem, context.HttpContext.TraceIdOf()).ExecuteAsync(context.HttpContext);
        });
}
