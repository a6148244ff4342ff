using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Telemetry;

/// <summary>What an operator sees, taken from where it leaves the app: the local host in a process of its own, and a collector.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task A_lookup_is_one_trace_from_the_request_to_Wassist()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var host = await HostUnderWatch.StartAsync(wassist);

        await host.GetAsync($"conversations/{Bodies.Id}?code={HostUnderWatch.FunctionKey}");
        var trace = await host.TraceAsync("server GET api/conversations/{id}", spans: 3);

        Assert.Equal(
            """
            server GET api/conversations/{id}
              internal wassist get_conversation
                client GET

            """,
            host.Collector.Tree(trace));
        var (request, call) = (host.Span(trace, "server"), host.Span(trace, "client"));
        Assert.Equal("ok", request.Tags["conversation_lookup.outcome"]);
        Assert.Equal("/api/conversations/{id}", request.Tags["url.path"]);
        Assert.Equal($"{wassist.Url.TrimEnd('/')}/api/v1/conversations/{Bodies.Id}/", call.Tags["url.full"]);
        Assert.All(host.Collector.Spans.Where(span => span.TraceId == trace), span => Assert.Null(span.Error));
        Assert.Equal($"00-{call.TraceId}-{call.Id}-01", Assert.Single(wassist.TraceParents));
        await host.EventuallyMeasuredAsync(
            "conversation_lookup.answers{operation=get_conversation,outcome=ok}",
            "conversation_lookup.lookups{kind=conversation,source=upstream}",
            "conversation_lookup.upstream.duration{operation=get_conversation,outcome=ok}",
            "conversation_lookup.secret_reads{outcome=ok,secret=Wassist:ApiKey}",
            "conversation_lookup.secret.age{secret=Wassist:ApiKey}");
        host.AssertNothingPersonal();
    }

    [Fact]
    public async Task A_search_by_phone_number_shows_none()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Routes(list: FakeWassist.Status(200, $"[{Bodies.Live().ToJsonString()}]"));
        await using var host = await HostUnderWatch.StartAsync(wassist);

        await host.GetAsync("conversations?contactPhoneNumber=%2B44 7700 900222");
        await host.GetAsync("conversations?contactPhoneNumber=%2B44 7700 900222");
        await host.TraceAsync("server GET api/conversations", spans: 3);

        await host.EventuallyMeasuredAsync(
            "conversation_lookup.lookups{kind=conversations,source=upstream}",
            "conversation_lookup.lookups{kind=conversations,source=cached}");
        host.AssertNothingPersonal();
    }

    [Fact]
    public async Task A_failure_is_found_by_its_trace_id()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(401);
        await using var host = await HostUnderWatch.StartAsync(wassist);

        var problem = System.Text.Json.JsonDocument.Parse(await host.GetAsync($"conversations/{Bodies.Id}")).RootElement;
        var trace = await host.TraceAsync("server GET api/conversations/{id}", spans: 3);

        Assert.Equal(problem.GetProperty("traceId").GetString(), trace);
        Assert.Equal("upstream_rejected_credentials", host.Span(trace, "server").Error);
        Assert.Equal("upstream_rejected_credentials", host.Span(trace, "internal").Error);
        await host.Collector.EventuallyAsync(() => host.Collector.Logs.Any(log => log.TraceId == trace && log.Text.Contains("upstream_rejected_credentials", StringComparison.Ordinal)));
        await host.EventuallyMeasuredAsync(
            "conversation_lookup.answers{operation=get_conversation,outcome=upstream_rejected_credentials}",
            "conversation_lookup.upstream.duration{operation=get_conversation,outcome=upstream_rejected_credentials}");
        host.AssertNothingPersonal();
    }

    [Fact]
    public async Task An_event_is_one_trace_from_the_webhook_over_both_queues_to_the_flow()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await using var host = await HostUnderWatch.StartAsync(wassist, await Azurite.NewAccountAsync());
        var received = new SignedEvent();

        var location = await host.SubscribeAsync(flow.CallbackUrl);
        await host.ReceiveAsync(received);
        await flow.ReceivesAsync();
        var trace = await host.TraceAsync("server POST api/webhooks/wassist", spans: 8);
        await host.DeleteAsync(location);
        await host.TraceAsync("server DELETE api/subscriptions/{id}", spans: 1);

        var tree = host.Collector.Tree(trace);
        TestContext.Current.TestOutputHelper?.WriteLine(tree);
        Assert.Equal(
            """
            server POST api/webhooks/wassist
              producer send wassist-events
                consumer process wassist-events
                  internal wassist get_conversation
                    client GET
                  producer send flow-notifications
                    consumer process flow-notifications
                      client POST

            """,
            tree);
        var consumers = host.Collector.Spans.Where(span => span.TraceId == trace && span.Kind == "consumer").ToList();
        Assert.All(consumers, span => Assert.Equal(received.DeliveryId, span.Tags["conversation_lookup.delivery_id"]));
        Assert.Equal(["found", "delivered"], consumers.OrderBy(span => span.Start).Select(span => span.Tags["conversation_lookup.outcome"]));
        Assert.Equal(new Uri(flow.CallbackUrl).GetLeftPart(UriPartial.Authority), host.Collector.Spans.Last(span => span is { Kind: "client", Name: "POST" }).Tags["url.full"]);
        await host.EventuallyMeasuredAsync(
            "conversation_lookup.events{outcome=queued,type=message.received}",
            "conversation_lookup.events{outcome=found,type=message.received}",
            "conversation_lookup.deliveries{outcome=delivered}");
        host.AssertNothingPersonal(location.Segments[^1]);
    }

    [Fact]
    public async Task Forged_events_are_counted_and_told_of_in_one_line_that_belongs_to_no_trace()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var host = await HostUnderWatch.StartAsync(wassist, await Azurite.NewAccountAsync());

        for (var forgery = 0; forgery < 3; forgery++)
            await host.ReceiveAsync(new SignedEvent { SigningSecret = "another" });

        await host.EventuallyMeasuredAsync(
            "conversation_lookup.answers{operation=receive_event,outcome=signature_unknown}",
            "conversation_lookup.signatures{outcome=unknown}");
        await host.StopAsync();
        var told = Assert.Single(host.Collector.Logs, log => log.Text.Contains("signature_unknown", StringComparison.Ordinal));
        Assert.Equal(("Refused 3 webhooks within a minute without proof that Wassist sent them: 3 signature_unknown.", ""), (told.Text, told.TraceId));
        host.AssertNothingPersonal();
    }
}
