using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Actions;
using ConversationLookup.Tests.Actions;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Connector;

/// <summary>What the definition says of actions is what the app does.</summary>
public sealed class ActionDefinitionTests
{
    public static TheoryData<string, string> Statuses => new(ServedDefinition.Statuses().Where(pair => IsAction(pair.OperationId)).Select(pair => (pair.OperationId, pair.Status)));

    /// <summary>Whether an operation is an action.</summary>
    public static bool IsAction(string operationId) => Enum.TryParse<ConversationAction>(operationId, out _);

    [Fact]
    public void It_has_every_action_that_an_operator_can_allow() =>
        Assert.Equal(Enum.GetNames<ConversationAction>().Order(), ServedDefinition.Statuses().Select(pair => pair.OperationId).Where(IsAction).Distinct().Order());

    /// <summary>Every status that an action lists can be had, and its body fits the schema.</summary>
    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task Every_status_it_lists_is_answered_with_a_body_that_fits(string operationId, string status)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var nobody = LocalServer.StartUnreachable();
        var settings = status switch
        {
            "401" => new Dictionary<string, string> { ["LocalHost:Key"] = "key" },
            "403" => new() { ["Actions:Allowed"] = "" },
            "502" => new() { ["Wassist:BaseUrl"] = $"http://127.0.0.1:{LocalServer.FreePort()}" },
            "504" => new() { ["Wassist:BaseUrl"] = nobody.Url },
            _ => [],
        };
        Action<IServiceCollection> configure = status is "409" or "502" or "504" ? services => services.AddSingleton<TimeProvider>(time) : _ => { };
        await using var acting = await ActingApp.StartAsync(settings, withStorage: status == "422", configure);
        var definition = await ServedDefinition.LoadAsync(acting.App);
        acting.Upstream.Answer = status switch
        {
            "404" when operationId != "StartConversation" => FakeWassist.Status(404),
            "424" => FakeWassist.Status(403),
            "429" => FakeWassist.Status(429, """{"retry_after":30}"""),
            _ => acting.Upstream.Answer,
        };
        acting.Wassist.FateOf = (_, _) => status == "409" ? new Fate(Accepts: false, FakeWassist.Status(500)) : Fate.Good;
        acting.Wassist.Change = conversation => conversation["isHumanTakeover"] = operationId == "HandBack"; // what was not done is not seen to be done
        (string, string)[] headers = status is "422" or "503" ? [("Idempotency-Key", "the-key")] : [];
        if (status == "422")
            (await acting.PostAsync("conversations", new { toPhoneNumber = "+44 7700 900888" }, headers)).Is(201, "ok");

        var (_, path, body) = ActionTests.All.Single(one => one.Action.ToString() == operationId);
        if (status == "404" && operationId == "StartConversation")
            body = new { toPhoneNumber = "+44 7700 900999", templateName = "nothing" };
        if (status == "413")
            body = new { text = new string('x', 65 * 1024) };
        var call = acting.PostAsync(path + (status == "400" ? "?limit=0" : ""), body, headers);
        var answer = status is "409" or "502" or "504" ? await App.WhileTimePassesAsync(time, call) : await call;

        Assert.Equal(status, $"{answer.StatusCode}");
        definition.AssertKept(operationId, answer);
    }

    [Fact]
    public async Task Its_limits_are_the_apps()
    {
        await using var acting = await ActingApp.StartAsync();
        var definition = await ServedDefinition.LoadAsync(acting.App);

        foreach (var (action, path, body) in ActionTests.All)
        {
            foreach (var (input, node) in InputsOf(definition, action).Where(input => input.Node.ContainsKey("maxLength")))
            {
                var longest = (int)node["maxLength"]!;
                AssertFault(await acting.PostAsync(path, With(body, input, new string('x', longest + 1))), input);
                Assert.NotEqual(400, (await acting.PostAsync(path, With(body, input, new string('x', longest)))).StatusCode);
            }

            foreach (var (input, node) in InputsOf(definition, action).Where(input => input.Node.ContainsKey("maximum")))
            {
                var (smallest, largest) = ((int)node["minimum"]!, (int)node["maximum"]!);
                foreach (var outside in (int[])[smallest - 1, largest + 1])
                    AssertFault(await acting.PostAsync(path, With(body, input, outside)), input);
                foreach (var inside in (int[])[smallest, largest, (int)node["default"]!])
                    (await acting.PostAsync(path, With(body, input, inside))).Is(200, "ok");
            }
        }
    }

    /// <summary>A property that the definition has is one that the app reads, and the other way round.</summary>
    [Fact]
    public async Task Its_inputs_are_those_that_the_app_reads()
    {
        await using var acting = await ActingApp.StartAsync();
        var definition = await ServedDefinition.LoadAsync(acting.App);

        foreach (var (action, path, body) in ActionTests.All)
            Assert.Equal(ValidNames(await acting.PostAsync(path, With(body, "surprise", "x"))), InputsOf(definition, action).Select(input => input.Name).Order());
    }

    [Theory]
    [InlineData("ListAgents", "agents")]
    [InlineData("ListBusinessNumbers", "business-numbers")]
    [InlineData("ListTemplates", "templates")]
    [InlineData("GetTemplateSchema", "templates/plain/schema")]
    public async Task What_makers_pick_from_has_the_parameters_that_the_app_reads(string operationId, string path)
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);
        var definition = await ServedDefinition.LoadAsync(acting.App);

        var answer = await acting.App.GetAsync($"{path}?surprise=x");

        var query = definition.Operation(operationId).Operation.Parameters.Where(parameter => parameter.Kind == NSwag.OpenApiParameterKind.Query);
        Assert.Equal(ValidNames(answer), query.Select(parameter => parameter.Name).Order());
    }

    /// <summary>What a 400 for an unknown name says there is.</summary>
    private static IEnumerable<string> ValidNames(Answer answer) =>
        answer.Is(400, "invalid_parameter").Detail.Split("Valid names: ").Skip(1).SelectMany(names => names.TrimEnd('.').Split(", ")).Order();

    private static IEnumerable<(string Name, JsonObject Node)> InputsOf(ServedDefinition definition, ConversationAction action) =>
        from input in ConnectorRules.InputsOf(definition.Json["paths"]![definition.Operation(action.ToString()).Path]!["post"]!.AsObject(), definition.Json)
        let parts = input.Path.Split('/')
        where parts is ["body", _]
        select (parts[1], input.Node);

    private static void AssertFault(Answer answer, string name) =>
        Assert.Contains(answer.Is(400, "invalid_parameter")["errors"].EnumerateArray(), fault => fault.GetProperty("parameter").GetString() == name);

    private static JsonObject With(object? body, string name, object value)
    {
        var changed = body is null ? [] : JsonSerializer.SerializeToNode(body)!.AsObject();
        changed[name] = JsonSerializer.SerializeToNode(value);
        return changed;
    }
}
