using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Support;

/// <summary>How a POST of <see cref="ActingWassist"/> ends.</summary>
/// <param name="Accepts">Whether what is asked for is done.</param>
/// <param name="Ends">What the caller sees; null for the answer of the real one.</param>
internal sealed record Fate(bool Accepts, RequestDelegate? Ends = null)
{
    public static Fate Good { get; } = new(true);
}

/// <summary>
/// A Wassist that does what it is asked to: messages are in their conversation afterwards. It counts every message, so that nobody is
/// told twice without a test knowing. A test says how each POST ends. Plugged into <see cref="FakeWassist.Answer"/>.
/// </summary>
internal sealed class ActingWassist
{
    private readonly ConcurrentDictionary<string, Conversation> _conversations = new();
    private int _posts;

    /// <summary>Decides by the number of the POST, from 0, and its path.</summary>
    public Func<int, string, Fate> FateOf { get; set; } = (_, _) => Fate.Good;

    /// <summary>Changes a conversation before it is answered.</summary>
    public Action<JsonObject> Change { get; set; } = _ => { };

    /// <summary>Everything that was done, in order.</summary>
    public ConcurrentQueue<Deed> Deeds { get; } = [];

    /// <summary>Every POST that arrived, done or not.</summary>
    public ConcurrentQueue<Deed> Posts { get; } = [];

    public JsonArray Agents { get; set; } =
        [new JsonObject { ["id"] = "b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", ["name"] = "Orders assistant", ["tools"] = new JsonArray(new JsonObject { ["secret"] = "tool-secret-do-not-leak" }) }];

    public JsonArray Numbers { get; set; } =
    [
        new JsonObject
        {
            ["id"] = "0f6d2c1b-9a8e-4b7c-a6d5-e4f3c2b1a099", ["number"] = "447700900111", ["isSandbox"] = false,
            ["whatsappBusinessAccount"] = new JsonObject { ["id"] = "acc-1", ["name"] = "Contoso", ["waId"] = "waba-1" },
            ["activeAgent"] = new JsonObject { ["id"] = "b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", ["name"] = "Orders assistant" },
        },
        new JsonObject { ["id"] = "sandbox", ["number"] = "15550001111", ["isSandbox"] = true, ["whatsappBusinessAccount"] = null, ["activeAgent"] = null },
    ];

    public JsonArray Templates { get; set; } =
    [
        Template("order_update", "POSITIONAL", new JsonObject { ["type"] = "HEADER", ["format"] = "TEXT", ["text"] = "Order {{1}}" },
            new JsonObject { ["type"] = "BODY", ["text"] = "Hello {{1}}, your order {{2}} is on its way. Bye {{1}}" },
            new JsonObject { ["type"] = "FOOTER", ["text"] = "Contoso" },
            new JsonObject { ["type"] = "BUTTONS", ["buttons"] = new JsonArray(
                new JsonObject { ["type"] = "QUICK_REPLY", ["text"] = "Stop" }, new JsonObject { ["type"] = "URL", ["text"] = "Track", ["url"] = "https://shop.example/t/{{1}}" }) }),
        Template("welcome", "NAMED", new JsonObject { ["type"] = "BODY", ["text"] = "Welcome {{first_name}}, your code is {{code}}" }),
        Template("receipt", "POSITIONAL", new JsonObject { ["type"] = "HEADER", ["format"] = "DOCUMENT" }, new JsonObject { ["type"] = "BODY", ["text"] = "Your receipt" }),
        Template("coupon", "POSITIONAL", new JsonObject { ["type"] = "BODY", ["text"] = "For you" },
            new JsonObject { ["type"] = "BUTTONS", ["buttons"] = new JsonArray(new JsonObject { ["type"] = "COPY_CODE", ["text"] = "Copy" }) }),
        Template("plain", "POSITIONAL", new JsonObject { ["type"] = "BODY", ["text"] = "We are open again." }),
        Template("greeting", "POSITIONAL", new JsonObject { ["type"] = "BODY", ["text"] = "Hello {{1}}" }),
        Template("carousel", "POSITIONAL", new JsonObject { ["type"] = "BODY", ["text"] = "Look" }, new JsonObject { ["type"] = "CAROUSEL", ["cards"] = new JsonArray() }),
        Template("shop", "POSITIONAL", new JsonObject { ["type"] = "HEADER", ["format"] = "LOCATION" }, new JsonObject { ["type"] = "BODY", ["text"] = "We moved" }),
        With(Template("pending", "POSITIONAL", new JsonObject { ["type"] = "BODY", ["text"] = "Soon" }), "PENDING", "acc-1"),
        With(Template("elsewhere", "POSITIONAL", new JsonObject { ["type"] = "BODY", ["text"] = "Elsewhere" }), "APPROVED", "acc-2"),
    ];

    /// <summary>The messages that were sent with a text or template, in order.</summary>
    public IEnumerable<Deed> Sent => Deeds.Where(deed => deed.Route is "messages" or "conversations");

    public async Task AnswerAsync(HttpContext context)
    {
        string[] path = [.. context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries).Skip(2)]; // without api/v1
        if (HttpMethods.IsPost(context.Request.Method))
        {
            await PostAsync(context, path);
            return;
        }

        var body = path switch
        {
            ["agents"] => new JsonObject { ["count"] = Agents.Count, ["next"] = null, ["results"] = Agents.DeepClone() },
            ["phone-numbers"] => (JsonNode)Numbers.DeepClone(),
            ["whatsapp-templates"] => Templates.DeepClone(),
            ["conversations"] => new JsonObject { ["count"] = _conversations.Count, ["next"] = null, ["results"] = new JsonArray([.. _conversations.Values.Select(one => one.Body(Change))]) },
            ["conversations", var id] => Of(id).Body(Change),
            ["conversations", var id, "messages"] => Of(id).Messages(),
            _ => null,
        };
        if (body is null)
            context.Response.StatusCode = 404;
        await context.Response.WriteAsync((body ?? new JsonObject { ["detail"] = "Not found." }).ToJsonString());
    }

    /// <summary>Puts a message into a conversation that no caller of the app sent.</summary>
    public void Write(string id, string role, string text) => Of(id).Add(role, new JsonObject { ["body"] = text });

    private async Task PostAsync(HttpContext context, string[] path)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync();
        var deed = new Deed(path[^1], path.Length > 1 ? path[1] : "", JsonNode.Parse(text)!.AsObject(), context.Request.Headers["Idempotency-Key"].ToString());
        Posts.Enqueue(deed);
        var fate = FateOf(Interlocked.Increment(ref _posts) - 1, context.Request.Path.Value!);
        JsonNode? answer = null;
        if (fate.Accepts)
        {
            Deeds.Enqueue(deed);
            answer = Do(deed);
            deed.MessageId = (string?)answer["id"];
        }

        if (fate.Ends is not null)
        {
            await fate.Ends(context);
            return;
        }

        context.Response.StatusCode = deed.Route is "messages" or "conversations" ? 201 : 200;
        await context.Response.WriteAsync(answer!.ToJsonString());
    }

    private JsonObject Do(Deed deed)
    {
        if (deed.Route == "conversations")
        {
            var number = (string)deed.Body["toNumber"]!;
            var started = Of(Guid.NewGuid().ToString());
            started.IsStarted = number.TrimStart('+');
            if (deed.Body["message"] is JsonObject first)
                started.AddTemplate(first["template"]!.AsObject());
            return started.Body(Change);
        }

        var conversation = Of(deed.ConversationId);
        switch (deed.Route)
        {
            case "messages" when (string?)deed.Body["type"] == "template":
                return conversation.AddTemplate(deed.Body["template"]!.AsObject());
            case "messages":
                var unified = deed.Body["unified"]!.DeepClone().AsObject();
                if (unified["text"] is { } body)
                    unified["body"] = body.DeepClone();
                unified.Remove("text");
                if (unified["media"] is JsonObject media)
                    unified["media"] = new JsonArray(media.DeepClone());
                return conversation.Add("assistant", unified);
            case "takeover":
                conversation.IsTakenOver = true;
                return new JsonObject { ["id"] = deed.ConversationId, ["agent"] = new JsonObject { ["id"] = "x", ["name"] = "y" }, ["isHumanTakeover"] = true };
            case "handback":
                conversation.IsTakenOver = false;
                break;
        }

        return conversation.Body(Change);
    }

    private Conversation Of(string id) => _conversations.GetOrAdd(id, id => new Conversation(id));

    private static JsonObject Template(string name, string format, params JsonNode[] components) => With(
        new JsonObject { ["id"] = Guid.NewGuid().ToString(), ["name"] = name, ["category"] = "UTILITY", ["language"] = "en_US", ["parameterFormat"] = format, ["components"] = new JsonArray(components) },
        "APPROVED",
        "acc-1");

    private static JsonObject With(JsonObject template, string status, string account)
    {
        template["accountLinks"] = new JsonArray(new JsonObject { ["accountId"] = account, ["wabaId"] = account.Replace("acc", "waba", StringComparison.Ordinal), ["status"] = status });
        return template;
    }

    private sealed class Conversation(string id)
    {
        private readonly Lock _lock = new();
        private readonly List<JsonObject> _messages = [];

        public bool IsTakenOver { get; set; }

        /// <summary>The number it was started with.</summary>
        public string? IsStarted { get; set; }

        public JsonObject Body(Action<JsonObject> change)
        {
            var body = Bodies.Live(id);
            body["isHumanTakeover"] = IsTakenOver;
            lock (_lock)
            {
                if (_messages is [.., var last])
                {
                    body["lastMessage"] = new JsonObject
                    {
                        ["type"] = last["type"]!.DeepClone(),
                        ["role"] = last["role"]!.DeepClone(),
                        ["createdAt"] = last["createdAt"]!.DeepClone(),
                        ["body"] = (last["unified"] as JsonObject)?["body"]?.DeepClone(),
                    };
                }
            }

            if (IsStarted is not null)
                body["contact"]!["phoneNumber"] = IsStarted;
            change(body);
            return body;
        }

        public JsonArray Messages()
        {
            lock (_lock)
                return new JsonArray([.. _messages.AsEnumerable().Reverse().Take(100).Select(message => message.DeepClone())]);
        }

        public JsonObject Add(string role, JsonObject unified) => Add(role, "unified", "unified", unified);

        public JsonObject AddTemplate(JsonObject template) => Add(
            "assistant", "template", "template", new JsonObject { ["templateName"] = template["name"]!.DeepClone(), ["variables"] = template["variables"]?.DeepClone() });

        private JsonObject Add(string role, string type, string part, JsonObject content)
        {
            lock (_lock)
            {
                var message = new JsonObject
                {
                    ["id"] = Guid.NewGuid().ToString(),
                    ["role"] = role,
                    ["type"] = type,
                    ["status"] = role == "user" ? null : "sent",
                    ["createdAt"] = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
                    ["replyTo"] = null,
                    [part] = content,
                };
                _messages.Add(message);
                return message.DeepClone().AsObject();
            }
        }
    }
}

/// <summary>A POST.</summary>
/// <param name="Route">The last part of its path.</param>
/// <param name="ConversationId">Empty for a new one.</param>
/// <param name="Body">What was sent.</param>
/// <param name="IdempotencyKey">The header.</param>
internal sealed record Deed(string Route, string ConversationId, JsonObject Body, string IdempotencyKey)
{
    public string? Text => (string?)Body["unified"]?["text"];

    /// <summary>The message it made.</summary>
    public string? MessageId { get; set; }
}
