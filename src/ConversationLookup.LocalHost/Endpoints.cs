using ConversationLookup.Conversations;
using ConversationLookup.Definition;
using ConversationLookup.Health;
using ConversationLookup.Http;
using ConversationLookup.Problems;
using ConversationLookup.Subscriptions;
using ConversationLookup.Webhooks;

namespace ConversationLookup.LocalHost;

/// <summary>The routes on Kestrel. The Functions adapter must have the same; a test compares the two.</summary>
public static class Endpoints
{
    /// <summary>Maps every route of the app.</summary>
    public static void MapConversationLookup(this WebApplication app)
    {
        app.Map<ConversationHandlers>("GET", Routes.Conversation, (handlers, request, cancellationToken) =>
            handlers.GetAsync(request, Id(request), cancellationToken)).RequireFunctionKey();

        app.Map<ConversationHandlers>("GET", Routes.Conversations, (handlers, request, cancellationToken) =>
            handlers.FindAsync(request, cancellationToken)).RequireFunctionKey();

        app.Map<ConversationHandlers>("GET", Routes.Messages, (handlers, request, cancellationToken) =>
            handlers.GetMessagesAsync(request, Id(request), cancellationToken)).RequireFunctionKey();

        app.Map<SubscriptionHandlers>("POST", Routes.Subscriptions, (handlers, request, cancellationToken) =>
            handlers.CreateAsync(request, cancellationToken)).RequireFunctionKey();

        app.Map<SubscriptionHandlers>("DELETE", Routes.Subscription, (handlers, request, cancellationToken) =>
            handlers.DeleteAsync(request, Id(request), cancellationToken));

        app.Map<SubscriptionHandlers>("GET", Routes.Events, (handlers, request, cancellationToken) =>
            handlers.ListEventsAsync(request, cancellationToken)).RequireFunctionKey();

        app.Map<DefinitionHandlers>("GET", Routes.Definition, (handlers, request, cancellationToken) =>
            handlers.GetAsync(request, cancellationToken))
            .WithSummary("Get the connector's definition").WithDescription("Swagger 2.0 with this app's own address, for \"import from URL\".");

        app.Map<WebhookHandlers>("POST", Routes.Webhook, (handlers, request, cancellationToken) =>
            handlers.ReceiveAsync(request, cancellationToken))
            .WithSummary("Receive an event of Wassist").WithDescription("Wassist calls this, with a signature in `X-Wassist-Signature`.");

        app.Map<HealthHandlers>("GET", Routes.Health, (handlers, request, cancellationToken) =>
            handlers.GetAsync(request, cancellationToken))
            .WithSummary("Get health").WithDescription("200, or 503 with what is wrong. It makes no call to Wassist.");
    }

    /// <summary>Gives an unknown route or a wrong method, which reach no handler, a problem as their body.</summary>
    public static void UseProblemsForStatusCodes(this WebApplication app) => app.UseWhen(
        context => context.GetEndpoint() is not RouteEndpoint, // the framework's own for a wrong method is none
        unhandled => unhandled.UseStatusCodePages(context =>
        {
            var problem = context.HttpContext.Response.StatusCode switch
            {
                StatusCodes.Status404NotFound => Catalogue.RouteNotFound(),
                StatusCodes.Status405MethodNotAllowed => Catalogue.MethodNotAllowed(),
                var status => Catalogue.RefusedByServer(status),
            };
            return new ProblemResult(problem, context.HttpContext.TraceIdOf()).ExecuteAsync(context.HttpContext);
        }));

    /// <summary>A handler is asked for at the first request, not at start: its settings are validated in between.</summary>
    private static IEndpointConventionBuilder Map<THandlers>(
        this WebApplication app, string method, string route, Func<THandlers, HttpRequest, CancellationToken, Task<IResult>> handle)
        where THandlers : class =>
        app.MapMethods($"{Routes.Prefix}/{route}", [method], async context =>
        {
            var result = await handle(app.Services.GetRequiredService<THandlers>(), context.Request, context.RequestAborted);
            await result.ExecuteAsync(context);
        });

    private static string Id(HttpRequest request) => (string)request.RouteValues["id"]!;
}
