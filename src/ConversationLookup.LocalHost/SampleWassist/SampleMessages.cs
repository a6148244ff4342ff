using System.Text.Json.Nodes;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>What was written in the sample's conversations, in the shapes of the live API.</summary>
public static class SampleMessages
{
    private static readonly string[] Parts = ["text", "image", "cta", "listSelection", "template", "unified", "quickReply"];

    /// <summary>All up to the conversation's last message, the oldest first.</summary>
    /// <param name="conversation">As it was at the start.</param>
    /// <param name="everyType">Whether to have a message of every type.</param>
    public static IReadOnlyList<JsonObject> Before(JsonNode conversation, bool everyType)
    {
        if (conversation["lastMessage"] is not { } last)
            return [];
        var id = (string)conversation["id"]!;
        var at = last is JsonObject && (string?)last["createdAt"] is { } time
            ? DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture)
            : (DateTimeOffset?)null;
        var earlier = everyType ? EveryType() : [Template("welcome_back", new JsonObject { ["body"] = new JsonArray("your order") })];
        var all = earlier.Append(last is JsonObject message ? FromLast(message) : Text("user", last.ToString())).ToList();
        return [.. all.Select((item, index) => With(item, id, index, at?.AddMinutes(index + 1 - all.Count)))];
    }

    /// <summary>What a contact has just written: a tapped button, media, or plain text.</summary>
    public static SampleMessage Written(string messageId, SimulatedEvent written, DateTimeOffset at)
    {
        var message = Of(
            written switch
            {
                { ButtonText: { } buttonText } => Message("user", "quick_reply", "quickReply", new JsonObject { ["text"] = buttonText, ["quickReplyId"] = written.ButtonId }),
                { Media.Count: > 0 } => Message("user", "unified", "unified", new JsonObject { ["body"] = written.Body, ["media"] = written.MediaOfWassist() }),
                _ => Text("user", written.Body),
            },
            written.Body,
            at);
        (message.Body["id"], message.Body["replyTo"]) = (messageId, written.ReplyTo);
        return message;
    }

    /// <summary>What the business has just written; it is sent as <c>text</c> and read as <c>body</c>.</summary>
    public static SampleMessage Sent(UnifiedMessage sent, DateTimeOffset at) => Of(
        Message("assistant", "unified", "unified", new JsonObject
        {
            ["body"] = sent.Text,
            ["footer"] = sent.Footer,
            ["buttons"] = new JsonArray([.. sent.Buttons.Select(button => button.ToJson())]),
            ["media"] = sent.Media is { Url: { } url } ? new JsonArray(new SimulatedMedia(url).ToJson()) : [],
        }),
        sent.Text ?? "",
        at);

    /// <summary>A template that the business has just sent.</summary>
    public static SampleMessage Sent(TemplateMessage sent, DateTimeOffset at) => Of(Template(sent.Name!, sent.Variables?.DeepClone().AsObject() ?? new JsonObject()), null, at);

    /// <summary>What an agent says when it is prompted.</summary>
    public static SampleMessage Answered(string prompt, DateTimeOffset at)
    {
        var text = $"I was asked: {prompt}";
        return Of(Text("assistant", text), text, at);
    }

    private static IReadOnlyList<JsonObject> EveryType() =>
    [
        Template("order_update", new JsonObject { ["body"] = new JsonArray("Amara", "5512"), ["buttons"] = new JsonArray("5512") }),
        Text("user", "Hello, order 5512 please"),
        Message("assistant", "unified", "unified", new JsonObject
        {
            ["body"] = "Found it. What would you like to do?",
            ["footer"] = "Orders assistant",
            ["buttons"] = new JsonArray(new JsonObject { ["type"] = "quick_reply", ["text"] = "Change address", ["quickReplyId"] = "address" }),
            ["media"] = new JsonArray(new JsonObject { ["url"] = SampleMedia.AnyHost + "receipt-5512.png", ["mimeType"] = "image/png" }),
        }),
        Message("user", "quick_reply", "quickReply", new JsonObject { ["text"] = "Change address", ["quickReplyId"] = "address" }),
        Message("assistant", "cta_button", "cta", new JsonObject { ["text"] = "You can do it here.", ["url"] = "https://shop.example/orders/5512", ["buttonText"] = "Open order" }),
        Message("user", "image", "image", new JsonObject { ["image"] = new JsonObject { ["url"] = SampleMedia.AnyHost + "door.jpg" }, ["caption"] = "This door, please" }),
        Message("assistant", "list_selection", "listSelection", new JsonObject { ["text"] = "Which day suits you?", ["buttonText"] = "Choose a day" }),
        Message("user", "location", "location", new JsonObject { ["name"] = "Harbour office", ["address"] = "1 Quay Street", ["latitude"] = 51.5 }),
        Message("system", "text", "text", new JsonObject { ["body"] = "The order was looked up" }),
    ];

    private static JsonObject FromLast(JsonObject last) => (string?)last["type"] == "template"
        ? Template("order_update", new JsonObject { ["body"] = new JsonArray("Lucía", "5498"), ["buttons"] = new JsonArray("5498") })
        : Text((string)last["role"]!, (string?)last["body"] ?? "");

    private static JsonObject Text(string role, string body) => Message(role, "text", "text", new JsonObject { ["body"] = body });

    private static JsonObject Template(string name, JsonObject variables) =>
        Message("assistant", "template", "template", new JsonObject { ["templateName"] = name, ["variables"] = variables });

    private static JsonObject Message(string role, string type, string part, JsonObject content)
    {
        var message = new JsonObject { ["id"] = null, ["role"] = role, ["type"] = type, ["status"] = role == "user" ? null : "read", ["createdAt"] = null, ["replyTo"] = null };
        foreach (var name in Parts)
            message[name] = null;
        message[part] = content;
        return message;
    }

    private static SampleMessage Of(JsonObject message, string? text, DateTimeOffset at)
    {
        message["id"] = Guid.NewGuid().ToString();
        message["createdAt"] = SampleConversation.Iso(at);
        return new SampleMessage(message, text, at);
    }

    private static JsonObject With(JsonObject message, string conversationId, int index, DateTimeOffset? at)
    {
        message["id"] = $"{conversationId[..24]}{index:d12}";
        message["createdAt"] = at is { } time ? SampleConversation.Iso(time) : null;
        return message;
    }
}
