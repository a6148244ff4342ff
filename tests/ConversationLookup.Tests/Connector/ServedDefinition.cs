using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;
using NJsonSchema;
using NSwag;

namespace ConversationLookup.Tests.Connector;

/// <summary>The definition as a running app serves it; answers are held to it, and what it does not know is a deviation, too.</summary>
internal sealed class ServedDefinition
{
    private readonly OpenApiDocument _document;

    private ServedDefinition(JsonObject json, OpenApiDocument document) => (Json, _document) = (json, document);

    public JsonObject Json { get; }

    public static async Task<ServedDefinition> LoadAsync(App app) => await ParseAsync((await app.GetAsync("swagger.json")).Text);

    public static async Task<ServedDefinition> ParseAsync(string json)
    {
        var document = await OpenApiDocument.FromJsonAsync(json, TestContext.Current.CancellationToken);
        foreach (var schema in document.Definitions.Values)
            schema.AllowAdditionalProperties = false;
        return new ServedDefinition(JsonNode.Parse(json)!.AsObject(), document);
    }

    /// <summary>Each operation with each status it lists.</summary>
    public static IEnumerable<(string OperationId, string Status)> Statuses() =>
        ConnectorRules.OperationsOf(JsonNode.Parse(Repository.Read("infra", "connector", "apiDefinition.swagger.json"))!.AsObject())
            .SelectMany(operation => operation.Node["responses"]!.AsObject().Select(response => (operation.Node["operationId"]!.ToString(), response.Key)));

    public OpenApiOperationDescription Operation(string id) => _document.Operations.Single(operation => operation.Operation.OperationId == id);

    /// <summary>The address of an operation relative to <c>/api/</c>, its path parameter filled in.</summary>
    public string PathOf(string operationId, string id) =>
        Operation(operationId).Path.Replace("{id}", id, StringComparison.Ordinal).Replace("{name}", id, StringComparison.Ordinal)[$"/{Routes.Prefix}/".Length..];

    /// <summary>Asserts that the definition lists the answer's status for the operation, and that the body fits the schema there.</summary>
    public void AssertKept(string operationId, Answer answer)
    {
        Assert.True(Operation(operationId).Operation.Responses.TryGetValue($"{answer.StatusCode}", out var response), $"{operationId} may not answer {answer.StatusCode}");
        if (response!.Schema is { } schema)
            AssertFits(schema.ActualSchema, answer.Body);
    }

    /// <summary>Asserts that a body is one that the operation takes.</summary>
    public void AssertTaken(string operationId, JsonElement body)
    {
        var taken = Operation(operationId).Operation.Parameters.SingleOrDefault(parameter => parameter.Kind == OpenApiParameterKind.Body);
        Assert.True(taken is not null, $"{operationId} takes no body");
        AssertFits(taken.Schema!.ActualSchema, body);
    }

    /// <summary>What an operation answers when all is well, made of the examples in the definition.</summary>
    public (int Status, JsonNode? Body) ExampleOf(string operationId)
    {
        var (status, response) = ConnectorRules.OperationsOf(Json).Single(operation => operation.Node["operationId"]!.ToString() == operationId)
            .Node["responses"]!.AsObject().First(response => response.Key.StartsWith('2'));
        return (int.Parse(status, null), response!["schema"] is { } schema ? Example(schema) : null);
    }

    /// <summary>What a trigger tells a flow, made of the examples in the definition.</summary>
    public JsonObject ExampleOfNotification() => Example(Json["definitions"]!["Notification"]!)!.AsObject();

    /// <summary>Asserts that a notification fits what the trigger promises.</summary>
    public void AssertNotification(JsonElement notification) => AssertFits(_document.Definitions["Notification"], notification);

    private JsonNode? Example(JsonNode schema)
    {
        var followed = ConnectorRules.Follow(Json, schema);
        if (followed["example"] is { } example)
            return example.DeepClone();
        return followed["items"] is { } items
            ? new JsonArray(Example(items))
            : new JsonObject(followed["properties"]!.AsObject().Select(property => KeyValuePair.Create(property.Key, Example(property.Value!))));
    }

    private static void AssertFits(JsonSchema schema, JsonElement body)
    {
        var errors = schema.Validate(body.GetRawText()).Select(error => error.ToString());
        Assert.True(!errors.Any(), string.Join('\n', errors) + body.GetRawText());
    }
}
