using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using NJsonSchema;

namespace ConversationLookup.Tests.EndToEnd;

/// <summary>The tools of agents with clients that others have written, the same for the local host and the worker.</summary>
public abstract class AgentCases(AppUnderTest app)
{
    private readonly AppUnderTest _app = app.OrSkip();

    private const string Conversation = "7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33";

    /// <summary>Every tool with arguments that are right. What is written in the sample is nobody's.</summary>
    private static readonly Dictionary<string, string> Calls = new()
    {
        ["find_conversations"] = """{"contactPhoneNumber":"+44 7700 900222","limit":5}""",
        ["get_conversation"] = $$"""{"id":"{{Conversation}}"}""",
        ["list_messages"] = $$"""{"id":"{{Conversation}}","limit":20}""",
        ["get_file"] = $$"""{"id":"{{Conversation}}","messageId":"{{Conversation[..24]}}000000000005"}""",
        ["list_agents"] = "{}",
        ["list_business_numbers"] = "{}",
        ["list_templates"] = "{}",
        ["get_template_schema"] = """{"name":"order_update"}""",
        ["send_message"] = $$"""{"id":"{{Conversation}}","text":"Which day suits you?","buttons":[{"text":"Monday","id":"mon"}]}""",
        ["send_template"] = $$$"""{"id":"{{{Conversation}}}","templateName":"order_update","values":{"body_1":"Amara","body_2":"5512","button_1":"5512"}}""",
        ["prompt_agent"] = $$"""{"id":"{{Conversation}}","prompt":"Ask for the order number."}""",
        ["take_over"] = $$"""{"id":"{{Conversation}}","minutes":30}""",
        ["hand_back"] = $$"""{"id":"{{Conversation}}"}""",
        ["mark_read"] = $$"""{"id":"{{Conversation}}"}""",
        ["show_typing"] = $$"""{"id":"{{Conversation}}"}""",
        ["start_conversation"] = """{"toPhoneNumber":"+44 7700 900222","templateName":"opening_hours"}""",
    };

    [Fact]
    public async Task The_sdk_for_csharp_lists_every_tool_and_each_answers_what_its_schema_says()
    {
        Assert.SkipUnless(_app.IsLocal, "Nothing is sent through an app that somebody uses.");
        await using var client = await McpClient.CreateAsync(
            new HttpClientTransport(new HttpClientTransportOptions
            {
                Endpoint = new Uri(_app.Root, "api/mcp"),
                TransportMode = HttpTransportMode.StreamableHttp,
                AdditionalHeaders = new Dictionary<string, string> { ["x-functions-key"] = _app.RequireKey() },
            }),
            cancellationToken: TestContext.Current.CancellationToken);

        var tools = await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Calls.Keys, tools.Select(tool => tool.Name));
        foreach (var tool in tools)
        {
            var result = await client.CallToolAsync(
                tool.Name, JsonSerializer.Deserialize<Dictionary<string, object?>>(Calls[tool.Name]), cancellationToken: TestContext.Current.CancellationToken);

            Assert.True(result.IsError is not true, $"{tool.Name}: {(result.Content[0] as TextContentBlock)?.Text}");
            if (tool.ReturnJsonSchema is { } schema)
                Assert.Empty((await JsonSchema.FromJsonAsync(schema.GetRawText(), TestContext.Current.CancellationToken)).Validate(result.StructuredContent!.Value.GetRawText()));
            else
                Assert.Equal("image/jpeg", Assert.IsType<BlobResourceContents>(Assert.IsType<EmbeddedResourceBlock>(Assert.Single(result.Content)).Resource).MimeType);
        }
    }

    [Fact]
    public async Task The_sdk_for_typescript_lists_every_tool_and_each_answers_what_its_schema_says()
    {
        Assert.SkipUnless(_app.IsLocal, "Nothing is sent through an app that somebody uses.");
        var lines = await TypeScriptClient.RunAsync(new Uri(_app.Root, "api/mcp"), _app.RequireKey(), JsonNode.Parse(JsonSerializer.Serialize(Calls.ToDictionary(call => call.Key, call => JsonNode.Parse(call.Value))))!);

        Assert.Equal([.. Calls.Keys.Select(name => $"{name} ok")], lines); // that client validates what is structured
    }

    [Fact]
    public async Task A_file_of_a_message_comes_whole_with_its_name_and_type()
    {
        Assert.SkipUnless(_app.IsLocal, "What files there are in somebody's account is not known.");
        using var http = new HttpClient { DefaultRequestHeaders = { { "x-functions-key", _app.RequireKey() } } };

        using var response = await http.GetAsync(new Uri(_app.Root, $"api/conversations/{Conversation}/messages/{Conversation[..24]}000000000002/media"), TestContext.Current.CancellationToken);
        var content = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

        Assert.True(response.IsSuccessStatusCode, System.Text.Encoding.UTF8.GetString(content));
        Assert.Equal(("image/png", content.Length), (response.Content.Headers.ContentType?.MediaType, (int?)response.Content.Headers.ContentLength));
        Assert.Equal(["receipt-5512.png"], response.Headers.GetValues("X-File-Name"));
        Assert.StartsWith("\x89PNG", System.Text.Encoding.Latin1.GetString(content), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_missing_is_401()
    {
        _app.RequireKey();
        var answer = await _app.SendAsIsAsync(new HttpRequestMessage(HttpMethod.Post, "mcp") { Content = new StringContent("{}", null, "application/json") });

        Assert.Equal(401, answer.StatusCode);
    }

    [Theory]
    [InlineData("GET", "", 405)]
    [InlineData("DELETE", "", 405)]
    [InlineData("POST", "{", 400)]
    [InlineData("POST", """{"jsonrpc":"2.0","method":"notifications/initialized"}""", 202)]
    [InlineData("POST", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"nothing"}}""", 200)]
    public async Task What_is_not_a_call_is_answered_as_the_protocol_says(string method, string body, int status)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), "mcp");
        if (body.Length > 0)
            request.Content = new StringContent(body, null, "application/json");

        Assert.Equal(status, (await _app.SendAsync(request)).StatusCode);
    }
}
