using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Connector;
using ConversationLookup.Tests.Documents;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Agents;

/// <summary>The connector of agents, and what is written about the tools, are what the app does.</summary>
public sealed partial class McpDocumentsTests
{
    private static readonly Document Readme = new("infra", "mcp", "README.md");

    private static readonly JsonObject Definition = JsonNode.Parse(Repository.Read("infra", "mcp", "apiDefinition.swagger.json"))!.AsObject();

    [Fact]
    public async Task The_connector_has_one_operation_that_copilot_studio_knows_and_the_app_has()
    {
        var (path, method, node, _) = Assert.Single(ConnectorRules.OperationsOf(Definition));

        Assert.Equal("mcp-streamable-1.0", (string?)node["x-ms-agentic-protocol"]);
        Assert.Contains(await AppEndpoint.ListAsync(), endpoint => $"/{endpoint.Path}" == path && endpoint.Method.Equals(method, StringComparison.OrdinalIgnoreCase) && endpoint.NeedsKey);
        Assert.Empty(node["parameters"]?.AsArray() ?? []);
    }

    [Fact]
    public void The_connector_connects_as_the_one_of_flows_does()
    {
        var flows = JsonNode.Parse(Repository.Read("infra", "connector", "apiDefinition.swagger.json"))!;

        Assert.Equal(Repository.Read("infra", "connector", "apiProperties.json"), Repository.Read("infra", "mcp", "apiProperties.json"));
        Assert.Empty(ConnectorRules.CheckProperties(JsonNode.Parse(Repository.Read("infra", "mcp", "apiProperties.json"))!.AsObject()));
        foreach (var same in (string[])["swagger", "host", "basePath", "schemes", "x-ms-connector-metadata", "securityDefinitions", "security"])
            Assert.True(JsonNode.DeepEquals(flows[same], Definition[same]), same);
    }

    [Fact]
    public async Task The_readme_names_every_tool_and_no_other()
    {
        await using var caller = await SampleCaller.StartAsync();
        await using var app = await StartAsync(caller);

        var tools = (await Mcp.AskAsync(app.Http, "tools/list")).Result["tools"]!.AsArray().Select(tool => (string)tool!["name"]!);

        Assert.Equal(tools.Order(), Document.CodesOf(Readme.Text.Split("## In Copilot Studio")[0]));
    }

    [Fact]
    public async Task The_session_in_the_readme_goes_as_it_is_written()
    {
        await using var caller = await SampleCaller.StartAsync();
        await using var app = await StartAsync(caller);
        var asked = Ask().Matches(Readme.Text).Select(match => match.Groups["json"].Value).ToList();
        var shown = new Document("infra", "mcp", "README.md").Section("A session").Split("```json\n").Skip(1).Select(block => JsonNode.Parse(block.Split("```")[0])!).ToList();

        Assert.Equal(3, asked.Count);
        foreach (var (message, expected) in asked.Zip(shown))
        {
            var answer = await Mcp.PostAsync(app.Http, message);
            AssertHolds(expected, answer.Structured ?? answer.Payload);
        }

        var wrong = await Mcp.CallAsync(app.Http, "find_conversations", new JsonObject { ["phone"] = "+44 7700 900222" });
        Assert.Contains((string)wrong.Payload["detail"]!, Readme.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_call_in_the_main_readme_answers_what_is_written_there()
    {
        await using var caller = await SampleCaller.StartAsync();
        await using var app = await StartAsync(caller);
        var section = new Document("README.md").Section("Give it to an AI agent");

        var answer = await Mcp.PostAsync(app.Http, CurlBody().Match(section).Groups["json"].Value);

        Assert.Equal(WithoutTime(Transcript().Match(section).Groups["text"].Value), WithoutTime((string)answer.Structured!["transcript"]!));
    }

    [Fact]
    public void The_settings_for_visual_studio_code_are_json_with_the_key_asked_for_and_not_written_down()
    {
        var settings = Readme.JsonExamples[0];

        var server = settings.GetProperty("servers").GetProperty("conversation-lookup");
        Assert.Equal("${input:key}", server.GetProperty("headers").GetProperty("x-functions-key").GetString());
        Assert.EndsWith($"/{Routes.Prefix}/{Routes.Mcp}", server.GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.True(settings.GetProperty("inputs")[0].GetProperty("password").GetBoolean());
    }

    private static Task<App> StartAsync(SampleCaller caller) => App.StartAsync(new Dictionary<string, string>
    {
        ["Wassist:BaseUrl"] = caller.Sample.Url,
        ["Wassist:ApiKey"] = SampleServer.ApiKey,
        ["Wassist:RequestsPerMinute"] = "0",
        ["Actions:Allowed"] = "all",
    });

    /// <summary>Everything that is shown is there.</summary>
    private static void AssertHolds(JsonNode expected, JsonNode? actual)
    {
        if (expected is JsonObject members)
            Assert.All(members, member => AssertHolds(member.Value!, actual![member.Key]));
        else if (expected is JsonArray items)
            Assert.All(items.Zip(actual!.AsArray()), pair => AssertHolds(pair.First!, pair.Second));
        else
            Assert.Equal(expected.ToJsonString(), actual?.ToJsonString(JsonSerializerOptions.Default));
    }

    private static string WithoutTime(string line) => Time().Replace(line, "[]");

    [GeneratedRegex(@"^ask '(?<json>.*)'$", RegexOptions.Multiline)]
    private static partial Regex Ask();

    [GeneratedRegex(@"-d '(?<json>.*)'")]
    private static partial Regex CurlBody();

    [GeneratedRegex(@"is `(?<text>\[.*)`")]
    private static partial Regex Transcript();

    [GeneratedRegex(@"^\[[^\]]*\]")]
    private static partial Regex Time();
}
