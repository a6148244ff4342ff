using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Connector;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Infrastructure;

/// <summary>The samples work: they are run against the app, action by action.</summary>
public sealed class SamplesTests
{
    private const string Key = "the-function-key";

    private const string TakenOver = "2d9f6a10-8b4c-4e57-a1c3-5f0e7d2b9a44";

    [Theory]
    [InlineData(Bodies.Id, 200, "contactName")]
    [InlineData("no id", 400, "detail")]
    public async Task The_Logic_App_that_looks_up_answers_what_the_app_answers(string id, int status, string member)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist, new Dictionary<string, string> { ["LocalHost:Key"] = Key });
        using var run = new WorkflowRun(await LogicAppAsync("logic-app-lookup.bicep"), Parameters(app));

        await run.RunAsync(new JsonObject { ["conversationId"] = id });

        Assert.Equal(status, (int)run.Response!["statusCode"]!);
        Assert.NotEqual("", run.Response["body"]![member]!.ToString());
    }

    [Fact]
    public async Task The_Logic_App_with_a_trigger_subscribes_and_reads_what_was_written()
    {
        await using var sample = await SampleServer.StartAsync(new SampleOptions { Url = "http://127.0.0.1:0" }, TimeProvider.System);
        await using var app = await StartAppAsync(sample);
        await using var flow = await FakeFlow.StartAsync();
        using var run = new WorkflowRun(await LogicAppAsync("logic-app-trigger.bicep"), Parameters(app));

        await run.SubscribeAsync(flow.CallbackUrl);
        await WriteAsync(sample, Bodies.Id, "Is my parcel on its way?");
        await run.RunAsync(JsonNode.Parse((await flow.ReceivesAsync())[0].GetRawText())!);

        var done = run.Outputs("What_to_do_with_it")!;
        Assert.Equal("Amara Osei wrote: Is my parcel on its way?", $"{done["from"]} wrote: {done["message"]}");
        Assert.EndsWith("Amara Osei: Is my parcel on its way?", done["transcript"]!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("logic-app-lookup.bicep")]
    [InlineData("logic-app-trigger.bicep")]
    [InlineData("logic-app-answer.bicep")]
    public async Task A_Logic_App_keeps_the_key_out_of_its_definition_and_history(string file)
    {
        var template = await Bicep.BuildAsync(Repository.PathOf("infra", "samples", file));
        var definition = await LogicAppAsync(file);

        Assert.Equal("securestring", template["parameters"]!["functionKey"]!["type"]!.ToString(), ignoreCase: true);
        Assert.Equal("securestring", definition["parameters"]!["functionKey"]!["type"]!.ToString());
        var calls = definition["triggers"]!.AsObject().Concat(Steps(definition["actions"]!.AsObject())).Where(step => step.Value!["type"]!.ToString() is "Http" or "HttpWebhook").ToList();
        Assert.NotEmpty(calls);
        Assert.All(calls, step => Assert.Equal("inputs", step.Value!["runtimeConfiguration"]!["secureData"]!["properties"]![0]!.ToString()));
    }

    [Fact]
    public async Task The_Power_Automate_flow_writes_the_email_it_shows()
    {
        await using var sample = await SampleServer.StartAsync(new SampleOptions { Url = "http://127.0.0.1:0" }, TimeProvider.System);
        await using var app = await StartAppAsync(sample);
        await using var flow = await FakeFlow.StartAsync();
        using var platform = new FlowPlatform(await ServedDefinition.LoadAsync(app), Key);
        using var run = new WorkflowRun(FlowDocument.Read("power-automate-flow.md")) { Platform = platform, OtherOperations = { ["SendEmailV2"] = _ => new JsonObject() } };

        await run.SubscribeAsync(flow.CallbackUrl);
        await WriteAsync(sample, TakenOver, "Where is it?");
        await run.RunAsync(JsonNode.Parse((await flow.ReceivesAsync())[0].GetRawText())!);

        var (_, email) = Assert.Single(run.OtherCalls);
        Assert.EndsWith(" wrote on WhatsApp", email["emailMessage/Subject"]!.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("<p>Where is it?</p><pre>[20", email["emailMessage/Body"]!.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Every action, those within conditions included.</summary>
    private static IEnumerable<KeyValuePair<string, JsonNode?>> Steps(JsonObject actions) => actions.SelectMany(step => WorkflowRun.Branches(step.Value!).SelectMany(Steps).Prepend(step));

    private static Dictionary<string, JsonNode> Parameters(App app) => new() { ["hostName"] = app.Http.BaseAddress!.Authority, ["functionKey"] = Key };

    private static async Task<JsonNode> LogicAppAsync(string file)
    {
        var template = await Bicep.BuildAsync(Repository.PathOf("infra", "samples", file));
        var resource = Assert.Single(template["resources"]!.AsArray())!;
        Assert.Equal("Microsoft.Logic/workflows", resource["type"]!.ToString());
        return resource["properties"]!["definition"]!;
    }

    private static async Task<App> StartAppAsync(SampleServer sample)
    {
        var app = await App.StartAsync(new Dictionary<string, string>
        {
            ["Wassist:BaseUrl"] = sample.Url,
            ["Wassist:ApiKey"] = SampleServer.ApiKey,
            ["Wassist:WebhookSecret"] = SampleWebhook.Secret,
            ["AzureWebJobsStorage"] = await Azurite.NewAccountAsync(),
            ["Subscriptions:AllowLocalCallbacks"] = "true",
            ["LocalHost:Key"] = Key,
        });
        sample.SendEventsTo($"http://{app.Http.BaseAddress!.Authority}");
        return app;
    }

    private static async Task WriteAsync(SampleServer sample, string conversationId, string text)
    {
        using var phone = new HttpClient();
        using var response = await phone.PostAsJsonAsync($"{sample.Url}/simulate/message", new { conversationId, text }, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
