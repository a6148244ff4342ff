using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using ConversationLookup.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Webhooks;

/// <summary>Webhooks over HTTP: what is taken, what is refused, and what is on the queue afterwards.</summary>
public sealed class IntakeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_is_on_the_queue_before_it_is_answered_202()
    {
        await using var core = await Core.StartAsync();

        var answer = await core.ReceiveAsync(new SignedEvent { DeliveryId = "7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33" });

        Assert.Equal((202, """{"outcome":"queued","deliveryId":"7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33"}"""), answer);
        Assert.Equal(1, await core.CountAsync(StorageNames.Events));
        Assert.Empty(core.Wassist.Requests);
    }

    [Theory]
    [InlineData("test.ping", 200, "pong", 0)]
    [InlineData("something.new", 200, "ignored", 0)]
    [InlineData("Message.Received", 200, "ignored", 0)]
    [InlineData("message.received", 202, "queued", 1)]
    [InlineData("subscription.message.received", 202, "queued", 1)]
    [InlineData("subscription.activated", 202, "queued", 1)]
    [InlineData("subscription.revoked", 202, "queued", 1)]
    [InlineData("subscription.service_window.expiring", 202, "queued", 1)]
    [InlineData("subscription.service_window.closed", 202, "queued", 1)]
    public async Task Only_events_that_a_flow_can_want_are_queued(string type, int status, string outcome, int queued)
    {
        await using var core = await Core.StartAsync();
        var body = SignedEvent.WindowExpiring(type);
        if (type == "test.ping")
            body["message"] = "Test event from the dashboard";

        var (answered, text) = await core.ReceiveAsync(new SignedEvent { Body = body });

        Assert.Equal(status, answered);
        Assert.StartsWith($$"""{"outcome":"{{outcome}}",""", text, StringComparison.Ordinal);
        Assert.Equal(queued, await core.CountAsync(StorageNames.Events));
    }

    [Theory]
    [InlineData("no signature", 401, "invalid_signature")]
    [InlineData("wrong secret", 503, "signature_unknown")]
    [InlineData("tampered body", 503, "signature_unknown")]
    [InlineData("replayed after six minutes", 401, "invalid_signature")]
    [InlineData("signed six minutes ahead", 401, "invalid_signature")]
    [InlineData("truncated header", 401, "invalid_signature")]
    [InlineData("unsigned and not JSON", 401, "invalid_signature")]
    [InlineData("unsigned and of another type", 401, "invalid_signature")]
    [InlineData("signed but not JSON", 400, "invalid_body")]
    [InlineData("signed but no object", 400, "invalid_body")]
    [InlineData("signed but without an event", 400, "invalid_body")]
    [InlineData("too large", 413, "payload_too_large")]
    [InlineData("too large in chunks", 413, "payload_too_large")]
    [InlineData("unsigned and too large", 401, "invalid_signature")]
    public async Task A_request_that_is_not_good_is_refused_and_nothing_is_queued(string what, int status, string code)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        using var request = Bad(what);

        (await app.SendAsync(request)).Is(status, code);

        Assert.Equal(0, await CountAsync(app));
        Assert.DoesNotContain(app.Logs.Lines, line => line.Text.Contains(SignedEvent.Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/cloudevents+json")]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("nonsense")]
    public async Task What_is_signed_is_an_event_whatever_the_content_type_says(string? contentType)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        using var request = new SignedEvent().ToRequest();
        request.Content!.Headers.Remove("Content-Type");
        if (contentType is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        Assert.Equal(202, (await app.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task While_wassist_is_down_events_are_taken_as_ever()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Never;
        await using var app = await App.StartWithStorageAsync(wassist);

        for (var sent = 0; sent < 20; sent++)
            Assert.Equal(202, (await app.ReceiveAsync(new SignedEvent())).StatusCode);
    }

    [Fact]
    public async Task Without_storage_webhooks_and_subscriptions_are_answered_503_and_lookups_work()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);
        using var delete = new HttpRequestMessage(HttpMethod.Delete, "subscriptions/" + new string('a', 40));

        (await app.ReceiveAsync(new SignedEvent())).Is(503, "storage_unavailable");
        (await app.SubscribeAsync(new { callbackUrl = "https://prod-1.westeurope.logic.azure.com/x" })).Answer.Is(503, "storage_unavailable");
        (await app.SendAsync(delete)).Is(503, "storage_unavailable");
        (await app.LookUpAsync()).IsSummary();
        Assert.Equal("healthy", (await app.GetAsync("health"))["status"].GetString());
    }

    [Fact]
    public async Task Storage_that_does_not_answer_is_503_so_that_wassist_sends_it_again_and_health_says_so()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(
            wassist, new Dictionary<string, string> { ["AzureWebJobsStorage"] = $"DefaultEndpointsProtocol=http;AccountName=gone;AccountKey=AAAA;QueueEndpoint=http://127.0.0.1:{LocalServer.FreePort()}/gone;TableEndpoint=http://127.0.0.1:{LocalServer.FreePort()}/gone;BlobEndpoint=http://127.0.0.1:{LocalServer.FreePort()}/gone;" });

        var answer = (await app.ReceiveAsync(new SignedEvent())).Is(503, "storage_unavailable");

        Assert.Equal(10, answer.RetryAfterSeconds);
        Assert.Contains("Azurite", answer.Detail, StringComparison.Ordinal);
        Assert.Equal(503, (await app.GetAsync("health")).StatusCode);
        Assert.DoesNotContain(app.Logs.Own, line => line.Text.Contains("AAAA", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Forgeries_have_the_vault_read_at_most_twice_a_minute_and_a_new_secret_is_found()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        vault.Secrets["wassist-webhook-secret"] = SignedEvent.Secret;
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = await vault.StartAppAsync(
            wassist,
            services => services.AddSingleton<TimeProvider>(time),
            new Dictionary<string, string> { ["AzureWebJobsStorage"] = await Azurite.NewAccountAsync() });
        Assert.Equal(202, (await app.ReceiveAsync(new SignedEvent { At = time.GetUtcNow() })).StatusCode);
        var before = vault.ReadsOf("wassist-webhook-secret");

        for (var second = 0; second < 60; second++)
        {
            for (var forgery = 0; forgery < 5; forgery++)
                (await app.ReceiveAsync(new SignedEvent { SigningSecret = "forged", At = time.GetUtcNow() })).Is(503, "signature_unknown");
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(vault.ReadsOf("wassist-webhook-secret") - before, 1, 2);
        vault.Secrets["wassist-webhook-secret"] = "the-next-secret";
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(202, (await app.ReceiveAsync(new SignedEvent { SigningSecret = "the-next-secret", At = time.GetUtcNow() })).StatusCode);
    }

    [Fact]
    public async Task Stale_and_malformed_signatures_never_have_the_vault_read()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        vault.Secrets["wassist-webhook-secret"] = SignedEvent.Secret;
        await using var app = await vault.StartAppAsync(wassist, settings: new Dictionary<string, string> { ["AzureWebJobsStorage"] = await Azurite.NewAccountAsync() });
        Assert.Equal(202, (await app.ReceiveAsync(new SignedEvent())).StatusCode);
        var before = vault.ReadsOf("wassist-webhook-secret");

        foreach (var what in (string[])["no signature", "replayed after six minutes", "truncated header"])
        {
            using var request = Bad(what);
            (await app.SendAsync(request)).Is(401, "invalid_signature");
        }

        Assert.Equal(before, vault.ReadsOf("wassist-webhook-secret"));
    }

    [Fact]
    public async Task A_secret_that_cannot_be_read_is_503_so_that_wassist_sends_it_again()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist, new Dictionary<string, string> { ["Wassist:WebhookSecret"] = "" });

        (await app.ReceiveAsync(new SignedEvent())).Is(503, "secret_unavailable");

        var health = await app.GetAsync("health");
        Assert.Equal((200, "degraded"), (health.StatusCode, health["status"].GetString()));
    }

    [Fact]
    public async Task What_became_of_each_event_is_counted_without_the_senders_words()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        using var events = new MetricCollector(app, "conversation_lookup.events");

        await app.ReceiveAsync(new SignedEvent { Body = SignedEvent.WindowExpiring("a.new.event") });
        await app.ReceiveAsync(new SignedEvent { Body = SignedEvent.WindowExpiring("subscription.revoked") });

        Assert.Equal(["type=other outcome=ignored", "type=subscription.revoked outcome=queued"], events.Measured.Take(2));
        Assert.Contains(app.Logs.Own, line => line.EventId == 40);
        Assert.DoesNotContain(app.Logs.Own, line => line.Text.Contains("a.new.event", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_field_of_an_unknown_shape_loses_no_event_and_is_counted_and_logged_without_its_value()
    {
        await using var core = await Core.StartAsync();
        using var counted = new MetricCollector(core, "conversation_lookup.unknown_field_shapes");
        var body = SignedEvent.MessageReceived();
        body["contact"] = new JsonArray("Amara 447700900222");

        Assert.Equal(202, (await core.ReceiveAsync(new SignedEvent { Body = body })).Status);

        Assert.Equal(["field=contact"], counted.Measured);
        var line = Assert.Single(core.Logs.Own, line => line.EventId == 30);
        Assert.Contains("contact as Array", line.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("447700900222", line.Text, StringComparison.Ordinal);
        Assert.Equal(1, await core.CountAsync(StorageNames.Events));
    }

    [Fact]
    public async Task A_number_that_python_writes_and_json_does_not_know_loses_no_event()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        using var request = Signed("""{"event":"message.received","score":NaN,"limits":[-Infinity,Infinity]}""");

        Assert.Equal(202, (await app.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_parameter_in_the_webhooks_address_is_refused_and_counted_in_the_log()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        using var request = new SignedEvent().ToRequest();
        request.RequestUri = new Uri("webhooks/wassist?token=x", UriKind.Relative);

        (await app.SendAsync(request)).Is(400, "invalid_parameter");

        app.Services.GetRequiredService<RefusalReport>().Dispose();
        Assert.Contains(app.Logs.Own, line => line.Text.Contains("1 invalid_parameter", StringComparison.Ordinal));
    }

    /// <summary>Wassist does not send it again, so somebody must hear of it; what anybody can send is not worth a line.</summary>
    [Theory]
    [InlineData("signed but not JSON", true)]
    [InlineData("signed but without an event", true)]
    [InlineData("unsigned and not JSON", false)]
    public async Task A_signed_event_that_cannot_be_read_is_counted_and_warned_of(string what, bool told)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        using var events = new MetricCollector(app, "conversation_lookup.events");
        using var request = Bad(what);

        await app.SendAsync(request);

        Assert.Equal(told ? ["type=other outcome=unreadable"] : [], events.Measured);
        Assert.Equal(told, app.Logs.Own.Any(line => line is { EventId: 49, Level: Microsoft.Extensions.Logging.LogLevel.Warning }));
    }

    private static async Task<long> CountAsync(App app) => await app.Services.GetRequiredService<AppStorage>().UseQueueAsync(
        StorageNames.Events, async (queue, ended) => (await queue.GetPropertiesAsync(ended)).Value.ApproximateMessagesCountLong, Token);

    private static HttpRequestMessage Signed(string json)
    {
        var request = new SignedEvent().ToRequest();
        var body = Encoding.UTF8.GetBytes(json);
        request.Content = new ByteArrayContent(body);
        request.Headers.Remove("X-Wassist-Signature");
        request.Headers.Add("X-Wassist-Signature", SignedEvent.Sign(request.Headers.GetValues("X-Wassist-Timestamp").Single(), body, SignedEvent.Secret));
        return request;
    }

    private static HttpRequestMessage Bad(string what)
    {
        var now = DateTimeOffset.UtcNow;
        var request = (what switch
        {
            "wrong secret" => new SignedEvent { SigningSecret = "wrong" },
            "replayed after six minutes" => new SignedEvent { At = now.AddMinutes(-6) },
            "signed six minutes ahead" => new SignedEvent { At = now.AddMinutes(6) },
            _ => new SignedEvent(),
        }).ToRequest();
        var timestamp = request.Headers.GetValues("X-Wassist-Timestamp").Single();

        void Body(byte[] body, bool sign, string type = "application/json")
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
            Signature(sign ? SignedEvent.Sign(timestamp, body, SignedEvent.Secret) : null);
        }

        void Signature(string? value)
        {
            request.Headers.Remove("X-Wassist-Signature");
            if (value is not null)
                request.Headers.Add("X-Wassist-Signature", value);
        }

        switch (what)
        {
            case "no signature":
                Signature(null);
                break;
            case "tampered body":
                request.Content = new StringContent(SignedEvent.MessageReceived(text: "Send me the money").ToJsonString(), Encoding.UTF8, "application/json");
                break;
            case "truncated header":
                Signature(request.Headers.GetValues("X-Wassist-Signature").Single()[..^1]);
                break;
            case "unsigned and not JSON":
                Body("<xml/>"u8.ToArray(), sign: false);
                break;
            case "unsigned and of another type":
                Body("<xml/>"u8.ToArray(), sign: false, "application/xml");
                break;
            case "signed but not JSON":
                Body("<xml/>"u8.ToArray(), sign: true);
                break;
            case "signed but no object":
                Body("[]"u8.ToArray(), sign: true);
                break;
            case "signed but without an event":
                Body("{}"u8.ToArray(), sign: true);
                break;
            case "too large":
                Body(new byte[WebhookHandlers.LargestBody + 1], sign: true);
                break;
            case "unsigned and too large":
                Body(new byte[WebhookHandlers.LargestBody + 1], sign: false);
                break;
            case "too large in chunks":
                Body(new byte[WebhookHandlers.LargestBody + 1], sign: true);
                request.Headers.TransferEncodingChunked = true;
                break;
        }

        return request;
    }
}
