using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace ConversationLookup.Tests.Agents;

/// <summary>Messages of the protocol as a client writes them, and what they are answered.</summary>
internal static class Mcp
{
    public const string Version = "2025-11-25";

    /// <summary>Sends a body as it is.</summary>
    public static Task<McpAnswer> PostAsync(HttpClient http, string body, string? contentType = "application/json", params (string Name, string Value)[] headers) =>
        PostAsync(http, Encoding.UTF8.GetBytes(body), contentType, headers);

    /// <summary>Sends bytes, which need not be text.</summary>
    public static async Task<McpAnswer> PostAsync(HttpClient http, byte[] body, string? contentType = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "mcp") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new McpAnswer(response.StatusCode, text, response.Content.Headers.ContentType?.MediaType ?? "");
    }

    /// <summary>Asks for one method with the headers that a client sends after the handshake.</summary>
    public static Task<McpAnswer> AskAsync(HttpClient http, string method, JsonNode? parameters = null) => PostAsync(
        http, Request(method, parameters), headers: [("Accept", "application/json, text/event-stream"), ("MCP-Protocol-Version", Version)]);

    /// <summary>Calls a tool.</summary>
    public static Task<McpAnswer> CallAsync(HttpClient http, string tool, JsonNode? arguments) =>
        AskAsync(http, "tools/call", new JsonObject { ["name"] = tool, ["arguments"] = arguments });

    public static string Request(string method, JsonNode? parameters = null, int id = 1)
    {
        var message = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method };
        if (parameters is not null)
            message["params"] = parameters;
        return message.ToJsonString();
    }
}

/// <summary>An answer that was read whole.</summary>
internal sealed record McpAnswer(HttpStatusCode Status, string Text, string ContentType)
{
    public int StatusCode => (int)Status;

    public JsonNode Json => JsonNode.Parse(Text)!;

    public JsonNode Result => Json["result"] ?? throw new InvalidOperationException(Text);

    public int ErrorCode => (int)Json["error"]!["code"]!;

    public string ErrorMessage => (string)Json["error"]!["message"]!;

    /// <summary>Whether the tool said that it failed.</summary>
    public bool IsToolError => (bool?)Result["isError"] ?? false;

    /// <summary>The text of the tool's answer, which is JSON.</summary>
    public JsonNode Payload => JsonNode.Parse((string)Result["content"]![0]!["text"]!)!;

    public JsonNode? Structured => Result["structuredContent"];
}
