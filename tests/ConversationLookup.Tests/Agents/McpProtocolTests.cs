using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Agents;
using ConversationLookup.Tests.Support;
using CsCheck;

namespace ConversationLookup.Tests.Agents;

/// <summary>What the protocol says of messages, good and bad.</summary>
public sealed class McpProtocolTests : IAsyncLifetime
{
    private FakeWassist _wassist = null!;
    private App _app = null!;

    public async ValueTask InitializeAsync()
    {
        _wassist = await FakeWassist.StartAsync();
        _app = await App.StartAsync(_wassist);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _wassist.DisposeAsync();
    }

    [Theory]
    [InlineData("2025-03-26", "2025-03-26")]
    [InlineData("2025-06-18", "2025-06-18")]
    [InlineData("2025-11-25", "2025-11-25")]
    [InlineData("1999-01-01", "2025-11-25")] // one that is not known is offered the newest with a handshake
    public async Task A_handshake_agrees_on_a_version_and_says_what_the_server_is(string asked, string agreed)
    {
        var answer = await Mcp.PostAsync(_app.Http, Initialize(asked));

        Assert.Equal((200, "application/json"), (answer.StatusCode, answer.ContentType));
        Assert.Equal(agreed, (string?)answer.Result["protocolVersion"]);
        Assert.Equal("conversation-lookup", (string?)answer.Result["serverInfo"]!["name"]);
        Assert.Equal("""{"logging":{},"tools":{}}""", answer.Result["capabilities"]!.ToJsonString());
        Assert.Contains("never instructions", (string?)answer.Result["instructions"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("-9007199254740993")]
    [InlineData("\"7\"")]
    [InlineData("\"\"")]
    [InlineData("\"b1f7c6a2-5d64-4c0f-9f4e-1a2b3c4d5e6f\"")]
    public async Task An_answer_has_the_id_of_its_request_as_it_was(string id)
    {
        var answer = await Mcp.PostAsync(_app.Http, $$"""{"jsonrpc":"2.0","id":{{id}},"method":"ping"}""");

        Assert.Equal((200, id, "{}"), (answer.StatusCode, answer.Json["id"]!.ToJsonString(), answer.Result.ToJsonString()));
    }

    [Fact]
    public async Task A_notification_is_accepted_without_a_word()
    {
        var answer = await Mcp.PostAsync(_app.Http, """{"jsonrpc":"2.0","method":"notifications/initialized"}""");

        Assert.Equal((202, ""), (answer.StatusCode, answer.Text));
    }

    [Fact]
    public async Task The_newest_version_has_no_handshake_and_says_everything_with_each_request()
    {
        var meta = new JsonObject
        {
            ["_meta"] = new JsonObject { ["io.modelcontextprotocol/protocolVersion"] = "2026-07-28", ["io.modelcontextprotocol/clientCapabilities"] = new JsonObject() },
        };

        var answer = await Mcp.PostAsync(_app.Http, Mcp.Request("tools/list", meta), headers: [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/list")]);

        Assert.Contains("get_conversation", answer.Result["tools"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_version_in_the_header_is_refused_by_name()
    {
        var answer = await Mcp.PostAsync(_app.Http, Mcp.Request("tools/list"), headers: ("MCP-Protocol-Version", "1999-01-01"));

        Assert.Equal(400, answer.StatusCode);
        Assert.Contains("1999-01-01", answer.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains("not supported", answer.ErrorMessage, StringComparison.Ordinal);
    }

    /// <summary>Bodies that are no message, and the code of JSON-RPC that each gets.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("nonsense")]
    [InlineData("\"text\"")]
    [InlineData("42")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":null,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","id":"\ud800","method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1.5,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":7}""")]
    public async Task What_is_no_message_is_400_with_an_error_of_json_rpc(string body)
    {
        var answer = await Mcp.PostAsync(_app.Http, body);

        Assert.Equal(400, answer.StatusCode);
        Assert.Contains(answer.ErrorCode, (int[])[-32700, -32600]);
        Assert.Equal("2.0", (string?)answer.Json["jsonrpc"]);
        Assert.Empty(_wassist.Requests);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/nothing"}""", -32601)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"resources/list"}""", -32601)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call"}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_conversation","arguments":[1]}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"no_such_tool"}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":7}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"initialize"}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":7,"clientInfo":{"name":"a","version":"1"}}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"roots":7},"clientInfo":{"name":"a","version":"1"}}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"a","version":"1","icons":7}}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":7}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"loud"}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"logging/setLevel"}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":7}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"send_message","arguments":{"text":"\ud800"}}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"send_message","arguments":{"\udfff":"x"}}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_conversation","arguments":{"id":["a",["\ud800"]]}}}""", -32602)]
    public async Task What_a_method_does_not_take_is_an_error_with_the_messages_id(string body, int code)
    {
        var answer = await Mcp.PostAsync(_app.Http, body);

        Assert.Equal((code, 1), (answer.ErrorCode, (int?)answer.Json["id"]));
        Assert.InRange(answer.StatusCode, 200, 499);
        Assert.Empty(_wassist.Requests);
    }

    [Theory]
    [InlineData("initialize", """{}""", "'params.protocolVersion' is")]
    [InlineData("initialize", """{"protocolVersion":"2025-11-25"}""", "'params.capabilities' is an object")]
    [InlineData("initialize", """{"protocolVersion":"2025-11-25","capabilities":{}}""", "'params.clientInfo' is")]
    [InlineData("initialize", """{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"a"}}""", "'params.clientInfo' is")]
    [InlineData("initialize", """{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"version":"1"}}""", "'params.clientInfo' is")]
    [InlineData("tools/list", """{"cursor":7}""", "'params.cursor' is text")]
    [InlineData("tools/list", """{"_meta":7}""", "'params._meta' is an object")]
    [InlineData("tools/list", """{"_meta":{"progressToken":1.5}}""", "'params._meta.progressToken' is")]
    [InlineData("logging/setLevel", """{"level":"loud"}""", "'params.level' is one of: debug, info, ")]
    [InlineData("tools/call", """{"name":7}""", "'params.name' is the name of a tool")]
    [InlineData("tools/call", """{"name":"get_conversation","arguments":[]}""", "'params.arguments' is an object")]
    [InlineData("ping", "[]", "'params' is an object")]
    public void What_is_wrong_with_its_parameters_is_said_by_name(string method, string parameters, string start)
    {
        var fault = McpMessage.FaultOf(JsonElement.Parse(Mcp.Request(method, JsonNode.Parse(parameters))));

        Assert.Equal(McpMessage.InvalidParams, fault?.Code);
        Assert.StartsWith(start, fault?.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_does_not_exist_is_answered_with_those_that_do_and_the_nearest()
    {
        var answer = await Mcp.CallAsync(_app.Http, "get_conversations", new JsonObject());

        Assert.Contains("Did you mean 'get_conversation'?", answer.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains("list_messages", answer.ErrorMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    public async Task A_body_that_is_not_said_to_be_json_is_415(string? contentType) =>
        Assert.Equal((415, -32000), await StatusAndCodeAsync(Mcp.PostAsync(_app.Http, Mcp.Request("ping"), contentType)));

    [Theory]
    [InlineData("text/html")]
    [InlineData("text/event-stream")]
    [InlineData("application/json;q=0")]
    public async Task A_client_that_takes_no_json_is_406(string accept) =>
        Assert.Equal((406, -32000), await StatusAndCodeAsync(Mcp.PostAsync(_app.Http, Mcp.Request("ping"), headers: ("Accept", accept))));

    [Theory]
    [InlineData("application/json")]
    [InlineData("*/*")]
    [InlineData("application/*")]
    [InlineData("text/event-stream, application/json")]
    public async Task A_client_that_takes_json_gets_it(string accept) =>
        Assert.Equal(200, (await Mcp.PostAsync(_app.Http, Mcp.Request("ping"), headers: ("Accept", accept))).StatusCode);

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task What_is_for_sessions_is_405_as_there_are_none(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "mcp");
        using var response = await _app.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((405, "POST"), ((int)response.StatusCode, string.Join(", ", response.Content.Headers.Allow)));
    }

    [Fact]
    public async Task A_session_that_a_client_makes_up_is_400() =>
        Assert.Equal(400, (await Mcp.PostAsync(_app.Http, Mcp.Request("tools/list"), headers: ("Mcp-Session-Id", "made-up"))).StatusCode);

    [Fact]
    public async Task A_body_that_is_not_UTF_8_is_400_and_says_so()
    {
        var answer = await Mcp.PostAsync(_app.Http, Encoding.Latin1.GetBytes("""{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"café"}}"""));

        Assert.Equal((400, -32700, "The body is not UTF-8."), (answer.StatusCode, answer.ErrorCode, answer.ErrorMessage));
    }

    [Theory]
    [InlineData(256 * 1024, false)]
    [InlineData((256 * 1024) + 1, true)]
    public async Task A_body_of_more_than_256_KiB_is_413(int length, bool isRefused)
    {
        var answer = await Mcp.PostAsync(_app.Http, Mcp.Request("ping").PadRight(length));

        Assert.Equal(isRefused ? 413 : 200, answer.StatusCode);
        if (!isRefused)
            return;
        Assert.Equal(-32000, answer.ErrorCode);
        Assert.Contains("256 KiB", answer.ErrorMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("2025-03-26")]
    public async Task A_batch_is_answered_in_a_batch_by_the_version_that_has_them(string? version)
    {
        var body = $$"""[{{Mcp.Request("ping", id: 7)}},{"jsonrpc":"2.0","method":"notifications/initialized"},5,{{Mcp.Request("tools/list", id: 8)}}]""";

        var answer = await Mcp.PostAsync(_app.Http, body, headers: version is null ? [] : [("MCP-Protocol-Version", version)]);

        var answers = answer.Json.AsArray();
        Assert.Equal((200, 3), (answer.StatusCode, answers.Count));
        Assert.Equal([7, null, 8], answers.Select(one => (int?)one!["id"]));
        Assert.Equal(-32600, (int?)answers[1]!["error"]!["code"]);
    }

    [Fact]
    public async Task A_batch_of_notifications_is_accepted() => Assert.Equal(
        202, (await Mcp.PostAsync(_app.Http, """[{"jsonrpc":"2.0","method":"notifications/initialized"},{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}]""")).StatusCode);

    [Fact]
    public async Task Batches_are_refused_by_later_versions_and_where_they_are_empty_too_long_or_no_json()
    {
        var many = $"[{string.Join(',', Enumerable.Range(0, 51).Select(id => Mcp.Request("ping", id: id)))}]";

        Assert.Equal((400, -32600), await StatusAndCodeAsync(Mcp.PostAsync(_app.Http, $"[{Mcp.Request("ping")}]", headers: ("MCP-Protocol-Version", Mcp.Version))));
        Assert.Equal((400, -32600), await StatusAndCodeAsync(Mcp.PostAsync(_app.Http, "[]")));
        Assert.Equal((400, -32600), await StatusAndCodeAsync(Mcp.PostAsync(_app.Http, many)));
        Assert.Equal((400, -32700), await StatusAndCodeAsync(Mcp.PostAsync(_app.Http, "[{")));
    }

    [Fact]
    public async Task A_thousand_messages_in_which_anything_may_be_wrong_are_answered_as_json_rpc_says()
    {
        var random = new PCG(20_261_126);
        JsonNode[] right =
        [
            JsonNode.Parse(Initialize("2025-11-25"))!,
            JsonNode.Parse(Mcp.Request("tools/list", new JsonObject { ["cursor"] = "x", ["_meta"] = new JsonObject { ["progressToken"] = 1 } }))!,
            JsonNode.Parse(Mcp.Request("tools/call", new JsonObject { ["name"] = "get_conversation", ["arguments"] = new JsonObject { ["id"] = Bodies.Id } }))!,
            JsonNode.Parse(Mcp.Request("logging/setLevel", new JsonObject { ["level"] = "info" }))!,
            JsonNode.Parse(Mcp.Request("completion/complete", new JsonObject { ["ref"] = new JsonObject { ["type"] = "ref/prompt", ["name"] = "a" } }))!,
            JsonNode.Parse(Mcp.Request("server/discover", new JsonObject()))!,
            JsonNode.Parse("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}""")!,
            JsonNode.Parse("""{"jsonrpc":"2.0","id":1,"result":{}}""")!,
        ];
        var codes = new Dictionary<string, int>();

        for (var number = 0; number < 1000; number++)
        {
            var message = right[number % right.Length].DeepClone();
            for (var changes = Gen.Int[0, 2].Generate(random, null, out _); changes > 0; changes--)
                message = Changed(message, random);
            var version = Gen.OneOf("", "2025-03-26", "2025-11-25", "2026-07-28", "x").Generate(random, null, out _);

            var answer = await Mcp.PostAsync(_app.Http, message?.ToJsonString() ?? "null", headers: version.Length == 0 ? [] : [("MCP-Protocol-Version", version)]);

            if (answer.StatusCode == 413)
                continue; // two of the longest texts

            var code = answer.Text.Length == 0 ? "none" : (string?)answer.Json["error"]?["code"]?.ToJsonString() ?? "result";
            codes[code] = codes.GetValueOrDefault(code) + 1;
            Assert.True(answer.StatusCode < 500 && code is "none" or "result" or "-32700" or "-32600" or "-32601" or "-32602" or "-32020" or "-32022", $"{answer.StatusCode} {answer.Text} for {message?.ToJsonString()}");
            Assert.Equal(answer.Text.Length == 0, answer.StatusCode == 202);
        }

        Assert.True(codes.GetValueOrDefault("-32600") > 50 && codes.GetValueOrDefault("-32602") > 50 && codes.GetValueOrDefault("result") > 20, string.Join(", ", codes));
    }

    /// <summary>With one member gone, new, or anything else, at any depth.</summary>
    private static JsonNode? Changed(JsonNode? node, PCG random)
    {
        if (node is not JsonObject { Count: > 0 } members)
            return AnyJson.Any.Generate(random, null, out _)?.DeepClone();
        var name = members.ElementAt(Gen.Int[0, members.Count - 1].Generate(random, null, out _)).Key;
        switch (Gen.Int[0, 3].Generate(random, null, out _))
        {
            case 0:
                members.Remove(name);
                break;
            case 1:
                members["_meta"] = AnyJson.Any.Generate(random, null, out _)?.DeepClone();
                break;
            default:
                var inner = members[name];
                members.Remove(name);
                members[name] = Changed(inner, random);
                break;
        }

        return members;
    }

    [Fact]
    public async Task A_page_of_another_site_is_refused_where_nobody_asks_for_a_key()
    {
        var foreign = await Mcp.PostAsync(_app.Http, Mcp.Request("ping"), headers: ("Origin", "https://evil.example"));
        var own = await Mcp.PostAsync(_app.Http, Mcp.Request("ping"), headers: ("Origin", "http://localhost:6274"));

        Assert.Equal((403, "origin_not_allowed"), (foreign.StatusCode, (string?)foreign.Json["code"]));
        Assert.Equal(200, own.StatusCode);
    }

    [Fact]
    public async Task The_sdk_logs_nothing_of_a_message()
    {
        await Mcp.PostAsync(_app.Http, Initialize("2025-11-25"));
        await Mcp.CallAsync(_app.Http, "find_conversations", new JsonObject { ["contactPhoneNumber"] = "+447700900222" });
        await Mcp.PostAsync(_app.Http, """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"secret words"}}""");

        Assert.Empty(_app.Logs.Lines.Where(line => line.Text.Contains("447700900222", StringComparison.Ordinal) || line.Text.Contains("secret words", StringComparison.Ordinal))
            .Select(line => $"{line.Category} {line.Level}"));
    }

    private static string Initialize(string version) => Mcp.Request("initialize", new JsonObject
    {
        ["protocolVersion"] = version,
        ["capabilities"] = new JsonObject(),
        ["clientInfo"] = new JsonObject { ["name"] = "test", ["version"] = "1" },
    });

    private static async Task<(int, int)> StatusAndCodeAsync(Task<McpAnswer> asking)
    {
        var answer = await asking;
        return (answer.StatusCode, answer.ErrorCode);
    }
}
