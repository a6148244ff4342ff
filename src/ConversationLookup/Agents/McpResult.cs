using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Http;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Agents;

/// <summary>The protocol's answer.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="json">A JSON-RPC message or a list of them; null where there is nothing to say.</param>
public sealed class McpResult(int status, byte[]? json) : IResult, IOutcome
{
    /// <summary>To notifications.</summary>
    internal static McpResult Accepted { get; } = new(StatusCodes.Status202Accepted, null);

    internal byte[]? Json => json;

    /// <param name="id">The message's, where it can be told.</param>
    internal static McpResult Error(int status, int code, string message, JsonElement? id = null) => new(status, Encoding.UTF8.GetBytes(new JsonObject
    {
        ["jsonrpc"] = "2.0",
        ["id"] = id is { } given ? JsonNode.Parse(given.GetRawText()) : null,
        ["error"] = new JsonObject { ["code"] = code, ["message"] = message },
    }.ToJsonString()));

    /// <summary>The answers to the messages of a batch, in their order.</summary>
    internal static McpResult Batch(IEnumerable<byte[]> answers) =>
        new(StatusCodes.Status200OK, [(byte)'[', .. answers.SelectMany((answer, index) => index == 0 ? answer : [(byte)',', .. answer]), (byte)']']);

    public string GetOutcome() => status < StatusCodes.Status400BadRequest ? "ok" : "invalid_message";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (status == StatusCodes.Status405MethodNotAllowed)
            httpContext.Response.Headers.Allow = HttpMethods.Post;
        if (json is not null)
            return httpContext.Response.WriteJsonAsync(status, "application/json", json);
        httpContext.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
