namespace ConversationLookup;

/// <summary>Every route template once, relative to <see cref="Prefix"/>.</summary>
public static class Routes
{
    /// <summary>The Functions host's default <c>extensions.http.routePrefix</c>; the local host uses the same.</summary>
    public const string Prefix = "api";

    /// <summary>GET: one conversation, looked up and trimmed.</summary>
    public const string Conversation = "conversations/{id}";

    /// <summary>GET: conversations that fit, the newest first.</summary>
    public const string Conversations = "conversations";

    /// <summary>GET: what was written in one conversation.</summary>
    public const string Messages = "conversations/{id}/messages";

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
