using ConversationLookup.Actions;
using ConversationLookup.Agents;
using ConversationLookup.Conversations;
using ConversationLookup.Definition;
using ConversationLookup.Files;
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

/// <summary>The trigger of files.</summary>
public sealed class FileFunctions(FileHandlers handlers)
{
    /// <summary>Gets a file of a message.</summary>
    [Function(nameof(GetFile))]
    public Task<IResult> GetFile(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = Routes.File)] HttpRequest request,
        string id,
        string messageId,
        CancellationToken cancellationToken) => handlers.GetAsync(request, id, messageId, cancellationToken);
}

/// <summary>The triggers of what flows do to conversations.</summary>
public sealed class ActionFunctions(ActionHandlers handlers)
{
    /// <summary>Sends a message.</summary>
    [Function(nameof(SendMessage))]
    public Task<IResult> SendMessage(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.Messages)] HttpRequest request,
        string id,
        CancellationToken cancellationToken) => handlers.SendMessageAsync(request, id, cancellationToken);

    /// <summary>Sends a template.</summary>
    [Function(nameof(SendTemplate))]
    public Task<IResult> SendTemplate(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.Template)] HttpRequest request,
        string id,
        CancellationToken cancellationToken) => handlers.SendTemplateAsync(request, id, cancellationToken);

    /// <summary>Prompts the agent.</summary>
    [Function(nameof(PromptAgent))]
    public Task<IResult> PromptAgent(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.Prompt)] HttpRequest request,
        string id,
        CancellationToken cancellationToken) => handlers.PromptAgentAsync(request, id, cancellationToken);

    /// <summary>Has a person answer.</summary>
    [Function(nameof(TakeOver))]
    public Task<IResult> TakeOver(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.TakeOver)] HttpRequest request,
        string id,
        CancellationToken cancellationToken) => handlers.TakeOverAsync(request, id, cancellationToken);

    /// <summary>Has the agent answer again.</summary>
    [Function(nameof(HandBack))]
    public Task<IResult> HandBack(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.HandBack)] HttpRequest request,
        string id,
        CancellationToken cancellationToken) => handlers.HandBackAsync(request, id, cancellationToken);

    /// <summary>Marks the conversation as read.</summary>
    [Function(nameof(MarkRead))]
    public Task<IResult> MarkRead(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.Read)] HttpRequest request,
        string id,
        CancellationToken cancellationToken) => handlers.MarkReadAsync(request, id, cancellationToken);

    /// <summary>Shows that somebody writes.</summary>
    [Function(nameof(ShowTyping))]
    public Task<IResult> ShowTyping(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.Typing)] HttpRequest request,
        string id,
        CancellationToken cancellationToken) => handlers.ShowTypingAsync(request, id, cancellationToken);

    /// <summary>Starts a conversation.</summary>
    [Function(nameof(StartConversation))]
    public Task<IResult> StartConversation(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.Conversations)] HttpRequest request,
        CancellationToken cancellationToken) => handlers.StartConversationAsync(request, cancellationToken);
}

/// <summary>The triggers of what makers pick from.</summary>
public sealed class PickerFunctions(PickerHandlers handlers)
{
    /// <summary>Lists agents.</summary>
    [Function(nameof(ListAgents))]
    public Task<IResult> ListAgents(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = Routes.Agents)] HttpRequest request,
        CancellationToken cancellationToken) => handlers.ListAgentsAsync(request, cancellationToken);

    /// <summary>Lists the business's numbers.</summary>
    [Function(nameof(ListBusinessNumbers))]
    public Task<IResult> ListBusinessNumbers(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = Routes.BusinessNumbers)] HttpRequest request,
        CancellationToken cancellationToken) => handlers.ListBusinessNumbersAsync(request, cancellationToken);

    /// <summary>Lists templates.</summary>
    [Function(nameof(ListTemplates))]
    public Task<IResult> ListTemplates(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = Routes.Templates)] HttpRequest request,
        CancellationToken cancellationToken) => handlers.ListTemplatesAsync(request, cancellationToken);

    /// <summary>Says what a template needs.</summary>
    [Function(nameof(GetTemplateSchema))]
    public Task<IResult> GetTemplateSchema(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = Routes.TemplateSchema)] HttpRequest request,
        string name,
        CancellationToken cancellationToken) => handlers.GetTemplateSchemaAsync(request, name, cancellationToken);
}

/// <summary>The trigger of AI agents.</summary>
public sealed class AgentFunctions(McpHandlers handlers)
{
    /// <summary>Answers a message of the Model Context Protocol. What is refused is refused in its way, where the host would say 404.</summary>
    [Function(nameof(AnswerAgent))]
    public Task<IResult> AnswerAgent(
        [HttpTrigger(AuthorizationLevel.Function, "post", "get", "delete", Route = Routes.Mcp)] HttpRequest request,
        CancellationToken cancellationToken) => handlers.HandleAsync(request, cancellationToken);
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
