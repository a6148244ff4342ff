using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using NSwag;

namespace ConversationLookup.Tests.Connector;

/// <summary>
/// A client that does what Power Automate and Logic Apps do with a connector: it knows the definition and nothing else, checks what goes
/// out and what comes in, fails on null and on another type, retries what they retry, and keeps a webhook's <c>Location</c>.
/// </summary>
internal sealed class FlowPlatform(ServedDefinition definition, string functionKey, bool keyInQuery = false) : IDisposable
{
    private const int Tries = 5; // four retries, as the default policy has them

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(120) };

    /// <summary>How long it waited before each retry.</summary>
    public List<TimeSpan> Waits { get; } = [];

    /// <summary>The app's clock, which moves on while it waits; null where the app's answer does not depend on that.</summary>
    public FakeTimeProvider? Time { get; init; }

    /// <summary>Runs an action. A field of the body is an input of its own, such as <c>body/text</c>.</summary>
    /// <exception cref="ActionFailedException">The action is red.</exception>
    public async Task<JsonElement> RunAsync(string operationId, params (string Name, object? Value)[] inputs)
    {
        var (answer, _) = await CallAsync(operationId, inputs);
        return answer.Body;
    }

    /// <summary>Tests the connection as the platform does when a maker presses the button.</summary>
    public Task TestConnectionAsync() => RunAsync(definition.Json["x-ms-capabilities"]!["testConnection"]!["operationId"]!.ToString());

    /// <summary>What a maker can pick for an input, while the others have these values.</summary>
    public async Task<IReadOnlyList<(string Value, string Title)>> PickAsync(JsonNode input, params (string Name, object? Value)[] others)
    {
        var (values, list) = (input["x-ms-dynamic-values"]!, input["x-ms-dynamic-list"]!);
        var answer = await RunAsync(values["operationId"]!.ToString(), Referenced(list, others));
        var items = answer.GetProperty(values["value-collection"]!.ToString()).EnumerateArray().ToList();
        Assert.Equal(
            items.Select(item => item.GetProperty(list["itemValuePath"]!.ToString()).GetString()),
            items.Select(item => item.GetProperty(values["value-path"]!.ToString()).GetString())); // old designers and new ones
        return [.. items.Select(item => (item.GetProperty(values["value-path"]!.ToString()).GetString()!, item.GetProperty(values["value-title"]!.ToString()).GetString()!))];
    }

    /// <summary>The JSON schema of the fields that a maker sees for an input, while the others have these values.</summary>
    public async Task<JsonElement> FieldsAsync(JsonNode input, params (string Name, object? Value)[] others)
    {
        var (schema, properties) = (input["x-ms-dynamic-schema"]!, input["x-ms-dynamic-properties"]!);
        var answer = await RunAsync(schema["operationId"]!.ToString(), Referenced(properties, others));
        return answer.GetProperty(schema["value-path"]!.ToString());
    }

    /// <summary>Saves a flow with the trigger: the platform fills in the callback.</summary>
    /// <returns>Where it unsubscribes.</returns>
    public async Task<Uri> SubscribeAsync(string operationId, string callbackUrl, JsonObject? inputs = null)
    {
        var body = inputs?.DeepClone().AsObject() ?? [];
        var item = definition.Json["paths"]![definition.Operation(operationId).Path]!;
        Assert.Equal("single", item["post"]!["x-ms-trigger"]!.ToString());
        var schema = ConnectorRules.Follow(definition.Json, item["post"]!["parameters"]![0]!["schema"]!);
        var callback = schema["properties"]!.AsObject().Single(property => (bool?)property.Value!["x-ms-notification-url"] ?? false).Key;
        body[callback] = callbackUrl;

        var (answer, location) = await CallAsync(operationId, [("body", body)]);
        if (answer.Status != HttpStatusCode.Created || location is not { IsAbsoluteUri: true })
            throw new ActionFailedException("The trigger needs 201 and an absolute Location.");
        return location;
    }

    /// <summary>Deletes a flow: without a key, at the kept address.</summary>
    public async Task UnsubscribeAsync(Uri location)
    {
        using var response = await _http.DeleteAsync(location, TestContext.Current.CancellationToken);
        if (!response.IsSuccessStatusCode && response.StatusCode != HttpStatusCode.NotFound)
            throw new ActionFailedException($"{(int)response.StatusCode}");
    }

    public void Dispose() => _http.Dispose();

    private async Task<(Answer Answer, Uri? Location)> CallAsync(string operationId, (string Name, object? Value)[] inputs)
    {
        var operation = definition.Operation(operationId);
        inputs = WithBody(inputs);
        Check(operation.Operation, inputs);
        if (inputs.SingleOrDefault(input => input.Name == "body").Value is { } body)
            definition.AssertTaken(operationId, JsonSerializer.SerializeToElement(body));
        for (var attempt = 1; ; attempt++)
        {
            using var request = Request(operation, inputs);
            using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
            if (attempt < Tries && (response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)response.StatusCode >= 500))
            {
                Waits.Add(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(7)); // the default policy's first interval
                Time?.Advance(Waits[^1]);
                continue;
            }

            if (response.StatusCode == HttpStatusCode.Accepted)
                throw new ActionFailedException("202: it would poll the Location until it times out.");
            var answer = await Answer.ReadAsync(response);
            definition.AssertKept(operationId, answer);
            return response.IsSuccessStatusCode ? (answer, response.Headers.Location) : throw new ActionFailedException($"{answer.StatusCode} {answer.Code}", answer);
        }
    }

    /// <summary>What another operation is asked with: those of the inputs that the definition refers to, as far as they have a value.</summary>
    private static (string Name, object? Value)[] Referenced(JsonNode extension, (string Name, object? Value)[] inputs) =>
    [
        .. from parameter in extension["parameters"]?.AsObject() ?? []
           from input in inputs
           where input.Name == parameter.Value!["parameterReference"]!.ToString()
           select (parameter.Key, input.Value),
    ];

    private static (string Name, object? Value)[] WithBody((string Name, object? Value)[] inputs)
    {
        var fields = inputs.Where(input => input.Name.StartsWith("body/", StringComparison.Ordinal)).ToList();
        if (fields.Count == 0)
            return inputs;

        var body = new JsonObject();
        foreach (var (name, value) in fields)
        {
            var path = name.Split('/')[1..];
            var parent = path[..^1].Aggregate(body, (node, part) => (node[part] ??= new JsonObject()).AsObject());
            parent[path[^1]] = JsonSerializer.SerializeToNode(value);
        }

        return [.. inputs.Except(fields), ("body", body)];
    }

    private static void Check(OpenApiOperation operation, (string Name, object? Value)[] inputs)
    {
        var parameters = operation.Parameters.ToDictionary(parameter => parameter.Name);
        Assert.All(inputs, input => Assert.Contains(input.Name, parameters.Keys));
        Assert.All(parameters.Values.Where(parameter => parameter.IsRequired), parameter => Assert.Contains(parameter.Name, inputs.Select(input => input.Name)));
    }

    private HttpRequestMessage Request(OpenApiOperationDescription operation, (string Name, object? Value)[] inputs)
    {
        var path = operation.Path;
        var query = new List<string>();
        HttpContent? body = null;
        foreach (var (name, value) in inputs)
        {
            switch (operation.Operation.Parameters.Single(parameter => parameter.Name == name).Kind)
            {
                case OpenApiParameterKind.Path:
                    path = path.Replace($"{{{name}}}", Uri.EscapeDataString($"{value}"), StringComparison.Ordinal); // x-ms-url-encoding: single
                    break;
                case OpenApiParameterKind.Query:
                    query.Add($"{name}={Uri.EscapeDataString($"{value}")}"); // an empty box is sent, too
                    break;
                default:
                    body = JsonContent.Create(value);
                    break;
            }
        }

        if (keyInQuery)
            query.Add($"code={Uri.EscapeDataString(functionKey)}");
        var root = $"{definition.Json["schemes"]![0]}://{definition.Json["host"]}{definition.Json["basePath"]!.ToString().TrimEnd('/')}";
        var request = new HttpRequestMessage(new HttpMethod(operation.Method), $"{root}{path}{(query.Count > 0 ? "?" : "")}{string.Join('&', query)}") { Content = body };
        if (!keyInQuery)
            request.Headers.Add("x-functions-key", functionKey);
        return request;
    }
}

/// <summary>An action or trigger of a flow is red.</summary>
internal sealed class ActionFailedException(string message, Answer? answer = null) : Exception(message)
{
    public Answer? Answer { get; } = answer;
}
