using System.Text.Json.Nodes;
using ConversationLookup.Definition;
using ConversationLookup.Files;
using ConversationLookup.LocalHost.Inbox;
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
        ["Subscription ID"] = "5d1c9f0e7a3b2d4c6e8f1a0b9c7d5e3f2a4b6c8d",
        ["Template Name"] = "order_update",
        ["Message ID"] = "7c1e4b52-3f0a-4d7e-9b6f-000000000005",
    };

    /// <summary>The problem that an operation most likely answers with a status.</summary>
    private static readonly Dictionary<string, Problem> Problems = new Problem[]
    {
        Catalogue.InvalidRequest([Catalogue.InvalidConversationId()]),
        Catalogue.Unauthorized(),
        Catalogue.ActionNotAllowed("SendMessage"),
        Catalogue.ConversationNotFound(""),
        Catalogue.OutcomeUnknown("It may have been done, and Wassist's answer was lost. Look at the conversation in Wassist.", ""),
        Catalogue.PayloadTooLarge(64 * 1024),
        Catalogue.IdempotencyMismatch(),
        Catalogue.UpstreamRejectedCredentials(""),
        Catalogue.UpstreamRateLimited(TimeSpan.FromSeconds(23), ""),
        Catalogue.UpstreamUnavailable(""),
        Catalogue.StorageUnavailable("Try again in a few seconds. If it goes on, ask the operator to look at the storage account.", ""),
        Catalogue.UpstreamTimeout(""),
    }.ToDictionary(problem => $"{problem.Status}");

    /// <param name="endpoints">The routes that the app really has, and which of them take a key.</param>
    /// <param name="asksForKey">Whether the key is asked for.</param>
    /// <param name="address">Where the app is, for the inbox as a callback.</param>
    public static async Task<JsonObject> MakeAsync(IEnumerable<RouteEndpoint> endpoints, bool asksForKey, string address, CancellationToken cancellationToken)
    {
        var definition = OpenApiDocument.Parse(ConnectorDefinition.At("http", "localhost", "").ToJsonString(), "json").Document!;
        var document = JsonNode.Parse(await definition.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellationToken))!.AsObject();
        document.Remove("servers"); // it is where the page is
        document["info"]!.AsObject().Remove("contact"); // an address to fill in
        document["info"]!["description"] +=
            $"\n\nThe examples work with the sample Wassist that is part of the local host; *Test Request* sends them. What a flow receives is in the [flow inbox](/{InboxEndpoints.Path})."
            + (asksForKey ? $"\n\nThis app asks for a function key: the value of the setting `{FunctionKey.Setting}`." : "");

        var (described, security) = (document["paths"]!.AsObject(), document["security"]!);
        document.Remove("security");
        if (!asksForKey)
            document["components"]!.AsObject().Remove("securitySchemes");
        var tries = new Dictionary<string, string>(Tries) { ["Callback URL"] = $"{address}/{InboxEndpoints.Path}/callback" };
        var paths = new JsonObject();
        foreach (var (path, endpoint) in endpoints.Select(endpoint => ($"/{endpoint.RoutePattern.RawText!.TrimStart('/')}", endpoint))
            .Where(route => route.Item1.StartsWith($"/{Routes.Prefix}/", StringComparison.Ordinal)))
        {
            var method = endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods[0].ToLowerInvariant(); // a HEAD beside it is the same
            var operation = described[path]?[method]?.DeepClone().AsObject() is { } known ? Complete(known, document, tries) : Describe(endpoint, path);
            operation.Remove("security");
            if (endpoint.Metadata.GetMetadata<FunctionKey.Required>() is not null)
            {
                if (asksForKey)
                    operation["security"] = security.DeepClone();
                else
                    operation["responses"]!.AsObject().Remove($"{StatusCodes.Status401Unauthorized}");
            }

            paths[path] ??= new JsonObject();
            paths[path]![method] = operation;
        }

        document["paths"] = paths;
        RemoveExtensions(document);
        return document;
    }

    /// <summary>A route that the connector does not have.</summary>
    private static JsonObject Describe(RouteEndpoint endpoint, string path)
    {
        var operation = OtherRoutes.Of(path[$"/{Routes.Prefix}/".Length..]);
        operation["tags"] = new JsonArray("Operation");
        operation["summary"] = endpoint.Metadata.GetRequiredMetadata<IEndpointSummaryMetadata>().Summary;
        operation["description"] = endpoint.Metadata.GetRequiredMetadata<IEndpointDescriptionMetadata>().Description;
        return operation;
    }

    private static JsonObject Complete(JsonObject operation, JsonObject document, Dictionary<string, string> tries)
    {
        foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
        {
            if (tries.TryGetValue(parameter!["x-ms-summary"]!.ToString(), out var value))
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
            var required = schema["required"]?.AsArray().Select(name => name!.ToString()).ToList() ?? [];
            body["example"] = new JsonObject(schema["properties"]!.AsObject()
                .Where(property => required.Contains(property.Key) || property.Value!["x-ms-visibility"]?.ToString() == "important")
                .Select(property => KeyValuePair.Create(
                    property.Key, tries.TryGetValue(property.Value!["x-ms-summary"]!.ToString(), out var value) ? value : property.Value["example"]?.DeepClone())));
        }

        foreach (var (status, response) in operation["responses"]!.AsObject().ToList())
        {
            if ((response!["content"] as JsonObject)?.FirstOrDefault().Value is not JsonObject content)
                continue;
            if (!status.StartsWith('2'))
                response["content"] = OtherRoutes.Problem(ProblemOf($"{operation["operationId"]}", status));
            else if (content["schema"] is { } schema && schema["format"]?.ToString() != "binary")
                content["example"] = ExampleOf(schema, document);
            else
                response.AsObject().Remove("content"); // a 204, or a file
        }

        return operation;
    }

    private static Problem ProblemOf(string operationId, string status) => (operationId, status) switch
    {
        ("GetTemplateSchema" or "StartConversation", "404") => Catalogue.TemplateNotFound("No template is named 'order_updates'. Did you mean 'order_update'?"),
        ("GetFile", "404") => Catalogue.MediaGone(""),
        ("GetFile", "413") => Catalogue.MediaTooLarge(FileHandlers.Largest),
        ("SendMessage", "409") => Catalogue.ReplyWindowClosed(""),
        _ => Problems[status],
    };

    private static JsonNode? ExampleOf(JsonNode schema, JsonObject document)
    {
        var followed = Follow(schema, document);
        if (followed["example"] is { } example)
            return example.DeepClone();
        return followed["items"] is { } items
            ? new JsonArray(ExampleOf(items, document))
            : new JsonObject(followed["properties"]!.AsObject().Select(property => KeyValuePair.Create(property.Key, ExampleOf(property.Value!, document))));
    }

    /// <summary>What only the platform understands; in an example it is what a caller gets.</summary>
    private static void RemoveExtensions(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            foreach (var extension in members.Where(member => member.Key.StartsWith("x-", StringComparison.Ordinal)).ToList())
                members.Remove(extension.Key);
        }

        foreach (var child in node switch { JsonObject of => of.Where(member => member.Key != "example").Select(member => member.Value), JsonArray items => items, _ => [] })
            RemoveExtensions(child);
    }

    private static JsonNode Follow(JsonNode schema, JsonObject document) => schema["$ref"]?.ToString() is { } reference
        ? document["components"]!["schemas"]![reference["#/components/schemas/".Length..]]!
        : schema;
}
