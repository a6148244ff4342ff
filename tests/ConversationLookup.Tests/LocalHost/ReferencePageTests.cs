using System.Text.Json;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;
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
        if (Environment.GetEnvironmentVariable("REFERENCE_SCREENSHOT") is { } path)
            await page.ScreenshotAsync(new() { Path = path });
        Assert.Empty(browser.Errors);
        Assert.Empty(browser.Elsewhere);
    }

    [Fact]
    public async Task The_document_has_every_route_with_its_parameters_and_no_null()
    {
        await using var app = await StartAsync("http://127.0.0.1:9");

        var document = (await app.GetAsync("../openapi.json")).Body;

        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => (Path: path.Name, Method: operation.Name, operation.Value))).ToList();
        Assert.Equal(
            (await AppEndpoint.ListAsync()).Where(endpoint => endpoint.Method != "HEAD").Select(endpoint => $"{endpoint.Method} /{endpoint.Path} {endpoint.NeedsKey}").Order(),
            operations.Select(operation => $"{operation.Method.ToUpperInvariant()} {operation.Path} {operation.Value.TryGetProperty("security", out _)}").Order());
        Assert.All(operations, operation => Assert.NotEqual("", operation.Value.GetProperty("summary").GetString()));
        Assert.DoesNotContain("\"null\"", document.GetRawText(), StringComparison.Ordinal);
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
    }

    private static JsonElement Example(JsonElement paths, string path, string status) =>
        paths.GetProperty(path).GetProperty("get").GetProperty("responses").GetProperty(status).GetProperty("content").EnumerateObject().Single().Value.GetProperty("example");

    private static Task<App> StartAsync(string wassist) =>
        App.StartAsync(new Dictionary<string, string> { ["Wassist:BaseUrl"] = wassist, ["Wassist:ApiKey"] = SampleServer.ApiKey });
}
