using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Tests.Connector;

namespace ConversationLookup.Tests.Infrastructure;

/// <summary>
/// Runs a workflow of Logic Apps or Power Automate, as far as the samples need it: Http, Compose, Response, If and the actions of
/// connectors, in the order of <c>runAfter</c>. What the samples do not use is a mistake in them, and throws.
/// </summary>
internal sealed class WorkflowRun : IDisposable
{
    /// <summary>The one as which the samples' flows know the app.</summary>
    private const string Connection = "shared_conversationlookup";

    private const int Tries = 5; // four retries, as the default policy has them

    private readonly JsonNode _definition;
    private readonly WorkflowExpression _expressions;
    private readonly HttpClient _http = new();
    private readonly Dictionary<string, (string Status, JsonNode Outputs)> _done = [];
    private JsonNode? _trigger;
    private string _callbackUrl = "";

    /// <param name="definition">The workflow's triggers and actions.</param>
    /// <param name="parameters">Its parameters.</param>
    public WorkflowRun(JsonNode definition, IReadOnlyDictionary<string, JsonNode>? parameters = null)
    {
        _definition = definition;
        _expressions = new WorkflowExpression((function, arguments) => function switch
        {
            "parameters" => parameters![arguments.Single()!.ToString()],
            "listCallbackUrl" => _callbackUrl,
            "triggerBody" => _trigger,
            "triggerOutputs" => new JsonObject { ["body"] = _trigger!.DeepClone() },
            "outputs" => _done[arguments.Single()!.ToString()].Outputs,
            "body" => _done[arguments.Single()!.ToString()].Outputs["body"],
            "encodeUriComponent" => Uri.EscapeDataString(arguments.Single()!.ToString()),
            "coalesce" => arguments.First(argument => argument is not null),
            "int" => int.Parse(arguments.Single()!.ToString(), CultureInfo.InvariantCulture),
            "convertFromUtc" => ToLocalTime(arguments[0]!.ToString(), arguments[1]!.ToString()).ToString(arguments[2]!.ToString(), CultureInfo.InvariantCulture),
            _ => throw new InvalidOperationException(function),
        });
    }

    /// <summary>What the app's connector does; for flows.</summary>
    public FlowPlatform? Platform { get; init; }

    /// <summary>What actions of other connectors do, by their operation: they take parameters and give a body.</summary>
    public Dictionary<string, Func<JsonObject, JsonNode>> OtherOperations { get; init; } = [];

    /// <summary>What was asked of other connectors, in order.</summary>
    public List<(string Operation, JsonObject Parameters)> OtherCalls { get; } = [];

    /// <summary>Each run has one, which the platform sends along.</summary>
    public string Id { get; } = $"08584{Random.Shared.NextInt64(1_000_000_000_000_000):D15}CU00";

    /// <summary>What the caller of a Request trigger gets.</summary>
    public JsonNode? Response { get; private set; }

    public JsonNode? Outputs(string action) => _done[action].Outputs;

    /// <summary><c>Succeeded</c>, <c>Failed</c> or <c>Skipped</c>.</summary>
    public string Status(string action) => _done[action].Status;

    /// <summary>What saving the workflow does.</summary>
    public async Task SubscribeAsync(string callbackUrl)
    {
        _callbackUrl = callbackUrl;
        var inputs = Assert.Single(_definition["triggers"]!.AsObject()).Value!["inputs"]!;
        if (inputs["host"] is { } host)
        {
            await Platform!.SubscribeAsync(host["operationId"]!.ToString(), callbackUrl);
            return;
        }

        var (status, _) = await SendAsync(inputs["subscribe"]!);
        Assert.Equal(201, status);
    }

    /// <summary>One run.</summary>
    public async Task RunAsync(JsonNode trigger)
    {
        _trigger = trigger;
        await RunActionsAsync(_definition["actions"]!.AsObject());
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The actions on either side of a condition; of any other action, none.</summary>
    public static IEnumerable<JsonObject> Branches(JsonNode action) => new[] { action["actions"], action["else"]?["actions"] }.OfType<JsonObject>();

    /// <summary>Runs actions beside one another, as far as those before them ended as they should.</summary>
    /// <returns>Whether the last of each line went well; one that was left out is as good as the one before it.</returns>
    private async Task<bool> RunActionsAsync(JsonObject actions)
    {
        var waiting = actions.ToDictionary();
        while (waiting.Count > 0)
        {
            var (name, action) = waiting.First(step => Before(step.Value!).All(before => _done.ContainsKey(before.Key)));
            waiting.Remove(name);
            var runs = Before(action!).All(before => before.Value!.AsArray().Any(status => status!.ToString() == _done[before.Key].Status));
            if (runs)
                _done[name] = await RunActionAsync(action!);
            else
                Skip(name, action!);
        }

        return actions.Where(action => !actions.Any(later => Before(later.Value!).ContainsKey(action.Key))).All(last => WentWell(last.Key));

        bool WentWell(string name) => _done[name].Status switch
        {
            "Skipped" => Before(actions[name]!).All(before => WentWell(before.Key)),
            var status => status == "Succeeded",
        };
    }

    private void Skip(string name, JsonNode action)
    {
        _done[name] = ("Skipped", new JsonObject());
        foreach (var (inner, step) in Branches(action).SelectMany(branch => branch))
            Skip(inner, step!);
    }

    private async Task<(string Status, JsonNode Outputs)> RunActionAsync(JsonNode action)
    {
        switch (action["type"]!.ToString())
        {
            case "Http":
                var (status, body) = await SendAsync(action["inputs"]!);
                return (status < 400 ? "Succeeded" : "Failed", new JsonObject { ["statusCode"] = status, ["body"] = body });
            case "OpenApiConnection" or "OpenApiConnectionWebhook":
                return await CallAsync(action["inputs"]!);
            case "Response":
                Response = _expressions.Evaluate(action["inputs"])!;
                return ("Succeeded", new JsonObject());
            case "Compose":
                return ("Succeeded", _expressions.Evaluate(action["inputs"])!);
            case "If":
                var holds = Holds(action["expression"]!.AsObject());
                var (taken, other) = holds ? (action["actions"], action["else"]?["actions"]) : (action["else"]?["actions"], action["actions"]);
                foreach (var (name, step) in other?.AsObject() ?? [])
                    Skip(name, step!);
                return (await RunActionsAsync(taken?.AsObject() ?? []) ? "Succeeded" : "Failed", new JsonObject { ["expressionResult"] = holds });
            case var type:
                throw new InvalidOperationException(type);
        }
    }

    /// <summary>A condition as the designer writes it.</summary>
    private bool Holds(JsonObject expression)
    {
        var (name, operands) = Assert.Single(expression);
        if (name is "and" or "or")
            return name == "and" ? operands!.AsArray().All(part => Holds(part!.AsObject())) : operands!.AsArray().Any(part => Holds(part!.AsObject()));

        var (left, right) = (_expressions.Evaluate(operands![0]), _expressions.Evaluate(operands[1]));
        return name switch
        {
            "equals" => JsonNode.DeepEquals(left, right),
            "less" => (int)left! < (int)right!,
            "greaterOrEquals" => (int)left! >= (int)right!,
            _ => throw new InvalidOperationException(name),
        };
    }

    private async Task<(string Status, JsonNode Outputs)> CallAsync(JsonNode inputs)
    {
        var (connection, operation) = (inputs["host"]!["connection"]!.ToString(), inputs["host"]!["operationId"]!.ToString());
        var parameters = _expressions.Evaluate(inputs["parameters"])?.AsObject() ?? [];
        if (connection != Connection)
        {
            OtherCalls.Add((operation, parameters));
            return ("Succeeded", new JsonObject { ["body"] = OtherOperations[operation](parameters) });
        }

        try
        {
            var answer = await Platform!.RunAsync(operation, [.. parameters.Select(input => (input.Key, (object?)input.Value))]);
            return ("Succeeded", new JsonObject { ["body"] = JsonNode.Parse(answer.GetRawText()) });
        }
        catch (ActionFailedException failed)
        {
            return ("Failed", new JsonObject { ["statusCode"] = failed.Answer?.StatusCode, ["body"] = failed.Answer is { } answer ? JsonNode.Parse(answer.Text) : null });
        }
    }

    /// <summary>Sends what an HTTP action says, with the ids that the platform adds: the same ones when it repeats the call.</summary>
    private async Task<(int Status, JsonNode? Body)> SendAsync(JsonNode call)
    {
        var inputs = _expressions.Evaluate(call)!;
        var query = string.Join('&', inputs["queries"]?.AsObject().Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}={pair.Value}")) ?? []);
        var uri = new UriBuilder(inputs["uri"]!.ToString()) { Scheme = "http", Query = query }; // the app under test has no certificate
        var execution = Guid.NewGuid().ToString();
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(inputs["method"]!.ToString()), uri.Uri);
            if (inputs["body"] is { } body)
                request.Content = JsonContent.Create(body);
            foreach (var (name, value) in inputs["headers"]!.AsObject())
                request.Headers.Add(name, value!.ToString());
            request.Headers.Add("x-ms-workflow-run-id", Id);
            request.Headers.Add("x-ms-action-tracking-id", execution);
            using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
            if ((int)response.StatusCode is not (408 or 429 or >= 500) || attempt == Tries)
                return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken));
        }
    }

    private static JsonObject Before(JsonNode action) => action["runAfter"]!.AsObject();

    /// <summary>The platform has Windows' names of time zones, of which this machine may know none.</summary>
    private static DateTime ToLocalTime(string utc, string zone)
    {
        Assert.Equal("GMT Standard Time", zone);
        return TimeZoneInfo.ConvertTimeBySystemTimeZoneId(DateTime.Parse(utc, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal), "Europe/London");
    }
}
