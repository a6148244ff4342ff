using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;
using ConversationLookup.Webhooks;

namespace ConversationLookup.Tests.EndToEnd;

/// <summary>
/// Subscriptions and webhooks over HTTP, the same for the local host, the worker and a deployed app. A message is told to a flow
/// on this machine only: a deployed app would tell real flows of it.
/// </summary>
public abstract class TriggerCases(AppUnderTest app)
{
    private readonly AppUnderTest _app = app.OrSkip();

    /// <summary>Of the form that Logic Apps gives, and nobody's.</summary>
    private const string Callback =
        "https://prod-00.westeurope.logic.azure.com:443/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=end-to-end";

    [Fact]
    public async Task Every_event_can_be_picked()
    {
        var answer = await _app.GetAsync("events");

        _app.Definition.AssertKept("ListEvents", answer);
        Assert.Equal(EventTypes.ForFlows, answer.Is(200, "ok")["items"].EnumerateArray().Select(item => item.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_flow_subscribes_and_unsubscribes_without_a_key_at_the_location_it_was_given()
    {
        var (answer, location) = await _app.SubscribeAsync(new { callbackUrl = Callback, events = new[] { "subscription.revoked" } });

        _app.Definition.AssertKept("WhenAMessageIsReceived", answer);
        Assert.Equal(201, answer.StatusCode);
        Assert.Equal(new Uri(_app.Root, $"api/subscriptions/{answer["id"].GetString()}"), location);
        Assert.Equal(204, await DeleteAsync(location!));
        Assert.Equal(204, await DeleteAsync(location!));
    }

    [Theory]
    [InlineData("""{"callbackUrl":"https://attacker.example/"}""", "callback_not_allowed")]
    [InlineData("""{"callbackUrl":"http://prod-00.westeurope.logic.azure.com/"}""", "callback_not_allowed")]
    [InlineData("""{"callbackUrl":"https://prod-00.westeurope.logic.azure.com:22/"}""", "callback_not_allowed")]
    [InlineData("""{"callbackUrl":"https://prod-00.westeurope.logic.azure.com/","events":["nothing"]}""", "invalid_parameter")]
    [InlineData("""[]""", "invalid_body")]
    public async Task A_subscription_that_could_not_work_is_refused(string body, string code)
    {
        var (answer, _) = await _app.SubscribeAsync(JsonNode.Parse(body)!);

        answer.Is(400, code);
    }

    [Fact]
    public async Task A_webhook_that_Wassist_did_not_sign_is_refused()
    {
        (await _app.SendAsIsAsync(new HttpRequestMessage(HttpMethod.Post, "webhooks/wassist") { Content = new StringContent("{}") })).Is(401, "invalid_signature");
        (await _app.SendAsIsAsync(new SignedEvent { SigningSecret = "a forger's" }.ToRequest())).Is(503, "signature_unknown");
    }

    [Fact]
    public async Task A_signed_webhook_that_is_stale_or_was_changed_is_refused()
    {
        var secret = _app.RequireWebhookSecret();
        var tampered = new SignedEvent { SigningSecret = secret }.ToRequest();
        tampered.Content = new StringContent("{}");

        (await _app.SendAsIsAsync(new SignedEvent { SigningSecret = secret, At = DateTimeOffset.UtcNow.AddMinutes(-6) }.ToRequest())).Is(401, "invalid_signature");
        (await _app.SendAsIsAsync(tampered)).Is(503, "signature_unknown");
    }

    [Fact]
    public async Task A_webhook_that_is_too_large_is_refused()
    {
        using var large = new ByteArrayContent(new byte[513 * 1024]);
        var received = new SignedEvent().ToRequest();
        received.Content = large;

        (await _app.SendAsIsAsync(received)).Is(413, "payload_too_large");
    }

    [Theory]
    [InlineData("test.ping", "pong")]
    [InlineData("subscription.made_up", "ignored")]
    public async Task A_ping_or_an_unknown_event_is_answered_and_no_flow_hears_of_it(string type, string outcome)
    {
        var received = new SignedEvent { SigningSecret = _app.RequireWebhookSecret(), Body = SignedEvent.WindowExpiring(type) };

        var answer = await _app.SendAsIsAsync(received.ToRequest());

        Assert.Equal((200, outcome), (answer.StatusCode, answer["outcome"].GetString()));
        Assert.Equal(received.DeliveryId, answer["deliveryId"].GetString());
    }

    [Fact]
    public async Task A_message_reaches_a_flow_once_with_the_conversation_it_belongs_to()
    {
        Assert.SkipUnless(_app.IsLocal, "A deployed app cannot reach a flow on this machine, and would tell real ones.");
        var secret = _app.RequireWebhookSecret();
        await using var flow = await FakeFlow.StartAsync();
        var id = (await _app.AnyConversationAsync()).GetProperty("id").GetString()!;
        var (_, location) = await _app.SubscribeAsync(new { callbackUrl = flow.CallbackUrl });
        var first = new SignedEvent { SigningSecret = secret, Body = SignedEvent.MessageReceived(id, "First 👋") };
        var second = new SignedEvent { SigningSecret = secret, Body = SignedEvent.MessageReceived(id, "Second") };

        Assert.Equal(202, (await _app.SendAsIsAsync(first.ToRequest())).StatusCode);
        await flow.ReceivesAsync(1);
        Assert.Equal(202, (await _app.SendAsIsAsync(first.ToRequest())).StatusCode); // Wassist sends it again
        Assert.Equal(202, (await _app.SendAsIsAsync(second.ToRequest())).StatusCode);
        var told = await flow.ReceivesAsync(2);
        await DeleteAsync(location!);

        Assert.Equal([first.DeliveryId, second.DeliveryId], flow.DeliveryIds);
        Assert.Equal(["First 👋", "Second"], told.Select(notification => notification.GetProperty("message").GetProperty("text").GetString()));
        Assert.All(told, notification =>
        {
            _app.Definition.AssertNotification(notification);
            Assert.Equal(("found", id), (notification.GetProperty("lookupOutcome").GetString(), notification.GetProperty("conversation").GetProperty("id").GetString()));
        });
    }

    private async Task<int> DeleteAsync(Uri location) => (await _app.SendAsIsAsync(new HttpRequestMessage(HttpMethod.Delete, location))).StatusCode;
}
