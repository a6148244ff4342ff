using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.LocalHost;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;
using ConversationLookup.Webhooks;
using Microsoft.Playwright;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>The page at <c>/</c> shows every route, and its examples work.</summary>
public sealed class ReferencePageTests
{
    [Fact]
    public async Task The_page_shows_an_operation_and_its_example_answers_with_the_sample()
    {
        await using var sample = await SampleServer.StartAsync(new SampleOptions { Url = "http://127.0.0.1:0" }, TimeProvider.System);
        await using var app = await StartAsync(sample.Url);
        await using var browser = await Browser.StartAsync();

        var page = await browser.OpenAsync(app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Conversation Lookup" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Test Request (get /api/conversations/{id})" }).First.ClickAsync();
        var response = await page.RunAndWaitForResponseAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Send" }).First.ClickAsync(),
            response => response.Url.Contains("/api/", StringComparison.Ordinal));

        await Assertions.Expect(page.GetByText("200 OK").First).ToBeVisibleAsync();
        PayloadContract.AssertSummary(JsonDocument.Parse(await response.TextAsync()).RootElement);
        await Assertions.Expect(page.GetByText("Auth Required")).ToHaveCountAsync(0);
        Assert.Equal("/icon.svg", await page.Locator("link[rel~=icon]").First.GetAttributeAsync("href"));
        Assert.Equal("en", await page.EvaluateAsync<string>("document.documentElement.lang"));
        if (Environment.GetEnvironmentVariable("REFERENCE_SCREENSHOT") is { } path)
            await page.ScreenshotAsync(new() { Path = path });
        Assert.Empty(browser.Errors);
        Assert.Empty(browser.Elsewhere);
    }

    [Fact]
    public async Task The_document_has_every_route_with_its_parameters_and_no_null()
    {
        await using var app = await StartAsync("http://127.0.0.1:9", "key");

        var document = (await app.GetAsync("../openapi.json")).Body;

        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => (Path: path.Name, Method: operation.Name, operation.Value))).ToList();
        Assert.Equal(
            (await AppEndpoint.ListAsync()).Where(endpoint => endpoint is not ({ Method: "HEAD" } or { Path: "api/mcp", Method: "GET" or "DELETE" })) // which are refused
                .Select(endpoint => $"{endpoint.Method} /{endpoint.Path} {endpoint.NeedsKey}").Order(),
            operations.Select(operation => $"{operation.Method.ToUpperInvariant()} {operation.Path} {operation.Value.TryGetProperty("security", out _)}").Order());
        Assert.All(operations, operation => Assert.NotEqual("", operation.Value.GetProperty("summary").GetString()));
        Assert.DoesNotContain("\"null\"", document.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(NamesOutsideExamples(document), name => name.StartsWith("x-", StringComparison.Ordinal)); // only the platform knows those
        Assert.DoesNotContain("\"pattern\"", document.GetRawText(), StringComparison.Ordinal); // numbers as text
        Assert.Equal(
            ["contactPhoneNumber", "businessPhoneNumber", "agentId", "status", "hasUnread", "lastMessageAfter", "lastMessageBefore", "limit", "offset", "fields"],
            operations.Single(operation => operation is { Path: "/api/conversations", Method: "get" }).Value.GetProperty("parameters").EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Its_worked_examples_keep_the_contract()
    {
        await using var app = await StartAsync("http://127.0.0.1:9");

        var paths = (await app.GetAsync("../openapi.json"))["paths"];

        PayloadContract.AssertSummary(Example(paths, "/api/conversations/{id}", "200"));
        PayloadContract.AssertConversationPage(Example(paths, "/api/conversations", "200"));
        PayloadContract.AssertMessagePage(Example(paths, "/api/conversations/{id}/messages", "200"));
        foreach (var status in (string[])["400", "404", "424", "429", "502", "503", "504"])
            Assert.Equal(status, Example(paths, "/api/conversations/{id}", status).GetProperty("status").ToString());
        PayloadContract.AssertSentMessage(Example(paths, "/api/conversations/{id}/messages", "200", "post"));
        PayloadContract.AssertSummary(Example(paths, "/api/conversations", "201", "post"));
        PayloadContract.AssertAgentList(Example(paths, "/api/agents", "200"));
        PayloadContract.AssertBusinessNumberList(Example(paths, "/api/business-numbers", "200"));
        PayloadContract.AssertTemplateList(Example(paths, "/api/templates", "200"));
        PayloadContract.AssertTemplateSchema(Example(paths, "/api/templates/{name}/schema", "200"));
        foreach (var status in (string[])["403", "409", "422"])
            Assert.Equal(status, Example(paths, "/api/conversations/{id}/messages", status, "post").GetProperty("status").ToString());
    }

    [Fact]
    public async Task Where_a_status_has_more_than_one_meaning_the_example_is_the_routes_own()
    {
        (string Path, string Method, string Status, string Code)[] meanings =
        [
            ("/api/conversations/{id}", "get", "404", "conversation_not_found"),
            ("/api/conversations/{id}/messages", "post", "409", "reply_window_closed"),
            ("/api/conversations", "post", "404", "template_not_found"),
            ("/api/conversations", "post", "409", "outcome_unknown"),
            ("/api/templates/{name}/schema", "get", "404", "template_not_found"),
            ("/api/conversations/{id}/messages/{messageId}/media", "get", "404", "media_gone"),
            ("/api/conversations/{id}/messages/{messageId}/media", "get", "413", "media_too_large"),
        ];
        await using var app = await StartAsync("http://127.0.0.1:9");

        var paths = (await app.GetAsync("../openapi.json"))["paths"];

        Assert.All(meanings, meaning => Assert.Equal(meaning.Code, Example(paths, meaning.Path, meaning.Status, meaning.Method).GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Where_a_key_is_asked_for_the_document_says_which()
    {
        await using var app = await StartAsync("http://127.0.0.1:9", key: "function-key");

        var description = (await app.GetAsync("../openapi.json"))["info"].GetProperty("description").GetString();

        Assert.EndsWith("This app asks for a function key: the value of the setting `LocalHost:Key`.", description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_key_is_asked_for_the_document_asks_for_none()
    {
        await using var app = await StartAsync("http://127.0.0.1:9");

        var document = (await app.GetAsync("../openapi.json")).Body;

        Assert.DoesNotContain("\"security", document.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("function key", document.GetProperty("info").GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.False(document.GetProperty("paths").GetProperty("/api/conversations/{id}").GetProperty("get").GetProperty("responses").TryGetProperty("401", out _));
    }

    [Fact]
    public async Task Every_route_has_an_example_of_what_it_takes_and_of_what_it_answers()
    {
        await using var app = await StartAsync("http://127.0.0.1:9");

        var paths = (await app.GetAsync("../openapi.json"))["paths"];

        var operations = paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Select(operation => operation.Value).ToList();
        Assert.All(operations, operation => Assert.NotEmpty(operation.GetProperty("responses").EnumerateObject()));
        Assert.All(
            operations.SelectMany(operation => operation.GetProperty("responses").EnumerateObject()).Where(response => response.Name is not ("202" or "204"))
                .SelectMany(response => response.Value.TryGetProperty("content", out var content) ? content.EnumerateObject() : []),
            content => Assert.NotEqual(JsonValueKind.Null, content.Value.GetProperty("example").ValueKind));
        Assert.All(
            operations.SelectMany(operation => operation.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray() : [])
                .Where(parameter => parameter.TryGetProperty("required", out var required) && required.GetBoolean()),
            parameter => Assert.True(parameter.TryGetProperty("example", out _)));
        Assert.All(
            (string[])["/api/conversations", "/api/subscriptions", "/api/webhooks/wassist", "/api/mcp"],
            path => Assert.True(paths.GetProperty(path).GetProperty("post").GetProperty("requestBody").GetProperty("required").GetBoolean()));
        Assert.Equal(
            app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) + "/inbox/callback",
            BodyExample(paths, "/api/subscriptions").GetProperty("callbackUrl").GetString());
    }

    [Fact]
    public async Task The_examples_of_routes_that_the_connector_does_not_have_are_what_the_app_reads_and_answers()
    {
        await using var app = await StartAsync("http://127.0.0.1:9");

        var paths = (await app.GetAsync("../openapi.json"))["paths"];

        var (received, unknownShapes) = EventParser.Parse(
            System.Text.Encoding.UTF8.GetBytes(BodyExample(paths, "/api/webhooks/wassist").GetRawText()), null, DateTimeOffset.UtcNow, Guid.NewGuid());
        Assert.Empty(unknownShapes);
        Assert.Equal(("message.received", "address"), (received.Type, received.Message!.ButtonId));
        var health = (await app.GetAsync("health")).Body;
        Assert.Contains(
            Example(paths, "/api/health", "200").GetProperty("checks")[0].GetRawText(), health.GetProperty("checks").EnumerateArray().Select(check => check.GetRawText()));
        Assert.Equal("2.0", Example(paths, "/api/swagger.json", "200").GetProperty("swagger").GetString());
        var called = await Agents.Mcp.PostAsync(app.Http, BodyExample(paths, "/api/mcp").GetRawText());
        var shown = JsonNode.Parse(Example(paths, "/api/mcp", "200", "post").GetRawText())!;
        Assert.True(called.IsToolError); // nobody is behind this app
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse((string)shown["result"]!["content"]![0]!["text"]!), shown["result"]!["structuredContent"]));
        PayloadContract.AssertAgentList(Example(paths, "/api/mcp", "200", "post").GetProperty("result").GetProperty("structuredContent"));
    }

    private static IEnumerable<string> NamesOutsideExamples(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Where(member => member.Name != "example").SelectMany(member => NamesOutsideExamples(member.Value).Prepend(member.Name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(NamesOutsideExamples),
        _ => [],
    };

    private static JsonElement BodyExample(JsonElement paths, string path) =>
        paths.GetProperty(path).GetProperty("post").GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("example");

    private static JsonElement Example(JsonElement paths, string path, string status, string method = "get") =>
        paths.GetProperty(path).GetProperty(method).GetProperty("responses").GetProperty(status).GetProperty("content").EnumerateObject().Single().Value.GetProperty("example");

    private static Task<App> StartAsync(string wassist, string key = "") =>
        App.StartAsync(new Dictionary<string, string> { ["Wassist:BaseUrl"] = wassist, ["Wassist:ApiKey"] = SampleServer.ApiKey, [FunctionKey.Setting] = key });
}
