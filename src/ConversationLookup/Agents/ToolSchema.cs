using System.Text.Json.Nodes;
using ConversationLookup.Actions;
using ConversationLookup.Definition;

namespace ConversationLookup.Agents;

/// <summary>
/// JSON schemas of tools, from the connector's definition, so that the two cannot say different things. Copilot Studio drops inputs with
/// <c>$ref</c> and cannot read lists of types or <c>exclusiveMinimum</c>; none of them comes out of here.
/// </summary>
/// <remarks>https://learn.microsoft.com/microsoft-copilot-studio/agent-extend-action-mcp#known-issues--limitations</remarks>
public static class ToolSchema
{
    /// <summary>Everything that the operation takes, wherever in a request it stands.</summary>
    public static JsonObject OfArguments(DefinedOperation operation)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var parameter in operation.Parameters)
        {
            properties[parameter.Name] = parameter.Schema.DeepClone();
            if (parameter.IsRequired)
                required.Add(parameter.Name);
        }

        // The connector's words are about the repeats of a flow.
        if (properties[IdempotencyKey.Property] is JsonObject key)
            key["description"] = "Makes a repeat safe: a UUID that you make up for this call. If you call again because the first call failed or gave no answer, send the same one: nothing is done twice, and you get the first answer. Use another one for another message.";

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0)
            schema["required"] = required;
        return schema;
    }
}
