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

    /// <summary>The address of an operation relative to <c>/api/</c>, its path parameters filled in.</summary>
    public string PathOf(string operationId, string id) =>
        Operation(operationId).Path.Replace("{id}", id, StringComparison.Ordinal)[$"/{Routes.Prefix}/".Length..];

    /// <summary>Asserts that the definition lists the answer's status for the operation, and that the body fits the schema there.</summary>
    public void AssertKept(string operationId, Answer answer)
    {
        Assert.True(Operation(operationId).Operation.Responses.TryGetValue($"{answer.StatusCode}", out var response), $"{operationId} may not answer {answer.StatusCode}");
        if (response!.Schema is { } schema)
            AssertFits(schema.ActualSchema, answer.Body);
    }

    /// <summary>Asserts that a notification fits what the trigger promises.</summary>
    public void AssertNotification(JsonElement notification) => AssertFits(_document.Definitions["Notification"], notification);

    private static void AssertFits(JsonSchema schema, JsonElement body)
    {
        var errors = schema.Validate(body.GetRawText()).Select(error => error.ToString());
        Assert.True(!errors.Any(), string.Join('\n', errors) + body.GetRawText());
    }
}
