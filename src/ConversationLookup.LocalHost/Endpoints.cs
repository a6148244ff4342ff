using ConversationLookup.Actions;
using ConversationLookup.Agents;
using ConversationLookup.Conversations;
using ConversationLookup.Definition;
using ConversationLookup.Files;
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
        app.Map<ConversationHandlers>("GET", Routes.Conversation, handlers => WithId(handlers.GetAsync)).RequireFunctionKey();
        app.Map<ConversationHandlers>("GET", Routes.Conversations, handlers => handlers.FindAsync).RequireFunctionKey();
        app.Map<ConversationHandlers>("GET", Routes.Messages, handlers => WithId(handlers.GetMessagesAsync)).RequireFunctionKey();
        app.Map<FileHandlers>("GET", Routes.File, handlers => RouteValues.Bind("id", "messageId", handlers.GetAsync)).RequireFunctionKey();
        app.Map<ActionHandlers>("POST", Routes.Messages, handlers => WithId(handlers.SendMessageAsync)).RequireFunctionKey();
        app.Map<ActionHandlers>("POST", Routes.Template, handlers => WithId(handlers.SendTemplateAsync)).RequireFunctionKey();
        app.Map<ActionHandlers>("POST", Routes.Prompt, handlers => WithId(handlers.PromptAgentAsync)).RequireFunctionKey();
        app.Map<ActionHandlers>("POST", Routes.TakeOver, handlers => WithId(handlers.TakeOverAsync)).RequireFunctionKey();
        app.Map<ActionHandlers>("POST", Routes.HandBack, handlers => WithId(handlers.HandBackAsync)).RequireFunctionKey();
        app.Map<ActionHandlers>("POST", Routes.Read, handlers => WithId(handlers.MarkReadAsync)).RequireFunctionKey();
        app.Map<ActionHandlers>("POST", Routes.Typing, handlers => WithId(handlers.ShowTypingAsync)).RequireFunctionKey();
        app.Map<ActionHandlers>("POST", Routes.Conversations, handlers => handlers.StartConversationAsync).RequireFunctionKey();
        app.Map<PickerHandlers>("GET", Routes.Agents, handlers => handlers.ListAgentsAsync).RequireFunctionKey();
        app.Map<PickerHandlers>("GET", Routes.BusinessNumbers, handlers => handlers.ListBusinessNumbersAsync).RequireFunctionKey();
        app.Map<PickerHandlers>("GET", Routes.Templates, handlers => handlers.ListTemplatesAsync).RequireFunctionKey();
        app.Map<PickerHandlers>("GET", Routes.TemplateSchema, handlers => RouteValues.Bind("name", handlers.GetTemplateSchemaAsync)).RequireFunctionKey();
        app.Map<McpHandlers>("POST, GET, DELETE", Routes.Mcp, handlers => handlers.HandleAsync)
            .WithSummary("Call a tool").WithDescription("For AI agents: messages of the Model Context Protocol. *List agents* is one of the tools; `tools/list` has the others.")
            .WithMetadata(new FunctionKey.NotForOtherSites())
            .RequireFunctionKey();
        app.Map<SubscriptionHandlers>("POST", Routes.Subscriptions, handlers => handlers.CreateAsync).RequireFunctionKey();
        app.Map<SubscriptionHandlers>("DELETE", Routes.Subscription, handlers => WithId(handlers.DeleteAsync));
        app.Map<SubscriptionHandlers>("GET", Routes.Events, handlers => handlers.ListEventsAsync).RequireFunctionKey();
        app.Map<DefinitionHandlers>("GET", Routes.Definition, handlers => handlers.GetAsync)
            .WithSummary("Get the connector's definition").WithDescription("Swagger 2.0 with this app's own address, for \"import from URL\".");
        app.Map<WebhookHandlers>("POST", Routes.Webhook, handlers => handlers.ReceiveAsync)
            .WithSummary("Receive an event of Wassist").WithDescription("Wassist calls this. The example is answered 401, because only Wassist and the sample have the secret to sign it with.");
        app.Map<HealthHandlers>("GET, HEAD", Routes.Health, handlers => handlers.GetAsync)
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

    /// <summary>The handler is made at the first request, not while routes are mapped: its settings are validated in between.</summary>
    private static IEndpointConventionBuilder Map<THandlers>(
        this WebApplication app, string methods, string route, Func<THandlers, Func<HttpRequest, CancellationToken, Task<IResult>>> choose)
        where THandlers : class
    {
        Func<HttpRequest, CancellationToken, Task<IResult>>? handle = null;
        return app.MapMethods($"{Routes.Prefix}/{route}", methods.Split(", "), async context =>
        {
            handle ??= choose(app.Services.GetRequiredService<THandlers>());
            var result = await handle(context.Request, context.RequestAborted);
            await result.ExecuteAsync(context);
        });
    }

    private static Func<HttpRequest, CancellationToken, Task<IResult>> WithId(Func<HttpRequest, string, CancellationToken, Task<IResult>> handle) => RouteValues.Bind("id", handle);
}
