using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Connector;

/// <summary>What the definition promises of actions and of what makers pick from, with a client as strict as the platform and an app that has the definition alone.</summary>
public sealed class ActionOperationsTests
{
    private static readonly JsonObject Definition = JsonNode.Parse(Repository.Read("infra", "connector", "apiDefinition.swagger.json"))!.AsObject();

    /// <summary>What each operation answers, and with which of the contract's checks.</summary>
    private static readonly Dictionary<string, Action<JsonElement>> Answers = new()
    {
        ["SendMessage"] = PayloadContract.AssertSentMessage,
        ["SendTemplate"] = PayloadContract.AssertSentMessage,
        ["PromptAgent"] = PayloadContract.AssertSummary,
        ["TakeOver"] = PayloadContract.AssertSummary,
        ["HandBack"] = PayloadContract.AssertSummary,
        ["MarkRead"] = PayloadContract.AssertSummary,
        ["ShowTyping"] = PayloadContract.AssertSummary,
        ["StartConversation"] = PayloadContract.AssertSummary,
        ["ListAgents"] = PayloadContract.AssertAgentList,
        ["ListBusinessNumbers"] = PayloadContract.AssertBusinessNumberList,
        ["ListTemplates"] = PayloadContract.AssertTemplateList,
        ["GetTemplateSchema"] = PayloadContract.AssertTemplateSchema,
    };

    public static TheoryData<string> Operations => [.. Answers.Keys];

    public static TheoryData<string, string> Pickers => new(Inputs("x-ms-dynamic-list"));

    public static TheoryData<string, string> Fields => new(Inputs("x-ms-dynamic-properties"));

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_flow_calls_it_with_the_inputs_that_matter_and_gets_what_the_contract_says(string operationId)
    {
        await using var app = await FakeApp.StartAsync();
        using var platform = new FlowPlatform(app.Definition, FakeApp.Key);

        var answer = await platform.RunAsync(operationId, [.. ImportantInputs(operationId)]);

        Answers[operationId](answer);
        Assert.Equal(operationId, Assert.Single(app.Calls).OperationId);
    }

    [Theory]
    [InlineData("TakeOver")]
    [InlineData("HandBack")]
    [InlineData("MarkRead")]
    [InlineData("ShowTyping")]
    public async Task What_needs_no_input_but_the_conversation_is_called_without_a_body(string operationId)
    {
        await using var app = await FakeApp.StartAsync();
        using var platform = new FlowPlatform(app.Definition, FakeApp.Key);

        await platform.RunAsync(operationId, ("id", Bodies.Id));

        Assert.Null(Assert.Single(app.Calls).Body);
    }

    [Fact]
    public void Every_action_takes_an_idempotency_key_among_its_advanced_inputs_and_says_that_nothing_is_sent_twice()
    {
        var actions = ConnectorRules.OperationsOf(Definition).Where(operation => operation is { Method: "post", Path: not "/api/subscriptions" }).ToList();

        Assert.Equal(8, actions.Count);
        Assert.All(actions, action =>
        {
            var key = ConnectorRules.InputsOf(action.Node, Definition).Single(input => input.Path == "body/idempotencyKey").Node;
            Assert.Equal(("string", "advanced", 255), (key["type"]!.ToString(), key["x-ms-visibility"]!.ToString(), (int)key["maxLength"]!));
            Assert.Contains("workflow()", key["description"]!.ToString(), StringComparison.Ordinal);
            Assert.Contains("operator of the app must allow", action.Node["description"]!.ToString(), StringComparison.Ordinal);
            Assert.Subset(action.Node["responses"]!.AsObject().Select(response => response.Key).ToHashSet(), new HashSet<string> { "403", "409", "422" });
        });
    }

    [Theory]
    [MemberData(nameof(Pickers))]
    public async Task A_maker_picks_instead_of_typing(string operationId, string input)
    {
        await using var app = await FakeApp.StartAsync();
        using var platform = new FlowPlatform(app.Definition, FakeApp.Key);

        var choices = await platform.PickAsync(Node(operationId, input), [.. ImportantInputs(operationId)]);

        Assert.NotEmpty(choices);
        Assert.All(choices, choice => Assert.NotEqual("", choice.Value + choice.Title));
        _ = app.Calls;
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_maker_sees_a_field_for_each_placeholder_of_the_template(string operationId, string input)
    {
        await using var app = await FakeApp.StartAsync();
        using var platform = new FlowPlatform(app.Definition, FakeApp.Key);
        var inputs = ImportantInputs(operationId).Where(given => given.Name != input).ToList();

        var schema = await platform.FieldsAsync(Node(operationId, input), [.. inputs]);
        var values = schema.GetProperty("required").EnumerateArray().Select(name => ($"{input}/{name.GetString()}", (object?)"Amara"));
        await platform.RunAsync(operationId, [.. inputs, .. values]);

        Assert.Equal(["GetTemplateSchema", operationId], app.Calls.Select(call => call.OperationId));
        Assert.Equal(schema.GetProperty("properties").EnumerateObject().Select(field => field.Name), app.Calls[1].Body!["values"]!.AsObject().Select(value => value.Key));
    }

    [Fact]
    public async Task A_template_is_picked_for_the_number_that_it_is_sent_from()
    {
        await using var app = await FakeApp.StartAsync();
        using var platform = new FlowPlatform(app.Definition, FakeApp.Key);
        (string, object?)[] inputs = [("body/fromPhoneNumber", "+447700900111"), ("body/templateName", "order_update")];

        await platform.PickAsync(Node("StartConversation", "body/templateName"), inputs);
        await platform.FieldsAsync(Node("StartConversation", "body/values"), inputs);

        Assert.All(app.Calls, call => Assert.Equal("?businessPhoneNumber=%2B447700900111", call.Query));
    }

    private static IEnumerable<(string OperationId, string Input)> Inputs(string extension) =>
        from operation in ConnectorRules.OperationsOf(Definition)
        from input in ConnectorRules.InputsOf(operation.Node, Definition)
        where input.Node.ContainsKey(extension)
        select (operation.Node["operationId"]!.ToString(), input.Path);

    private static JsonObject Node(string operationId, string path) => ConnectorRules.InputsOf(Operation(operationId), Definition).Single(input => input.Path == path).Node;

    private static JsonObject Operation(string operationId) =>
        ConnectorRules.OperationsOf(Definition).Single(operation => operation.Node["operationId"]!.ToString() == operationId).Node;

    /// <summary>What a maker sees first, with the values of the definition's examples.</summary>
    private static IEnumerable<(string Name, object? Value)> ImportantInputs(string operationId)
    {
        foreach (var parameter in Operation(operationId)["parameters"]?.AsArray() ?? [])
        {
            var name = parameter!["name"]!.ToString();
            if (parameter["in"]!.ToString() == "path")
                yield return (name, name == "id" ? Bodies.Id : "order_update");
            if (parameter["schema"] is not { } schema)
                continue;
            foreach (var (property, node) in ConnectorRules.Follow(Definition, schema)["properties"]!.AsObject().Where(property => property.Value!["x-ms-visibility"]?.ToString() == "important"))
                yield return ($"body/{property}", node!["example"]);
        }
    }
}
