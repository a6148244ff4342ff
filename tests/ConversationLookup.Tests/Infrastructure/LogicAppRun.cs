using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Infrastructure;

/// <summary>Runs a Logic App's workflow against the app, as far as the samples need: Http, Compose and Response, in the order of <c>runAfter</c>.</summary>
internal sealed class LogicAppRun : IDisposable
{
    private readonly JsonNode _definition;
    private readonly WorkflowExpression _expressions;
    private readonly HttpClient _http = new();
    private readonly Dictionary<string, (string Status, JsonNode Outputs)> _done = [];
    private JsonNode? _trigger;
    private string _callbackUrl = "";

    public LogicAppRun(App app, string key, JsonNode definition)
    {
        _definition = definition;
        var root = app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        _expressions = new WorkflowExpression((function, arguments) => function switch
        {
            "parameters" => arguments.Single()!.ToString() switch { "hostName" => new Uri(root).Authority, "functionKey" => key, var other => throw new InvalidOperationException(other) },
            "listCallbackUrl" => _callbackUrl,
            "triggerBody" => _trigger,
            "outputs" => _done[arguments.Single()!.ToString()].Outputs,
            "body" => _done[arguments.Single()!.ToString()].Outputs["body"],
            "encodeUriComponent" => Uri.EscapeDataString(arguments.Single()!.ToString()),
            "coalesce" => arguments.First(argument => argument is not null),
            _ => throw new InvalidOperationException(function),
        });
    }

    /// <summary>What the caller of a Request trigger gets.</summary>
    public JsonNode? Response { get; private set; }

    public JsonNode? Outputs(string action) => _done[action].Outputs;

    /// <summary>What saving the workflow does.</summary>
    public async Task SubscribeAsync(string callbackUrl)
    {
        _callbackUrl = callbackUrl;
        var (status, _) = await SendAsync(Assert.Single(_definition["triggers"]!.AsObject()).Value!["inputs"]!["subscribe"]!);
        Assert.Equal(201, status);
    }

    /// <summary>One run.</summary>
    public async Task RunAsync(JsonNode trigger)
    {
        _trigger = trigger;
        var waiting = _definition["actions"]!.AsObject().ToDictionary();
        while (waiting.Count > 0)
        {
            var (name, action) = waiting.First(step => step.Value!["runAfter"]!.AsObject().All(before => _done.ContainsKey(before.Key)));
            waiting.Remove(name);
            var runs = action!["runAfter"]!.AsObject().All(before => before.Value!.AsArray().Any(status => status!.ToString() == _done[before.Key].Status));
            _done[name] = runs ? await RunActionAsync(action) : ("Skipped", new JsonObject());
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<(string Status, JsonNode Outputs)> RunActionAsync(JsonNode action)
    {
        switch (action["type"]!.ToString())
        {
            case "Http":
                var (status, body) = await SendAsync(action["inputs"]!);
                return (status < 400 ? "Succeeded" : "Failed", new JsonObject { ["statusCode"] = status, ["body"] = body });
            case "Response":
                Response = _expressions.Evaluate(action["inputs"])!;
                return ("Succeeded", new JsonObject());
            case "Compose":
                return ("Succeeded", _expressions.Evaluate(action["inputs"])!);
            case var other:
                throw new InvalidOperationException(other);
        }
    }

    private async Task<(int Status, JsonNode? Body)> SendAsync(JsonNode call)
    {
        var inputs = _expressions.Evaluate(call)!;
        var query = string.Join('&', inputs["queries"]?.AsObject().Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}={pair.Value}")) ?? []);
        var uri = new UriBuilder(inputs["uri"]!.ToString()) { Scheme = "http", Query = query }; // the app under test has no certificate
        using var request = new HttpRequestMessage(new HttpMethod(inputs["method"]!.ToString()), uri.Uri);
        if (inputs["body"] is { } body)
            request.Content = JsonContent.Create(body);
        foreach (var (name, value) in inputs["headers"]!.AsObject())
            request.Headers.Add(name, value!.ToString());
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken));
    }
}
