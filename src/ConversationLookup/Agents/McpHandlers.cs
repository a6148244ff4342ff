using System.Net.ServerSentEvents;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using ConversationLookup.Http;
using ConversationLookup.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ConversationLookup.Agents;

/// <summary>
/// The HTTP side of the Model Context Protocol, the same for every host: Streamable HTTP without sessions, so that any instance can
/// answer any message.
/// </summary>
/// <remarks>https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http</remarks>
public sealed class McpHandlers(McpServerEndpoint server, RequestBodies bodies, ProblemBoundary boundary)
{
    /// <summary>In bytes: four of the longest bodies that a tool takes.</summary>
    private const int LargestBody = 256 * 1024;

    private const int MostInABatch = 50;

    /// <summary>The revision that had batches, and the one to suppose of clients that do not name theirs.</summary>
    private const string RevisionWithBatches = "2025-03-26";

    private const string VersionHeader = "MCP-Protocol-Version";

    private static readonly MediaTypeHeaderValue JsonType = new("application/json");

    /// <summary>The first of JSON-RPC's codes that are left to servers.</summary>
    private const int Refused = -32000;

    /// <summary>
    /// <c>POST mcp</c> with a JSON-RPC message: 200 with the JSON of its answer, 202 for a notification, else the protocol's error.
    /// GET and DELETE, which are for sessions, are 405. Never throws.
    /// </summary>
    public Task<IResult> HandleAsync(HttpRequest request, CancellationToken cancellationToken) => boundary.AnswerAsync(
        "mcp", request, cancellationToken => AnswerAsync(request, cancellationToken), cancellationToken);

    private async Task<IResult> AnswerAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!HttpMethods.IsPost(request.Method))
            return McpResult.Error(StatusCodes.Status405MethodNotAllowed, Refused, "This server has no sessions and sends nothing by itself. Send messages with POST.");
        if (!AcceptsJson(request))
            return McpResult.Error(StatusCodes.Status406NotAcceptable, Refused, "The header 'Accept' must contain application/json and text/event-stream.");
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            return McpResult.Error(StatusCodes.Status415UnsupportedMediaType, Refused, "The header 'Content-Type' must be application/json.");

        var read = await bodies.ReadAsync(request, LargestBody, cancellationToken);
        if (read.Refusal is { } refusal)
            return McpResult.Error(refusal.Status, Refused, refusal.Detail);
        using var body = read.Require();
        if (!Utf8.IsValid(body.Memory.Span))
            return McpResult.Error(StatusCodes.Status400BadRequest, McpMessage.ParseError, "The body is not UTF-8.");
        try
        {
            using var json = JsonDocument.Parse(body.Memory);
            return json.RootElement.ValueKind is JsonValueKind.Array
                ? await AnswerBatchAsync(request, json.RootElement, cancellationToken)
                : await AnswerOneAsync(request, json.RootElement, cancellationToken);
        }
        catch (JsonException)
        {
            return McpResult.Error(StatusCodes.Status400BadRequest, McpMessage.ParseError, "The body is not JSON.");
        }
    }

    private async Task<McpResult> AnswerBatchAsync(HttpRequest request, JsonElement messages, CancellationToken cancellationToken)
    {
        var version = request.Headers[VersionHeader].ToString();
        if (version is not ("" or RevisionWithBatches))
            return McpResult.Error(StatusCodes.Status400BadRequest, McpMessage.InvalidRequest, $"Protocol version {Catalogue.Plain(version)} has no batches. Send one message.");
        if (messages.GetArrayLength() is 0 or > MostInABatch)
            return McpResult.Error(StatusCodes.Status400BadRequest, McpMessage.InvalidRequest, $"A batch has 1 to {MostInABatch} messages.");

        var answers = new List<byte[]>();
        foreach (var message in messages.EnumerateArray())
        {
            if ((await AnswerOneAsync(request, message, cancellationToken)).Json is { } answer)
                answers.Add(answer);
        }

        return answers.Count == 0 ? McpResult.Accepted : McpResult.Batch(answers);
    }

    /// <summary>One message through the SDK, which answers with a stream of one event; the event's data is the answer.</summary>
    private async Task<McpResult> AnswerOneAsync(HttpRequest request, JsonElement message, CancellationToken cancellationToken)
    {
        if (McpMessage.FaultOf(message) is { } fault)
            return McpResult.Error(StatusCodes.Status400BadRequest, fault.Code, fault.Text, McpMessage.IdOf(message));

        using var answer = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = request.HttpContext.RequestServices, RequestAborted = cancellationToken };
        context.Response.Body = answer;
        context.Request.ContentType = "application/json";
        context.Request.Headers.Accept = "application/json, text/event-stream";
        context.Request.Body = new MemoryStream(JsonMarshal.GetRawUtf8Value(message).ToArray());
        foreach (var header in request.Headers.Where(header => header.Key.StartsWith("mcp-", StringComparison.OrdinalIgnoreCase)))
            context.Request.Headers[header.Key] = header.Value;

        try
        {
            await server.AnswerAsync(context);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // Its own types do not take what is in there.
            return McpResult.Error(
                StatusCodes.Status400BadRequest, McpMessage.InvalidParams, "The parameters of this method do not have the types that the protocol says.", McpMessage.IdOf(message));
        }

        if (answer.Length == 0)
            return new McpResult(context.Response.StatusCode, null);
        answer.Position = 0;
        return new McpResult(
            context.Response.StatusCode,
            context.Response.ContentType?.StartsWith("text/event-stream", StringComparison.Ordinal) is true
                ? SseParser.Create(answer, (_, data) => data.ToArray()).Enumerate().Last().Data
                : answer.ToArray());
    }

    private static bool AcceptsJson(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        return accepted.Count == 0 || accepted.Any(range => range.Quality is not 0 && JsonType.IsSubsetOf(range));
    }
}
