using System.Text.Json;

namespace ConversationLookup.Agents;

/// <summary>
/// What makes a JSON value a message of the protocol. Looked at before the SDK reads it, which answers "an error occurred" to parameters
/// of other types. Pure.
/// </summary>
/// <remarks>https://modelcontextprotocol.io/specification/2025-11-25/basic#messages</remarks>
public static class McpMessage
{
    // JSON-RPC's own codes: https://www.jsonrpc.org/specification#error_object
    public const int ParseError = -32700;
    public const int InvalidRequest = -32600;
    public const int InvalidParams = -32602;

    private static readonly string[] LogLevels = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

    /// <param name="message">Any JSON.</param>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public static McpFault? FaultOf(JsonElement message)
    {
        if (message.ValueKind is not JsonValueKind.Object || Text(message, "jsonrpc") != "2.0")
            return new McpFault(InvalidRequest, "A message is a JSON object with \"jsonrpc\": \"2.0\".");
        var hasId = message.TryGetProperty("id", out var id);
        if (hasId && !IsId(id))
            return new McpFault(InvalidRequest, "The 'id' of a message is text or a whole number.");
        if (!message.TryGetProperty("method", out _))
        {
            return hasId && (message.TryGetProperty("result", out _) || message.TryGetProperty("error", out _))
                ? null // an answer to a question that this server has not asked; the SDK ignores it
                : new McpFault(InvalidRequest, "A message has a 'method'.");
        }

        if (Text(message, "method") is not { } method)
            return new McpFault(InvalidRequest, "The 'method' of a message is text.");
        var hasParameters = message.TryGetProperty("params", out var parameters);
        if (hasParameters && parameters.ValueKind is not JsonValueKind.Object)
            return new McpFault(InvalidParams, "'params' is an object.");
        if (hasParameters && !IsReadable(parameters))
            return new McpFault(InvalidParams, "A text in 'params' has half of a surrogate pair, \\ud800 to \\udfff alone. Send whole characters.");
        return FaultOfParameters(method, hasParameters ? parameters : JsonElement.Parse("{}"u8));
    }

    /// <summary>The id to answer with; null where it cannot be told.</summary>
    public static JsonElement? IdOf(JsonElement message) =>
        message.ValueKind is JsonValueKind.Object && message.TryGetProperty("id", out var id) && IsId(id) ? id : null;

    private static McpFault? FaultOfParameters(string method, JsonElement parameters) => method switch
    {
        _ when parameters.TryGetProperty("_meta", out var meta) && meta.ValueKind is not JsonValueKind.Object => new McpFault(InvalidParams, "'params._meta' is an object."),
        _ when IsObject(parameters, "_meta", out var meta) && meta.TryGetProperty("progressToken", out var token) && !IsId(token) => new McpFault(InvalidParams, "'params._meta.progressToken' is text or a whole number."),
        "tools/list" when parameters.TryGetProperty("cursor", out _) && Text(parameters, "cursor") is null => new McpFault(InvalidParams, "'params.cursor' is text."),
        "logging/setLevel" when !LogLevels.Contains(Text(parameters, "level")) => new McpFault(InvalidParams, $"'params.level' is one of: {string.Join(", ", LogLevels)}."),
        "tools/call" when Text(parameters, "name") is null => new McpFault(InvalidParams, "'params.name' is the name of a tool."),
        "tools/call" when parameters.TryGetProperty("arguments", out var arguments) && arguments.ValueKind is not JsonValueKind.Object => new McpFault(InvalidParams, "'params.arguments' is an object."),
        "initialize" when Text(parameters, "protocolVersion") is null => new McpFault(InvalidParams, "'params.protocolVersion' is the version of the protocol that the client speaks, such as 2025-11-25."),
        "initialize" when !IsObject(parameters, "capabilities", out _) => new McpFault(InvalidParams, "'params.capabilities' is an object."),
        "initialize" when !IsObject(parameters, "clientInfo", out var client) || Text(client, "name") is null || Text(client, "version") is null =>
            new McpFault(InvalidParams, "'params.clientInfo' is an object with the client's 'name' and 'version'."),
        _ => null,
    };

    private static bool IsObject(JsonElement holder, string name, out JsonElement value) => holder.TryGetProperty(name, out value) && value.ValueKind is JsonValueKind.Object;

    private static bool IsId(JsonElement value) => value.ValueKind is JsonValueKind.String ? IsText(value) : value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out _);

    private static string? Text(JsonElement holder, string name) =>
        holder.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String && IsText(value) ? value.GetString() : null;

    /// <summary>Half a surrogate pair can be written in JSON, and is no text.</summary>
    private static bool IsText(JsonElement value) => IsReadable(() => value.GetString());

    private static bool IsReadable(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => IsText(value),
        JsonValueKind.Object => value.EnumerateObject().All(property => IsReadable(() => property.Name) && IsReadable(property.Value)),
        JsonValueKind.Array => value.EnumerateArray().All(IsReadable),
        _ => true,
    };

    private static bool IsReadable(Func<string?> read)
    {
        try
        {
            return read() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}

/// <summary>What is wrong with a message.</summary>
/// <param name="Code">JSON-RPC's.</param>
/// <param name="Text">What to change.</param>
public sealed record McpFault(int Code, string Text);
