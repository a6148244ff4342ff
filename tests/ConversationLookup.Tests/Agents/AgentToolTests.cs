using System.Text.Json.Nodes;
using ConversationLookup.Problems;
using ConversationLookup.Tests.Actions;
using ConversationLookup.Tests.Files;
using ConversationLookup.Tests.Support;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NJsonSchema;

namespace ConversationLookup.Tests.Agents;

/// <summary>What tools are there, what a client is told of them, and what calling them gives.</summary>
public sealed class AgentToolTests
{
    private static readonly string[] Reading =
        ["find_conversations", "get_conversation", "list_messages", "get_file", "list_agents", "list_business_numbers", "list_templates", "get_template_schema"];

    private static readonly string[] Acting =
        ["send_message", "send_template", "prompt_agent", "take_over", "hand_back", "mark_read", "show_typing", "start_conversation"];

    [Theory]
    [InlineData("", "")]
    [InlineData("SendMessage", "send_message")]
    [InlineData("HandBack, takeover", "take_over hand_back")]
    [InlineData("all", "send_message send_template prompt_agent take_over hand_back mark_read show_typing start_conversation")]
    public async Task Only_what_the_operator_allows_is_listed(string allowed, string acting)
    {
        await using var app = await ActingApp.StartAsync(new Dictionary<string, string> { ["Actions:Allowed"] = allowed }, withStorage: false);

        Assert.Equal([.. Reading, .. acting.Split(' ', StringSplitOptions.RemoveEmptyEntries)], (await ToolsAsync(app)).Select(tool => (string)tool["name"]!));
    }

    [Fact]
    public async Task A_tool_that_is_not_allowed_says_which_setting_and_sends_nothing()
    {
        await using var acting = await ActingApp.StartAsync(new Dictionary<string, string> { ["Actions:Allowed"] = "" }, withStorage: false);

        foreach (var tool in Acting)
        {
            var answer = await Mcp.CallAsync(acting.App.Http, tool, new JsonObject { ["id"] = Bodies.Id, ["text"] = "Hello" }.Without(tool == "send_message" ? [] : ["text"]).Without(tool == "start_conversation" ? ["id"] : []));

            Assert.True(answer.IsToolError, answer.Text);
            Assert.Equal("action_not_allowed", (string?)answer.Payload["code"]);
            Assert.Contains("Actions:Allowed", (string?)answer.Payload["detail"], StringComparison.Ordinal);
        }

        Assert.Empty(acting.Upstream.Requests);
    }

    [Fact]
    public async Task A_client_is_told_what_it_needs_to_ask_a_person_first()
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);
        var tools = (await ToolsAsync(acting)).ToDictionary(tool => (string)tool["name"]!, tool => tool["annotations"]!);

        Assert.All(Reading, name => Assert.True((bool)tools[name]["readOnlyHint"]! && !(bool)tools[name]["destructiveHint"]!, name));
        Assert.All(Acting, name => Assert.False((bool)tools[name]["readOnlyHint"]!, name));
        Assert.Equal(["prompt_agent", "send_message", "send_template", "start_conversation"], tools.Where(tool => (bool)tool.Value["destructiveHint"]!).Select(tool => tool.Key).Order());
        Assert.Equal(["hand_back", "mark_read"], Acting.Where(name => (bool)tools[name]["idempotentHint"]!).Order());
        Assert.Equal(["get_template_schema", "list_agents", "list_business_numbers", "list_templates"], tools.Where(tool => !(bool)tool.Value["openWorldHint"]!).Select(tool => tool.Key).Order());
    }

    /// <summary>Copilot Studio drops a tool that breaks one of these, or a part of it.</summary>
    [Fact]
    public async Task Every_schema_is_one_that_copilot_studio_can_read()
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        foreach (var tool in await ToolsAsync(acting))
        {
            Assert.Matches("^[a-z_]{1,64}$", (string)tool["name"]!);
            Assert.InRange(((string)tool["title"]!).Length, 1, 80);
            Assert.InRange(((string)tool["description"]!).Length, 40, 1024);
            Assert.Equal("object", (string?)tool["inputSchema"]!["type"]);
            Assert.True(tool["inputSchema"]!["required"] is null or JsonArray { Count: > 0 }); // JSON Schema had no empty one up to draft 4
            Assert.Equal(
                tool["inputSchema"]!["properties"]!["id"] is not null,
                tool["inputSchema"]!["required"]?.AsArray().Any(name => (string?)name == "id") is true); // of a conversation
            foreach (var part in Parts(tool["inputSchema"]!.AsObject()).Concat(tool["outputSchema"] is JsonObject output ? Parts(output) : []))
            {
                Assert.All((string[])["$ref", "exclusiveMinimum", "exclusiveMaximum", "anyOf", "oneOf", "allOf", "nullable", "discriminator"], keyword => Assert.False(part.ContainsKey(keyword), $"{tool["name"]}: {keyword}"));
                Assert.True(part["type"] is JsonValue type && type.TryGetValue<string>(out _), $"{tool["name"]}: {part.ToJsonString()}");
                Assert.DoesNotContain(part, member => member.Key.StartsWith("x-", StringComparison.Ordinal));
            }

            Assert.All(tool["inputSchema"]!["properties"]!.AsObject(), property => Assert.False(string.IsNullOrEmpty((string?)property.Value!["description"]), $"{tool["name"]}/{property.Key}"));
            Assert.Equal((string)tool["name"]! == "get_file", tool["outputSchema"] is null);
        }
    }

    [Fact]
    public async Task The_arguments_have_the_names_of_the_connector_and_none_that_only_flows_need()
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);
        var arguments = (await ToolsAsync(acting)).ToDictionary(tool => (string)tool["name"]!, tool => string.Join(' ', tool["inputSchema"]!["properties"]!.AsObject().Select(property => property.Key)));

        Assert.Equal("contactPhoneNumber businessPhoneNumber agentId status hasUnread lastMessageAfter lastMessageBefore limit offset", arguments["find_conversations"]);
        Assert.Equal("id", arguments["get_conversation"]);
        Assert.Equal("id limit offset", arguments["list_messages"]);
        Assert.Equal("id messageId index", arguments["get_file"]);
        Assert.Equal("id text footer mediaUrl buttons idempotencyKey", arguments["send_message"]);
        Assert.Equal("id templateName values idempotencyKey", arguments["send_template"]);
        Assert.Equal("id minutes idempotencyKey", arguments["take_over"]);
        Assert.Equal("toPhoneNumber fromPhoneNumber agentId templateName values idempotencyKey", arguments["start_conversation"]);
        Assert.Equal("", arguments["list_agents"]);
        var keys = (await ToolsAsync(acting)).Select(tool => (string?)tool["inputSchema"]!["properties"]!["idempotencyKey"]?["description"]).OfType<string>().ToList();
        Assert.Equal(8, keys.Count);
        Assert.All(keys, key => Assert.Contains("a UUID that you make up for this call", key, StringComparison.Ordinal)); // a flow's run has one of its own
    }

    [Theory]
    [InlineData("get_conversation", """{}""", "invalid_conversation_id", "UUID")]
    [InlineData("get_conversation", """{"id":"+447700900222"}""", "invalid_conversation_id", "not a phone number")]
    [InlineData("get_conversation", """{"id":7}""", "invalid_conversation_id", "UUID")]
    [InlineData("get_conversation", """{"id":null}""", "invalid_conversation_id", "UUID")]
    [InlineData("get_conversation", """{"id":["a"]}""", "invalid_conversation_id", "UUID")]
    [InlineData("get_conversation", """{"conversationId":"7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33"}""", "invalid_parameter", "Valid names: id")]
    [InlineData("get_conversation", """{"id":"7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33","fields":"id"}""", "invalid_parameter", "'fields' is not a valid name")]
    [InlineData("get_conversation", """{"id":"7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33","code":"x"}""", "invalid_parameter", "'code' is not a valid name")]
    [InlineData("find_conversations", """{"phone":"+447700900222"}""", "invalid_parameter", "Did you mean 'contactPhoneNumber'?")]
    [InlineData("find_conversations", """{"contactPhoneNumber":"07700900222","limit":0,"status":"open"}""", "invalid_parameter", "'limit' must be")]
    [InlineData("find_conversations", """{"limit":[1]}""", "invalid_parameter", "'limit' must be")]
    [InlineData("find_conversations", """{"hasUnread":{"a":true}}""", "invalid_parameter", "'hasUnread' must be")]
    [InlineData("list_agents", """{"name":"x"}""", "invalid_parameter", "has no parameters")]
    [InlineData("send_message", """{"id":"7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33","text":7}""", "invalid_parameter", "'text' must be text")]
    [InlineData("send_message", """{"id":"x","text":"a","buttons":[null]}""", "invalid_conversation_id", "'buttons' must be a list of objects")]
    [InlineData("send_template", """{"id":"7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33","templateName":"welcom"}""", "template_not_found", "welcome")]
    [InlineData("get_file", """{"id":"7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33"}""", "invalid_parameter", "'messageId' is missing")]
    public async Task A_wrong_call_is_a_tool_error_that_says_what_to_do(string tool, string arguments, string code, string says)
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        var answer = await Mcp.PostAsync(acting.App.Http, $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}}}}""");

        Assert.True(answer.IsToolError, answer.Text);
        Assert.Equal(code, (string?)answer.Payload["code"]);
        Assert.Contains(says, (string?)answer.Payload["detail"], StringComparison.Ordinal);
        Assert.Null(answer.Structured);
        Assert.Empty(acting.Wassist.Posts);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)] // byte that does not come
    public async Task A_file_comes_whole_and_one_that_breaks_off_is_a_tool_error(int missing)
    {
        await using var host = await MediaHost.StartAsync();
        using var spans = new SpanCollector();
        byte[] file = [.. MediaHost.Jpeg, .. new byte[100_000]];
        host.Answer = async context =>
        {
            context.Response.ContentLength = file.Length + missing;
            await context.Response.Body.WriteAsync(file);
            await context.Response.Body.FlushAsync();
            if (missing == 0)
                return;
            await Eventually.IsSoAsync(() => spans.HasEnded("fetch file")); // it has begun to answer
            context.Abort();
        };

        var answer = await GetFileAsync(host);

        Assert.Equal(missing > 0, answer.IsToolError);
        if (missing > 0)
            Assert.Equal("media_unavailable", (string?)answer.Payload["code"]);
        else
            Assert.Equal(file, Convert.FromBase64String((string)answer.Result["content"]![0]!["resource"]!["blob"]!));
    }

    [Fact]
    public async Task What_nobody_thought_of_is_a_tool_error_with_the_trace_id_of_the_log_line_that_has_the_reason()
    {
        await using var host = await MediaHost.StartAsync();
        host.Answer = MediaHost.Bytes(MediaHost.Jpeg, "image/jpeg");
        await using var wassist = await MediaHost.WassistWithAsync(($"{host.Url}/a.jpg", "image/jpeg"));
        await using var app = await App.StartAsync(
            wassist,
            new Dictionary<string, string> { ["Files:AllowLocalHosts"] = "true" },
            services => services.AddSingleton<TimeProvider>(new FailingClock { Wait = TimeSpan.FromSeconds(100) })); // all of a file, after its handler has ended

        var answer = await GetFileAsync(app);

        Assert.True(answer.IsToolError, answer.Text);
        Assert.Equal("internal_error", (string?)answer.Payload["code"]);
        Assert.DoesNotContain(FailingClock.Reason, answer.Text, StringComparison.Ordinal);
        var line = Assert.Single(app.Logs.Lines, line => line.Level == LogLevel.Error);
        Assert.Contains("get_file", line.Text, StringComparison.Ordinal);
        Assert.Contains(FailingClock.Reason, line.Text, StringComparison.Ordinal);
        Assert.Contains((string)answer.Payload["traceId"]!, line.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5 * 1024 * 1024, true)]
    [InlineData((5 * 1024 * 1024) + 1, false)]
    public async Task A_file_of_at_most_5_MiB_is_for_an_agent(int size, bool isGiven)
    {
        await using var host = await MediaHost.StartAsync();
        host.Answer = MediaHost.Bytes([.. MediaHost.Jpeg, .. new byte[size - MediaHost.Jpeg.Length]], "image/jpeg");

        var answer = await GetFileAsync(host);

        Assert.Equal(!isGiven, answer.IsToolError);
        if (isGiven)
            return;
        Assert.Equal("media_too_large", (string?)answer.Payload["code"]);
        Assert.Contains("5 MiB", (string?)answer.Payload["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_is_the_routes_own_as_text_and_as_structured_content()
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        var answer = await Mcp.CallAsync(acting.App.Http, "get_conversation", new JsonObject { ["id"] = Bodies.Id });
        var route = await acting.App.LookUpAsync();

        Assert.False(answer.IsToolError);
        Assert.True(JsonNode.DeepEquals(answer.Payload, answer.Structured));
        Assert.Equal(route["contactPhoneNumber"].GetString(), (string?)answer.Structured!["contactPhoneNumber"]);
        Assert.Equal(route.Body.EnumerateObject().Select(property => property.Name), answer.Structured!.AsObject().Select(property => property.Key));
    }

    [Fact]
    public async Task A_repeat_with_the_same_idempotency_key_sends_nothing_and_gives_the_first_answer()
    {
        await using var acting = await ActingApp.StartAsync();
        var arguments = new JsonObject { ["id"] = Bodies.Id, ["text"] = "Hello", ["idempotencyKey"] = "agent-1" };

        var first = await Mcp.CallAsync(acting.App.Http, "send_message", arguments.DeepClone());
        var again = await Mcp.CallAsync(acting.App.Http, "send_message", arguments.DeepClone());

        Assert.False(first.IsToolError, first.Text);
        Assert.Equal(first.Text, again.Text);
        Assert.Single(acting.Wassist.Posts);
    }

    [Fact]
    public async Task A_failing_wassist_is_a_tool_error_and_never_a_500()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(500);
        await using var app = await App.StartAsync(wassist);

        var answer = await Mcp.CallAsync(app.Http, "get_conversation", new JsonObject { ["id"] = Bodies.Id });

        Assert.Equal((200, "upstream_unavailable"), (answer.StatusCode, (string?)answer.Payload["code"]));
        Assert.Contains(app.Logs.Own, line => line.Text.Contains("get_conversation", StringComparison.Ordinal) && line.Text.Contains("upstream_unavailable", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_thousand_calls_with_any_arguments_are_answered_or_refused_as_the_schemas_say()
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);
        var tools = (await ToolsAsync(acting)).ToList();
        var outputs = new Dictionary<string, JsonSchema>();
        foreach (var tool in tools.Where(tool => tool["outputSchema"] is not null))
            outputs[(string)tool["name"]!] = await JsonSchema.FromJsonAsync(tool["outputSchema"]!.ToJsonString(), TestContext.Current.CancellationToken);
        var random = new PCG(20_261_126);
        var (done, refused) = (0, 0);

        for (var number = 0; number < 1000; number++)
        {
            var tool = tools[number % tools.Count];
            var names = tool["inputSchema"]!["properties"]!.AsObject().Select(property => property.Key).Append("other").ToArray();
            var arguments = new JsonObject();
            foreach (var name in names)
            {
                if (Gen.Frequency((3, Gen.Const(true)), (1, Gen.Const(false))).Generate(random, null, out _) && name != "other")
                    arguments[name] = Gen.Frequency((5, Gen.Const(Right(name))), (1, AnyJson.Any)).Generate(random, null, out _)?.DeepClone();
                else if (name == "other" && Gen.Int[0, 20].Generate(random, null, out _) == 0)
                    arguments["other"] = 1;
            }

            var before = acting.Wassist.Posts.Count;
            var answer = await Mcp.CallAsync(acting.App.Http, (string)tool["name"]!, arguments);

            if (answer.StatusCode == 413)
                continue;
            Assert.True(answer.StatusCode == 200 && answer.Json["result"] is not null, $"{answer.StatusCode} {answer.Text} for {arguments.ToJsonString()}");
            if (answer.IsToolError)
            {
                refused++;
                Assert.Contains((string)answer.Payload["code"]!, ProblemCodes.All);
                Assert.NotEqual("internal_error", (string?)answer.Payload["code"]);
                Assert.Equal(before, acting.Wassist.Posts.Count);
            }
            else
            {
                done++;
                Assert.Empty(outputs[(string)tool["name"]!].Validate(answer.Structured!.ToJsonString()));
            }
        }

        Assert.InRange(done, 100, 900); // both must be common
        Assert.InRange(refused, 100, 900);
    }

    private static JsonNode? Right(string name) => name switch
    {
        "id" => Bodies.Id,
        "limit" or "minutes" => 5,
        "offset" or "index" => 0,
        "name" or "templateName" => "welcome",
        "text" => "Hello",
        "footer" => "Contoso",
        "mediaUrl" => "https://shop.example/a.png",
        "prompt" => "Ask",
        "buttons" => new JsonArray(new JsonObject { ["text"] = "Yes", ["id"] = "yes" }),
        "values" => new JsonObject { ["body_first_name"] = "Amara", ["body_code"] = "1" },
        "toPhoneNumber" => "+447700900999",
        "fromPhoneNumber" or "businessPhoneNumber" => "+447700900111",
        "agentId" => "b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55",
        "status" => "active",
        "hasUnread" => true,
        "contactPhoneNumber" => "+447700900222",
        "lastMessageAfter" => "2026-11-21T18:04:00Z",
        _ => null,
    };

    /// <summary>Asks for the one file of a message, which a media host has.</summary>
    private static async Task<McpAnswer> GetFileAsync(MediaHost host)
    {
        await using var wassist = await MediaHost.WassistWithAsync(($"{host.Url}/a.jpg", "image/jpeg"));
        await using var app = await App.StartAsync(wassist, new Dictionary<string, string> { ["Files:AllowLocalHosts"] = "true" });
        return await GetFileAsync(app);
    }

    private static Task<McpAnswer> GetFileAsync(App app) =>
        Mcp.CallAsync(app.Http, "get_file", new JsonObject { ["id"] = Bodies.Id, ["messageId"] = MediaHost.MessageId });

    private static async Task<IReadOnlyList<JsonNode>> ToolsAsync(ActingApp acting) =>
        [.. (await Mcp.AskAsync(acting.App.Http, "tools/list")).Result["tools"]!.AsArray().Select(tool => tool!)];

    /// <summary>A schema and every schema in it.</summary>
    private static IEnumerable<JsonObject> Parts(JsonObject schema)
    {
        yield return schema;
        var inner = (schema["properties"] as JsonObject ?? []).Select(property => property.Value)
            .Append(schema["items"]).Append(schema["additionalProperties"]).OfType<JsonObject>();
        foreach (var part in inner.SelectMany(Parts))
            yield return part;
    }
}

internal static class JsonObjects
{
    public static JsonObject Without(this JsonObject node, IEnumerable<string> names)
    {
        foreach (var name in names)
            node.Remove(name);
        return node;
    }
}
