using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Health;
using ConversationLookup.Http;
using ConversationLookup.Problems;

namespace ConversationLookup.LocalHost.Reference;

/// <summary>What the routes that the connector does not have take and answer, with examples.</summary>
public static class OtherRoutes
{
    private const string Event = """
        {
          "event": "message.received",
          "timestamp": "2026-11-23T20:30:29.512Z",
          "phoneNumber": "+447700900111",
          "from": "+447700900222",
          "contact": { "name": "Amara Osei", "phoneNumber": "+447700900222" },
          "message": {
            "id": "e244cfb1-d328-4d58-a220-1f6415087851",
            "waId": "wamid.E244CFB1D3284D58A2201F6415087851",
            "body": "Change address",
            "media": [],
            "buttons": [{ "text": "Change address", "quickReplyId": "address" }],
            "replyTo": null
          },
          "conversationId": "7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33"
        }
        """;

    private const string ToolCall = """
        { "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "list_agents", "arguments": {} } }
        """;

    private const string ToolAnswer = """
        {
          "jsonrpc": "2.0",
          "id": 1,
          "result": {
            "content": [{ "type": "text", "text": "{\"items\":[{\"id\":\"b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55\",\"name\":\"Orders assistant\"}]}" }],
            "structuredContent": { "items": [{ "id": "b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", "name": "Orders assistant" }] },
            "isError": false
          }
        }
        """;

    /// <param name="route">Relative to <see cref="Routes.Prefix"/>.</param>
    /// <returns>The members of an OpenAPI operation.</returns>
    public static JsonObject Of(string route) => route switch
    {
        Routes.Definition => new()
        {
            ["responses"] = new JsonObject
            {
                ["200"] = Answer("The definition.", new JsonObject { ["swagger"] = "2.0", ["info"] = new JsonObject { ["title"] = "Conversation Lookup", ["version"] = "1.0" }, ["paths"] = new JsonObject() }),
            },
        },
        Routes.Webhook => new()
        {
            ["parameters"] = new JsonArray(
                Header("X-Wassist-Signature", "When it was signed, in seconds since 1970, and the HMAC-SHA256 of that time, a dot and the body.", $"t=1795465829,v1={new string('0', 64)}"),
                Header("X-Wassist-Delivery", "Wassist's id of the delivery, the same on every retry.", "3eb55a15-273c-43f4-a98b-17a1c06c0d65")),
            ["requestBody"] = new JsonObject { ["content"] = Json(JsonNode.Parse(Event)), ["required"] = true },
            ["responses"] = new JsonObject
            {
                ["200"] = Answer("A ping, or an event that no flow can be told about."),
                ["202"] = Answer("The event is on its way to the flows."),
                ["401"] = Refusal(Catalogue.InvalidSignature("")),
                ["413"] = Refusal(Catalogue.PayloadTooLarge(512 * 1024)),
                ["503"] = Refusal(Catalogue.SignatureUnknown(TimeSpan.FromSeconds(10))),
            },
        },
        Routes.Mcp => new()
        {
            ["requestBody"] = new JsonObject { ["content"] = Json(JsonNode.Parse(ToolCall)), ["required"] = true },
            ["responses"] = new JsonObject
            {
                ["200"] = Answer("The answer. A tool that fails says so in it.", JsonNode.Parse(ToolAnswer)),
                ["202"] = Answer("The message was a notification, which has no answer."),
                ["400"] = Answer("The message is not valid.", JsonNode.Parse("""{ "jsonrpc": "2.0", "id": 1, "error": { "code": -32602, "message": "'params.name' is the name of a tool." } }""")),
                ["401"] = Refusal(Catalogue.Unauthorized()),
            },
        },
        Routes.Health => new()
        {
            ["responses"] = new JsonObject
            {
                ["200"] = Answer("The app can do its work.", Health("healthy", "The API key was read.")),
                ["503"] = Answer("The app cannot do its work.", Health("unhealthy", "Set 'Wassist:ApiKey'.")),
            },
        },
        _ => throw new ArgumentException($"'{route}' is not described.", nameof(route)),
    };

    /// <summary>A problem as the body of an answer.</summary>
    public static JsonObject Problem(Problem problem) => new()
    {
        ["application/problem+json"] = new JsonObject
        {
            ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/Problem" },
            ["example"] = JsonSerializer.SerializeToNode(ProblemBody.Of(problem, "7612f3bb62a2467ede2a0a85f3e765d1"), HttpJson.Payload.ProblemBody),
        },
    };

    private static JsonObject Refusal(Problem problem) => new() { ["description"] = $"{problem.Title}.", ["content"] = Problem(problem) };

    private static JsonObject Answer(string description, JsonNode? example = null) =>
        example is null ? new() { ["description"] = description } : new() { ["description"] = description, ["content"] = Json(example) };

    private static JsonObject Json(JsonNode? example) => new() { ["application/json"] = new JsonObject { ["example"] = example } };

    private static JsonNode? Health(string status, string detail) =>
        JsonSerializer.SerializeToNode(new HealthBody(status, [new HealthCheckBody("apiKey", status, detail)]), HealthJson.Payload.HealthBody);

    private static JsonObject Header(string name, string description, string example) => new()
    {
        ["name"] = name,
        ["in"] = "header",
        ["description"] = description,
        ["required"] = true,
        ["schema"] = new JsonObject { ["type"] = "string" },
        ["example"] = example,
    };
}
