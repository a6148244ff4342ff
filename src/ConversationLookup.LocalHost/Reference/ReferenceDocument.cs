using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Definition;
using ConversationLookup.Http;
using ConversationLookup.Problems;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;

namespace ConversationLookup.LocalHost.Reference;

/// <summary>The connector's definition as OpenAPI 3.1, with what a flow does not need: the other routes, and examples to try.</summary>
public static class ReferenceDocument
{
    /// <summary>Values with which an operation answers when it is tried with the sample, by the name that makers see.</summary>
    private static readonly Dictionary<string, string> Tries = new()
    {
        ["Conversation ID"] = "7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33",
        ["Contact Phone Number"] = "+44 7700 900222",
        ["Callback URL"] = "http://localhost:7071/inbox/callback",
    };

    /// <summary>The problem that an operation most likely answers with a status.</summary>
    private static readonly Dictionary<string, Problem> Problems = new Problem[]
    {
        Catalogue.InvalidRequest([Catalogue.InvalidConversationId()]),
        Catalogue.Unauthorized(),
        Catalogue.ConversationNotFound(""),
        Catalogue.UpstreamRejectedCredentials(""),
        Catalogue.UpstreamRateLimited(TimeSpan.FromSeconds(23), ""),
        Catalogue.UpstreamUnavailable(""),
        Catalogue.StorageUnavailable("Try again in a few seconds. If it goes on, ask the operator to look at the storage account.", ""),
        Catalogue.UpstreamTimeout(""),
    }.ToDictionary(problem => $"{problem.Status}");

    /// <param name="endpoints">The routes that the app really has, and which of them want a key.</param>
    public static async Task<JsonObject> MakeAsync(IEnumerable<RouteEndpoint> endpoints, CancellationToken cancellationToken)
    {
        var definition = OpenApiDocument.Parse(ConnectorDefinition.At("http", "localhost", "").ToJsonString(), "json").Document!;
        var document = JsonNode.Parse(await definition.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellationToken))!.AsObject();
        document.Remove("servers"); // it is where the page is
        document["info"]!.AsObject().Remove("contact"); // an address to fill in
        document["info"]!["description"] +=
            " The examples work with the sample Wassist that is inside; *Test Request* sends them. A key is needed only when LocalHost:Key is set.";

        var (described, security) = (document["paths"]!.AsObject(), document["security"]!);
        document.Remove("security");
        var paths = new JsonObject();
        foreach (var (path, endpoint) in endpoints.Select(endpoint => ($"/{endpoint.RoutePattern.RawText!.TrimStart('/')}", endpoint))
            .Where(route => route.Item1.StartsWith($"/{Routes.Prefix}/", StringComparison.Ordinal)))
        {
            var method = endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods[0].ToLowerInvariant(); // a HEAD beside it is the same
            var operation = described[path]?[method]?.DeepClone().AsObject() ?? Describe(endpoint);
            Complete(operation, document);
            operation.Remove("security");
            if (endpoint.Metadata.GetMetadata<FunctionKey.Required>() is not null)
                operation["security"] = security.DeepClone();
            paths[path] ??= new JsonObject();
            paths[path]![method] = operation;
        }

        document["paths"] = paths;
        RemoveExtensions(document);
        return document;
    }

    /// <summary>A route that the connector does not have.</summary>
    private static JsonObject Describe(RouteEndpoint endpoint) => new()
    {
        ["tags"] = new JsonArray("Operation"),
        ["summary"] = endpoint.Metadata.GetRequiredMetadata<IEndpointSummaryMetadata>().Summary,
        ["description"] = endpoint.Metadata.GetRequiredMetadata<IEndpointDescriptionMetadata>().Description,
        ["responses"] = new JsonObject(),
    };

    private static void Complete(JsonObject operation, JsonObject document)
    {
        foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
        {
            if (Tries.TryGetValue(parameter!["x-ms-summary"]!.ToString(), out var value))
                parameter["example"] = value;
        }

        if (operation["operationId"]?.ToString() is "GetConversation" or "FindConversations")
        {
            operation["parameters"]!.AsArray().Add(new JsonObject
            {
                ["name"] = "fields",
                ["in"] = "query",
                ["description"] = "Only these properties and `id`, separated by commas, such as `contactName,handledBy`. Flows cannot use it: their fields are fixed.",
                ["schema"] = new JsonObject { ["type"] = "string" },
            });
        }

        if (operation["requestBody"]?["content"]?["application/json"] is JsonObject body)
        {
            var schema = Follow(body["schema"]!, document);
            body["example"] = new JsonObject(schema["required"]!.AsArray().Select(name => KeyValuePair.Create(
                name!.ToString(), (JsonNode?)Tries[schema["properties"]![name.ToString()]!["x-ms-summary"]!.ToString()])));
        }

        foreach (var (status, response) in operation["responses"]!.AsObject().ToList())
        {
            if (response!["content"]?["application/json"] is not JsonObject content)
                continue;
            if (!status.StartsWith('2'))
                response["content"] = new JsonObject { ["application/problem+json"] = ExampleOf(Problems[status]) };
            else if (content["schema"] is { } schema)
                content["example"] = ExampleOf(schema, document);
            else
                response.AsObject().Remove("content"); // a 204
        }
    }

    private static JsonObject ExampleOf(Problem problem) => new()
    {
        ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/Problem" },
        ["example"] = JsonSerializer.SerializeToNode(ProblemBody.Of(problem, "7612f3bb62a2467ede2a0a85f3e765d1"), HttpJson.Payload.ProblemBody),
    };

    private static JsonNode? ExampleOf(JsonNode schema, JsonObject document)
    {
        var followed = Follow(schema, document);
        if (followed["items"] is { } items)
            return new JsonArray(ExampleOf(items, document));
        return followed["properties"] is JsonObject properties
            ? new JsonObject(properties.Select(property => KeyValuePair.Create(property.Key, ExampleOf(property.Value!, document))))
            : followed["example"]?.DeepClone();
    }

    /// <summary>What only the platform understands.</summary>
    private static void RemoveExtensions(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            foreach (var extension in members.Where(member => member.Key.StartsWith("x-", StringComparison.Ordinal)).ToList())
                members.Remove(extension.Key);
        }

        foreach (var child in node switch { JsonObject of => of.Select(member => member.Value), JsonArray items => items, _ => [] })
            RemoveExtensions(child);
    }

    private static JsonNode Follow(JsonNode schema, JsonObject document) => schema["$ref"]?.ToString() is { } reference
        ? document["components"]!["schemas"]![reference["#/components/schemas/".Length..]]!
        : schema;
}
