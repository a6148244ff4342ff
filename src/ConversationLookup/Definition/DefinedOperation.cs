using System.Text.Json;
using System.Text.Json.Nodes;

namespace ConversationLookup.Definition;

/// <summary>One operation of <see cref="ConnectorDefinition"/>, with JSON schemas that stand alone.</summary>
/// <param name="Name">Its id as the numbers have it: <c>send_message</c>.</param>
/// <param name="Method">The verb.</param>
/// <param name="Path">With the route values' names in braces.</param>
/// <param name="Summary">Its title.</param>
/// <param name="Parameters">Everything it takes; the properties of a body one by one.</param>
/// <param name="Payload">The schema of the JSON that it answers; null where that is a file.</param>
public sealed record DefinedOperation(string Name, string Method, string Path, string Summary, IReadOnlyList<DefinedParameter> Parameters, JsonObject? Payload)
{
    /// <param name="definition">The whole.</param>
    /// <param name="operationId">Such as <c>SendMessage</c>.</param>
    public static DefinedOperation Read(JsonObject definition, string operationId)
    {
        var (path, method, operation) = definition["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(entry => (path.Key, Method: entry.Key, Operation: entry.Value as JsonObject)))
            .Single(entry => entry.Operation?["operationId"]?.GetValue<string>() == operationId);
        var schemas = new Schemas(definition["definitions"]!.AsObject());
        var success = operation!["responses"]!.AsObject().First(response => response.Key.StartsWith('2')).Value!;
        var payload = success["schema"]!.AsObject();
        return new DefinedOperation(
            JsonNamingPolicy.SnakeCaseLower.ConvertName(operationId),
            method.ToUpperInvariant(),
            path,
            operation["summary"]!.GetValue<string>(),
            [.. (operation["parameters"] as JsonArray ?? []).SelectMany(parameter => schemas.ReadParameter(parameter!.AsObject()))],
            payload["format"]?.GetValue<string>() == "binary" ? null : schemas.StandAlone(payload));
    }

    private sealed class Schemas(JsonObject definitions)
    {
        public IEnumerable<DefinedParameter> ReadParameter(JsonObject parameter)
        {
            var place = parameter["in"]!.GetValue<string>();
            if (place != "body")
            {
                var schema = StandAlone(parameter);
                foreach (var name in (string[])["name", "in", "required"])
                    schema.Remove(name);
                return [new DefinedParameter(parameter["name"]!.GetValue<string>(), place, parameter["required"]?.GetValue<bool>() ?? false, schema)];
            }

            var body = StandAlone(parameter["schema"]!.AsObject());
            var required = (body["required"] as JsonArray ?? []).Select(name => name!.GetValue<string>()).ToHashSet();
            return body["properties"]!.AsObject().Select(property => new DefinedParameter(property.Key, place, required.Contains(property.Key), property.Value!.AsObject()));
        }

        /// <summary>With what it refers to in its place, and without what only the designer reads.</summary>
        public JsonObject StandAlone(JsonObject schema)
        {
            if (schema["$ref"]?.GetValue<string>() is { } reference)
                return StandAlone(definitions[reference.Split('/')[^1]]!.AsObject());
            return new JsonObject(schema
                .Where(member => !member.Key.StartsWith("x-", StringComparison.Ordinal) && member.Key != "example")
                .Select(member => KeyValuePair.Create(member.Key, member switch
                {
                    { Key: "properties", Value: JsonObject properties } => new JsonObject(properties.Select(property => KeyValuePair.Create(property.Key, (JsonNode?)StandAlone(property.Value!.AsObject())))),
                    { Value: JsonObject inner } => StandAlone(inner),
                    _ => member.Value?.DeepClone(),
                })));
        }
    }
}

/// <summary>Something that an operation takes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Place"><c>path</c>, <c>query</c> or <c>body</c>.</param>
/// <param name="IsRequired">Whether nothing can be done without it.</param>
/// <param name="Schema">What it may be.</param>
public sealed record DefinedParameter(string Name, string Place, bool IsRequired, JsonObject Schema);
