using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Connector;

/// <summary>
/// An app on a real socket that has the definition and nothing else: it takes the calls that the definition lets a flow make, and answers
/// them with the definition's own examples.
/// </summary>
internal sealed class FakeApp : IAsyncDisposable
{
    public const string Key = "the-function-key";

    private readonly LocalServer _app;
    private readonly ConcurrentQueue<AppCall> _calls = [];
    private readonly ConcurrentQueue<string> _findings = [];

    private FakeApp(LocalServer app, ServedDefinition definition) => (_app, Definition) = (app, definition);

    /// <summary>As this app would serve it.</summary>
    public ServedDefinition Definition { get; }

    /// <summary>Another answer than the example, by the operation.</summary>
    public Dictionary<string, RequestDelegate> Answers { get; } = [];

    public Uri Url => new(_app.Url);

    /// <summary>Every call so far, in order. Each was one that the definition allows.</summary>
    public IReadOnlyList<AppCall> Calls
    {
        get
        {
            Assert.Empty(_findings);
            return [.. _calls];
        }
    }

    public static async Task<FakeApp> StartAsync()
    {
        FakeApp? fake = null;
        var app = await LocalServer.StartAsync(context => fake!.AnswerAsync(context));
        var json = JsonNode.Parse(Repository.Read("infra", "connector", "apiDefinition.swagger.json"))!.AsObject();
        (json["host"], json["schemes"]) = (new Uri(app.Url).Authority, new JsonArray("http"));
        return fake = new FakeApp(app, await ServedDefinition.ParseAsync(json.ToJsonString()));
    }

    /// <summary>A problem with this code, as the app would answer it.</summary>
    public static RequestDelegate Problem(int status, string code, string detail) => context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(
            new
            {
                type = $"urn:conversation-lookup:problem:{code}",
                title = "It did not work",
                status,
                detail,
                code,
                traceId = new string('0', 32),
            },
            options: null,
            contentType: "application/problem+json");
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync();
        string operationId;
        try
        {
            operationId = Take(context.Request, text);
        }
        catch (Exception exception) // a failed assertion is for the test, not for this server
        {
            _findings.Enqueue($"{context.Request.Method} {context.Request.Path}: {exception.Message}");
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        if (Answers.TryGetValue(operationId, out var answer))
        {
            await answer(context);
            return;
        }

        var (status, body) = Definition.ExampleOf(operationId);
        context.Response.StatusCode = status;
        if (Definition.Operation(operationId).Operation.Responses[$"{status}"].Headers.ContainsKey("Location"))
            context.Response.Headers.Location = new Uri(Url, $"{context.Request.Path}/{body!["id"]}").ToString();
        if (body is not null)
            await context.Response.WriteAsJsonAsync(body);
    }

    /// <summary>Holds a request to the definition.</summary>
    /// <returns>The operation that it is for.</returns>
    private string Take(HttpRequest request, string text)
    {
        var (path, method, node, _) = Assert.Single(
            ConnectorRules.OperationsOf(Definition.Json),
            operation => operation.Method.Equals(request.Method, StringComparison.OrdinalIgnoreCase) && Template(operation.Path).IsMatch(request.Path));
        var operationId = node["operationId"]!.ToString();
        var parameters = node["parameters"]?.AsArray().Select(parameter => parameter!.AsObject()).ToList() ?? [];
        if (node["security"] is not JsonArray { Count: 0 })
            Assert.Equal(Key, request.Headers["x-functions-key"]);

        var id = Template(path).Match(request.Path).Groups["id"].Value;
        if (parameters.Exists(parameter => parameter["in"]!.ToString() == "path" && parameter["format"]?.ToString() == "uuid"))
            Assert.True(Guid.TryParse(id, out _), $"'{id}' is not a UUID");
        Assert.All(request.Query.Keys, name => Assert.Contains(parameters, parameter => parameter["in"]!.ToString() == "query" && parameter["name"]!.ToString() == name));

        var body = text.Length == 0 ? null : JsonNode.Parse(text);
        if (body is null)
            Assert.DoesNotContain(parameters, parameter => parameter["in"]!.ToString() == "body" && (bool)parameter["required"]!);
        else
            Definition.AssertTaken(operationId, JsonSerializer.SerializeToElement(body));
        _calls.Enqueue(new AppCall(operationId, id, request.QueryString.Value!, body, request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        return operationId;
    }

    private static Regex Template(string path) => new($"^{Regex.Replace(path, @"\{\w+\}", "(?<id>[^/]+)")}$");
}

/// <summary>A call that a flow made.</summary>
/// <param name="OperationId">The operation of the definition.</param>
/// <param name="Id">What is in the path: a conversation, mostly.</param>
/// <param name="Query">With its question mark; empty if there is none.</param>
/// <param name="Body">What was sent, or nothing.</param>
/// <param name="Headers">By their names, whatever the case.</param>
internal sealed record AppCall(string OperationId, string Id, string Query, JsonNode? Body, IReadOnlyDictionary<string, string> Headers);
