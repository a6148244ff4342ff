using System.Text.Json.Nodes;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;
using ConversationLookup.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Connector;

/// <summary>The connector as a flow uses it, from connection to trigger, with a client as strict as the platform.</summary>
public sealed class FlowPlatformTests
{
    private const string Key = "the-function-key";

    private const string Trigger = "WhenAMessageIsReceived";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_flow_goes_from_a_phone_number_to_a_transcript_with_the_key_as_header_or_in_the_query(bool keyInQuery)
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample);
        using var platform = new FlowPlatform(await ServedDefinition.LoadAsync(app), Key, keyInQuery);

        await platform.TestConnectionAsync();
        var found = await platform.RunAsync("FindConversations", ("contactPhoneNumber", "+44 7700 900222"), ("status", ""), ("agentId", ""), ("limit", 1));
        var id = found.GetProperty("items")[0].GetProperty("id").GetString();
        var conversation = await platform.RunAsync("GetConversation", ("id", id));
        var messages = await platform.RunAsync("ListMessages", ("id", id), ("limit", 2), ("offset", ""));

        Assert.Equal("Amara Osei", conversation.GetProperty("contactName").GetString());
        Assert.EndsWith("Amara Osei: Can I change the delivery address?", messages.GetProperty("transcript").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_turns_the_connection_red_at_once()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample);
        using var platform = new FlowPlatform(await ServedDefinition.LoadAsync(app), "wrong");

        var failed = await Assert.ThrowsAsync<ActionFailedException>(platform.TestConnectionAsync);

        Assert.Equal("401 unauthorized", failed.Message);
        Assert.Empty(platform.Waits);
    }

    [Fact]
    public async Task A_limited_upstream_is_waited_for_as_long_as_it_says_and_then_answers()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.InTurn(
            FakeWassist.Status(429, """{"retry_after":30}"""),
            FakeWassist.Status(429, """{"retry_after":12}"""),
            FakeWassist.Json(id => Bodies.Live(id)));
        var time = new FakeTimeProvider();
        await using var app = await App.StartAsync(
            wassist, new Dictionary<string, string> { ["LocalHost:Key"] = Key }, services => services.AddSingleton<TimeProvider>(time));
        using var platform = new FlowPlatform(await ServedDefinition.LoadAsync(app), Key) { Time = time };

        await platform.RunAsync("GetConversation", ("id", Bodies.Id));

        Assert.Equal([TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(12)], platform.Waits);
    }

    [Theory]
    [InlineData(404, "404 conversation_not_found")]
    [InlineData(401, "424 upstream_rejected_credentials")]
    [InlineData(422, "424 upstream_rejected_request")]
    public async Task What_does_not_heal_fails_the_action_without_a_retry(int upstream, string failure)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(upstream);
        await using var app = await App.StartAsync(wassist, new Dictionary<string, string> { ["LocalHost:Key"] = Key });
        using var platform = new FlowPlatform(await ServedDefinition.LoadAsync(app), Key);

        var failed = await Assert.ThrowsAsync<ActionFailedException>(() => platform.RunAsync("GetConversation", ("id", Bodies.Id)));

        Assert.Equal(failure, failed.Message);
        Assert.Empty(platform.Waits);
    }

    [Fact]
    public async Task A_trigger_lives_from_saving_the_flow_to_deleting_it()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, storage: true);
        sample.SendEventsTo($"http://{app.Http.BaseAddress!.Authority}");
        await using var flow = await FakeFlow.StartAsync();
        var definition = await ServedDefinition.LoadAsync(app);
        using var platform = new FlowPlatform(definition, Key);
        using var phone = new HttpClient();

        var location = await platform.SubscribeAsync(Trigger, flow.CallbackUrl);
        await WriteAsync(phone, sample, "First");
        var told = await flow.ReceivesAsync(1);
        location = await platform.SubscribeAsync(Trigger, flow.CallbackUrl); // the flow is saved again
        await WriteAsync(phone, sample, "Second");
        told = await flow.ReceivesAsync(2);
        await platform.UnsubscribeAsync(location);
        await platform.UnsubscribeAsync(location); // the platform may do so twice

        await using var other = await FakeFlow.StartAsync();
        await platform.SubscribeAsync(Trigger, other.CallbackUrl);
        await WriteAsync(phone, sample, "Third");
        await other.ReceivesAsync(1); // by now the first flow would have been told, too

        Assert.All(told, definition.AssertNotification);
        Assert.Equal(["First", "Second"], flow.Notifications.Select(notification => notification.GetProperty("message").GetProperty("text").GetString()));
        Assert.All(flow.Calls, call => Assert.DoesNotContain("x-functions-key", call.Headers.Keys, StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Every_event_that_a_maker_can_pick_has_a_title_and_is_taken_by_the_trigger()
    {
        await using var sample = await StartSampleAsync();
        await using var app = await StartAppAsync(sample, storage: true);
        await using var flow = await FakeFlow.StartAsync();
        var definition = await ServedDefinition.LoadAsync(app);
        using var platform = new FlowPlatform(definition, Key);

        var choices = await platform.PickAsync(definition.Json["definitions"]!["Subscribe"]!["properties"]!["events"]!["items"]!);
        foreach (var (value, title) in choices)
        {
            Assert.NotEqual("", title);
            await platform.SubscribeAsync(Trigger, flow.CallbackUrl, new JsonObject { ["events"] = new JsonArray(value), ["agentId"] = "", ["businessPhoneNumber"] = "" });
        }

        Assert.Equal(EventTypes.ForFlows, choices.Select(choice => choice.Value));
    }

    [Fact]
    public async Task An_event_without_a_message_fits_the_trigger_too()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        await using var flow = await FakeFlow.StartAsync();
        var definition = await ServedDefinition.LoadAsync(app);
        using var platform = new FlowPlatform(definition, Key);
        await platform.SubscribeAsync(Trigger, flow.CallbackUrl, new JsonObject { ["events"] = new JsonArray("subscription.service_window.expiring") });

        (await app.ReceiveAsync(new SignedEvent { Body = SignedEvent.WindowExpiring() })).Is(202, "ok");

        definition.AssertNotification((await flow.ReceivesAsync())[0]);
    }

    private static Task<SampleServer> StartSampleAsync() => SampleServer.StartAsync(new SampleOptions { Url = "http://127.0.0.1:0" }, TimeProvider.System);

    private static async Task<App> StartAppAsync(SampleServer sample, bool storage = false) => await App.StartAsync(new Dictionary<string, string>
    {
        ["Wassist:BaseUrl"] = sample.Url,
        ["Wassist:ApiKey"] = SampleServer.ApiKey,
        ["Wassist:WebhookSecret"] = SampleWebhook.Secret,
        ["AzureWebJobsStorage"] = storage ? await Azurite.NewAccountAsync() : "",
        ["Subscriptions:AllowLocalCallbacks"] = "true",
        ["LocalHost:Key"] = Key,
    });

    private static async Task WriteAsync(HttpClient phone, SampleServer sample, string text)
    {
        using var response = await phone.PostAsync(
            $"{sample.Url}/simulate/message", new StringContent($$"""{"text":"{{text}}"}"""), TestContext.Current.CancellationToken);
        Assert.Contains("\"webhookStatus\":202", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
