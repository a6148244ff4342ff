using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Definition;
using ConversationLookup.Problems;
using Microsoft.OpenApi;

namespace ConversationLookup.LocalHost.Reference;

/// <summary>Describes an endpoint with the words of the connector's definition, so that there is one place for them.</summary>
internal static class ReferenceOperation
{
    private const string Problem = "application/problem+json";

    private const string Json = "application/json";

    private static readonly JsonObject Definition = ConnectorDefinition.At("http", "localhost", "");

    /// <summary>Values with which an operation answers when it is tried with the sample.</summary>
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

    /// <summary>For an operation of the connector.</summary>
    /// <typeparam name="T">What it answers when it succeeds.</typeparam>
    /// <param name="route">The endpoint.</param>
    /// <param name="operationId">Its name in the definition.</param>
    /// <param name="withFields">Whether it also takes <c>fields</c>, which flows cannot use.</param>
    public static RouteHandlerBuilder Describe<T>(this RouteHandlerBuilder route, string operationId, bool withFields = false)
    {
        var operation = Definition["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject())
            .Select(member => member.Value!).Single(node => node is JsonObject && node["operationId"]?.ToString() == operationId);
        foreach (var (status, response) in operation["responses"]!.AsObject())
        {
            if (response!["schema"] is null)
                route.Produces(int.Parse(status, null));
            else if (status.StartsWith('2'))
                route.Produces<T>(int.Parse(status, null), Json);
            else
                route.Produces<ProblemBody>(int.Parse(status, null), Problem);
        }

        return route.WithName(operationId)
            .WithTags(operation["tags"]![0]!.ToString())
            .WithSummary(operation["summary"]!.ToString())
            .WithDescription(operation["description"]!.ToString())
            .AddOpenApiOperationTransformer((made, _, _) =>
            {
                Complete(made, operation, withFields);
                return Task.CompletedTask;
            });
    }

    private static void Complete(OpenApiOperation made, JsonNode operation, bool withFields)
    {
        made.Parameters = [];
        foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
        {
            if (parameter!["in"]!.ToString() == "body")
                made.RequestBody = BodyOf(parameter);
            else
                made.Parameters.Add(ParameterOf(parameter));
        }

        if (withFields)
        {
            made.Parameters.Add(new OpenApiParameter
            {
                Name = "fields",
                In = ParameterLocation.Query,
                Description = "Only these properties and `id`, separated by commas, such as `contactName,handledBy`.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }

        foreach (var (status, response) in made.Responses ?? [])
        {
            var described = operation["responses"]![status]!;
            response.Description = described["description"]!.ToString();
            foreach (var content in response.Content?.Values ?? [])
            {
                content.Example = status.StartsWith('2')
                    ? ExampleOf(described["schema"]!)
                    : JsonSerializer.SerializeToNode(ProblemBody.Of(Problems[status], "7612f3bb62a2467ede2a0a85f3e765d1"), PayloadJson.Instance.ProblemBody);
            }
        }
    }

    private static OpenApiParameter ParameterOf(JsonNode parameter) => new()
    {
        Name = parameter["name"]!.ToString(),
        In = parameter["in"]!.ToString() == "path" ? ParameterLocation.Path : ParameterLocation.Query,
        Required = (bool)parameter["required"]!,
        Description = parameter["description"]!.ToString(),
        Schema = SchemaOf(parameter),
        Example = Tries.TryGetValue(parameter["x-ms-summary"]!.ToString(), out var value) ? value : null,
    };

    private static OpenApiRequestBody BodyOf(JsonNode parameter)
    {
        var schema = Follow(parameter["schema"]!);
        var example = new JsonObject();
        foreach (var name in schema["required"]!.AsArray())
            example[name!.ToString()] = Tries[schema["properties"]![name.ToString()]!["x-ms-summary"]!.ToString()];
        return new OpenApiRequestBody
        {
            Required = true,
            Description = parameter["description"]!.ToString(),
            Content = new Dictionary<string, OpenApiMediaType> { [Json] = new OpenApiMediaType { Schema = SchemaOf(schema), Example = example } },
        };
    }

    private static OpenApiSchema SchemaOf(JsonNode schema)
    {
        var followed = Follow(schema);
        return new OpenApiSchema
        {
            Type = Enum.Parse<JsonSchemaType>(followed["type"]!.ToString(), ignoreCase: true),
            Format = followed["format"]?.ToString(),
            Description = followed["description"]?.ToString(),
            Minimum = followed["minimum"]?.ToString(),
            Maximum = followed["maximum"]?.ToString(),
            Default = followed["default"]?.DeepClone(),
            Enum = followed["enum"]?.AsArray().Select(value => value!.DeepClone()).ToList(),
            Items = followed["items"] is { } items ? SchemaOf(items) : null,
            Properties = followed["properties"]?.AsObject().ToDictionary(property => property.Key, property => (IOpenApiSchema)SchemaOf(property.Value!)),
            Required = followed["required"] is JsonArray required ? required.Select(name => name!.ToString()).ToHashSet() : null,
        };
    }

    private static JsonNode? ExampleOf(JsonNode schema)
    {
        var followed = Follow(schema);
        if (followed["items"] is { } items)
            return new JsonArray(ExampleOf(items));
        if (followed["properties"] is not JsonObject properties)
            return followed["example"]?.DeepClone();
        var example = new JsonObject();
        foreach (var (name, property) in properties)
            example[name] = ExampleOf(property!);
        return example;
    }

    private static JsonNode Follow(JsonNode schema) =>
        schema["$ref"] is { } reference ? Definition["definitions"]![reference.ToString()["#/definitions/".Length..]]! : schema;
}
