namespace ConversationLookup;

/// <summary>Every route template once, relative to <see cref="Prefix"/>.</summary>
public static class Routes
{
    /// <summary>The Functions host's default <c>extensions.http.routePrefix</c>; the local host uses the same.</summary>
    public const string Prefix = "api";

    /// <summary>GET: one conversation, looked up and trimmed.</summary>
    public const string Conversation = "conversations/{id}";

    /// <summary>GET: conversations that fit, the newest first. POST: a new one.</summary>
    public const string Conversations = "conversations";

    /// <summary>GET: what was written in one conversation. POST: one more message.</summary>
    public const string Messages = "conversations/{id}/messages";

    /// <summary>GET: a picture, recording or file of a message.</summary>
    public const string File = "conversations/{id}/messages/{messageId}/media";

    /// <summary>POST: a message from a template.</summary>
    public const string Template = "conversations/{id}/template";

    /// <summary>POST: a prompt for the agent.</summary>
    public const string Prompt = "conversations/{id}/prompt";

    /// <summary>POST: a person answers from now on.</summary>
    public const string TakeOver = "conversations/{id}/takeover";

    /// <summary>POST: the agent answers again.</summary>
    public const string HandBack = "conversations/{id}/handback";

    /// <summary>POST: the contact sees that the message was read.</summary>
    public const string Read = "conversations/{id}/read";

    /// <summary>POST: the contact sees that somebody writes.</summary>
    public const string Typing = "conversations/{id}/typing";

    /// <summary>GET: agents to pick from.</summary>
    public const string Agents = "agents";

    /// <summary>GET: the business's numbers to pick from.</summary>
    public const string BusinessNumbers = "business-numbers";

    /// <summary>GET: templates to pick from.</summary>
    public const string Templates = "templates";

    /// <summary>GET: what a template needs.</summary>
    public const string TemplateSchema = "templates/{name}/schema";

    /// <summary>POST: a message of the Model Context Protocol.</summary>
    public const string Mcp = "mcp";

    /// <summary>POST: a flow wants to be told about events.</summary>
    public const string Subscriptions = "subscriptions";

    /// <summary>DELETE: it no longer does.</summary>
    public const string Subscription = "subscriptions/{id}";

    /// <summary>GET: what a flow can be told about.</summary>
    public const string Events = "events";

    /// <summary>GET: the connector's definition.</summary>
    public const string Definition = "swagger.json";

    /// <summary>POST: where Wassist sends its events.</summary>
    public const string Webhook = "webhooks/wassist";

    /// <summary>GET or HEAD: whether the app can do its work.</summary>
    public const string Health = "health";
}
