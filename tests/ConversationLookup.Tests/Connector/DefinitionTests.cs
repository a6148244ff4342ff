using System.Text.Json.Nodes;
using ConversationLookup.Conversations;
using ConversationLookup.Http;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Connector;

/// <summary>The hand-written definition is what the app does: nothing more, nothing less, nothing else.</summary>
public sealed class DefinitionTests
{
    private static readonly string[] NotForFlows = ["POST api/webhooks/wassist", "GET api/health", "HEAD api/health", "GET api/swagger.json", "POST api/mcp", "GET api/mcp", "DELETE api/mcp"];

    /// <summary>Without those of actions and of files, which have tests of their own.</summary>
    public static TheoryData<string, string> Statuses => new(ServedDefinition.Statuses().Where(pair => pair.OperationId != "GetFile" && !ActionDefinitionTests.IsAction(pair.OperationId)).Select(pair => (pair.OperationId, pair.Status)));

    [Fact]
    public async Task It_has_every_route_with_its_key_and_no_other()
    {
        await using var app = await StartAsync();
        var definition = await ServedDefinition.LoadAsync(app);

        var operations = ConnectorRules.OperationsOf(definition.Json)
            .Select(operation => $"{operation.Method.ToUpperInvariant()} {operation.Path.TrimStart('/')} {operation.Node["security"] is not JsonArray { Count: 0 }}");

        Names.AssertSame(
            (await AppEndpoint.ListAsync()).Where(endpoint => !NotForFlows.Contains($"{endpoint.Method} {endpoint.Path}"))
                .Select(endpoint => $"{endpoint.Method} {endpoint.Path} {endpoint.NeedsKey}"),
            operations,
            "A route that flows call is in infra/connector/apiDefinition.swagger.json; another one is in NotForFlows of DefinitionTests.cs. 'To add a route' in CONTRIBUTING.md has the rest.");
        Assert.Equal("x-functions-key", definition.Json["securityDefinitions"]!["functionKey"]!["name"]!.ToString());
    }

    [Theory]
    [InlineData("FindConversations", "fields")] // for callers who write the address: in a flow a field that is not there would be null
    [InlineData("GetConversation", "fields")]
    [InlineData("ListMessages", null)]
    [InlineData("ListEvents", null)]
    public async Task It_has_every_query_parameter_and_no_other(string operationId, string? notForFlows)
    {
        await using var app = await StartAsync();
        var definition = await ServedDefinition.LoadAsync(app);
        var read = new QueryParameters(QueryCollection.Empty, []);
        if (operationId == "FindConversations")
            ConversationQuery.ReadFilter(read);
        if (operationId == "ListMessages")
            ConversationQuery.ReadMessagePaging(read);
        if (operationId is "FindConversations" or "GetConversation")
            SummaryFields.Parse(read, []);

        var query = definition.Operation(operationId).Operation.Parameters.Where(parameter => parameter.Kind == NSwag.OpenApiParameterKind.Query);

        Assert.Equal(read.Names.Where(name => name != notForFlows).Order(), query.Select(parameter => parameter.Name).Order());
    }

    [Theory]
    [InlineData("FindConversations")]
    [InlineData("ListMessages")]
    public async Task Its_bounds_defaults_and_choices_are_the_apps(string operationId)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Routes(list: FakeWassist.Status(200, "[]"), messages: FakeWassist.Status(200, "[]"));
        await using var app = await App.StartAsync(wassist);
        var definition = await ServedDefinition.LoadAsync(app);
        var path = definition.PathOf(operationId, Bodies.Id);

        Assert.Contains(definition.Operation(operationId).Operation.Parameters, parameter => parameter.Name == "limit");
        foreach (var parameter in definition.Operation(operationId).Operation.Parameters.Where(parameter => parameter.Kind == NSwag.OpenApiParameterKind.Query))
        {
            (await app.GetAsync($"{path}?{parameter.Name}=not valid!")).Is(400, "invalid_parameter");
            foreach (var choice in parameter.Enumeration)
                (await app.GetAsync($"{path}?{parameter.Name}={choice}")).Is(200, "ok");
            if (parameter is not { Minimum: { } smallest, Maximum: { } largest })
                continue;

            (await app.GetAsync($"{path}?{parameter.Name}={smallest}")).Is(200, "ok");
            (await app.GetAsync($"{path}?{parameter.Name}={largest}")).Is(200, "ok");
            (await app.GetAsync($"{path}?{parameter.Name}={smallest - 1}")).Is(400, "invalid_parameter");
            (await app.GetAsync($"{path}?{parameter.Name}={largest + 1}")).Is(400, "invalid_parameter");
            wassist.Requests.Clear();
            (await app.GetAsync(path)).Is(200, "ok");
            (await app.GetAsync($"{path}?{parameter.Name}={parameter.Default}")).Is(200, "ok");
            Assert.Single(wassist.Requests.Select(request => request.Path).Where(request => request.Contains('?')).Distinct());
        }
    }

    [Fact]
    public async Task Every_property_of_a_subscription_is_read()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        var definition = await ServedDefinition.LoadAsync(app);
        var wrong = new JsonObject();
        foreach (var (name, _) in definition.Json["definitions"]!["Subscribe"]!["properties"]!.AsObject())
            wrong[name] = new JsonObject(); // of no type that it takes

        var (answer, _) = await app.SubscribeAsync(wrong);

        Assert.Equal(
            wrong.Select(property => property.Key).Order(),
            answer.Is(400, "callback_not_allowed")["errors"].EnumerateArray().Select(fault => fault.GetProperty("parameter").GetString()).Distinct().Order());
        definition.AssertKept("WhenAMessageIsReceived", answer);
    }

    /// <summary>Every status that an operation lists can be had, and its body fits the schema.</summary>
    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task Every_status_it_lists_is_answered_with_a_body_that_fits(string operationId, string status)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        var flow = await FakeFlow.StartAsync();
        await using var _ = flow;
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        wassist.Answer = status switch
        {
            "200" or "404" when operationId == "GetTemplateSchema" => new ActingWassist().AnswerAsync,
            "404" => FakeWassist.Status(404),
            "424" => FakeWassist.Status(403),
            "429" => FakeWassist.Status(429, """{"retry_after":30}"""),
            "502" => FakeWassist.Status(200, "<html>"),
            "504" => FakeWassist.Never,
            _ => FakeWassist.Routes(list: FakeWassist.Json(_ => new JsonArray(Bodies.Live())), messages: FakeWassist.Status(200, "[]")),
        };
        var settings = status == "401" ? new Dictionary<string, string> { ["LocalHost:Key"] = "key" } : [];
        Action<IServiceCollection> configure = status == "504" ? services => services.AddSingleton<TimeProvider>(time) : _ => { };
        if (status == "503")
            vault.Fault = KeyVaultStandIn.Error(403, "Forbidden");
        var isSubscription = operationId is "WhenAMessageIsReceived" or "DeleteSubscription";
        await using var app = status == "503" ? await vault.StartAppAsync(wassist, configure, settings) // and no storage
            : isSubscription ? await App.StartWithStorageAsync(wassist, settings, configure)
            : await App.StartAsync(wassist, settings, configure);
        var definition = await ServedDefinition.LoadAsync(app);

        var call = operationId switch
        {
            "WhenAMessageIsReceived" => SubscribeAsync(app, status == "400" ? "none" : flow.CallbackUrl),
            "DeleteSubscription" => DeleteAsync(app, definition.PathOf(operationId, new string('0', 40))),
            "GetTemplateSchema" => app.GetAsync(definition.PathOf(operationId, status == "404" ? "nothing" : "plain") + (status == "400" ? "?limit=0" : "")),
            _ => app.GetAsync(definition.PathOf(operationId, status == "400" ? "no-id" : Bodies.Id) + (status == "400" ? "?limit=0" : "")),
        };
        var answer = status == "504" ? await App.WhileTimePassesAsync(time, call) : await call;

        Assert.Equal(status, $"{answer.StatusCode}");
        definition.AssertKept(operationId, answer);
    }

    [Fact]
    public async Task It_is_served_with_the_apps_own_address_and_is_otherwise_the_file()
    {
        await using var app = await StartAsync();
        var file = JsonNode.Parse(Repository.Read("infra", "connector", "apiDefinition.swagger.json"))!.AsObject();

        var served = (await ServedDefinition.LoadAsync(app)).Json;

        Assert.Equal(app.Http.BaseAddress!.Authority, served["host"]!.ToString());
        Assert.Equal("[\"http\"]", served["schemes"]!.ToJsonString());
        (file["host"], file["schemes"]) = (served["host"]!.DeepClone(), served["schemes"]!.DeepClone());
        Assert.True(JsonNode.DeepEquals(file, served));
    }

    [Theory]
    [InlineData("contoso.azurewebsites.net", "", "https", "contoso.azurewebsites.net", "/")]
    [InlineData("contoso.azurewebsites.net", "https://gateway.contoso.example/lookup", "https", "gateway.contoso.example", "/lookup/")]
    [InlineData("contoso.azurewebsites.net", "https://gateway.contoso.example:8443", "https", "gateway.contoso.example:8443", "/")]
    [InlineData("localhost:7071", "", "http", "localhost:7071", "/")]
    public async Task Its_address_is_the_one_that_callers_use(string host, string publicBaseUrl, string scheme, string expectedHost, string basePath)
    {
        await using var app = await StartAsync(new() { ["PublicBaseUrl"] = publicBaseUrl });
        using var request = new HttpRequestMessage(HttpMethod.Get, "swagger.json") { Headers = { Host = host } };

        var served = await app.SendAsync(request);

        Assert.Equal(
            (scheme, expectedHost, basePath),
            (served["schemes"][0].GetString(), served["host"].GetString(), served["basePath"].GetString()));
    }

    [Fact]
    public async Task It_may_be_read_by_a_page_of_another_site()
    {
        await using var app = await StartAsync();

        using var response = await app.Http.GetAsync("swagger.json", TestContext.Current.CancellationToken);

        Assert.Equal(["*"], response.Headers.GetValues("Access-Control-Allow-Origin"));
    }

    private static Task<App> StartAsync(Dictionary<string, string>? settings = null) =>
        App.StartAsync(new Dictionary<string, string>(settings ?? []) { ["Wassist:ApiKey"] = "key" });

    private static async Task<Answer> SubscribeAsync(App app, string callbackUrl) => (await app.SubscribeAsync(new { callbackUrl })).Answer;

    private static async Task<Answer> DeleteAsync(App app, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, path);
        return await app.SendAsync(request);
    }
}
