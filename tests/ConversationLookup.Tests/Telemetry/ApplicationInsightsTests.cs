using System.Text.Json;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Telemetry;

/// <summary>What arrives in Application Insights: the real exporter with the settings of a deployed app, against a stand-in.</summary>
public sealed class ApplicationInsightsTests
{
    [Fact]
    public async Task It_gets_whole_traces_logs_and_metrics_with_the_apps_identity_and_nothing_personal()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await using var insights = await ApplicationInsightsStandIn.StartAsync();
        await using var host = await HostUnderWatch.StartAsync(wassist, await Azurite.NewAccountAsync(), insights);

        await host.GetAsync($"conversations/{Bodies.Id}?code={HostUnderWatch.FunctionKey}");
        await host.GetAsync("conversations?contactPhoneNumber=%2B44 7700 900222");
        var location = await host.SubscribeAsync(flow.CallbackUrl);
        await host.ReceiveAsync(new SignedEvent());
        await flow.ReceivesAsync();
        wassist.Answer = FakeWassist.Status(401);
        var problem = JsonDocument.Parse(await host.GetAsync($"conversations/{Guid.NewGuid()}")).RootElement;
        await host.DeleteAsync(location);
        await host.StopAsync(); // metrics go once a minute, and at the end

        Assert.Contains("https://monitor.azure.com", insights.TokensAsked);
        AssertEventIsOneTrace(insights.Items);
        AssertFoundByTraceId(insights.Items, problem.GetProperty("traceId").GetString()!);
        AssertMeasured(insights.Items);
        HostUnderWatch.AssertNothingPersonal(insights.Lines, location.Segments[^1]);
        HostUnderWatch.AssertNothingPersonal(host.Collector.Raw, location.Segments[^1]); // both exporters at once
    }

    private static void AssertEventIsOneTrace(IReadOnlyList<InsightsItem> items)
    {
        var webhook = items.Single(item => item is { Type: "RequestData", Name: "POST api/webhooks/wassist" });

        Assert.Equal(
            [
                $"GET /api/v1/conversations/{Bodies.Id}/", "POST /", "POST api/webhooks/wassist", "process flow-notifications", "process wassist-events",
                "send flow-notifications", "send wassist-events", "wassist get_conversation",
            ],
            items.Where(item => item.OperationId == webhook.OperationId && item.Type is "RequestData" or "RemoteDependencyData").Select(item => item.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>A caller tells the trace id of a problem; the request, the call and the log have it.</summary>
    private static void AssertFoundByTraceId(IReadOnlyList<InsightsItem> items, string traceId)
    {
        var found = items.Where(item => item.OperationId == traceId).ToList();

        Assert.Contains(found, item => item is { Type: "RequestData", Name: "GET api/conversations/{id}" });
        Assert.Contains(found, item => item is { Type: "RemoteDependencyData", Name: "wassist get_conversation" });
        var message = Assert.Single(found, item => item.Type == "MessageData").Data;
        Assert.Equal(("Warning", "10"), (message.GetProperty("severityLevel").GetString(), message.GetProperty("properties").GetProperty("EventId").GetString()));
        Assert.Contains("Wassist answered 401", message.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Names and properties are what the queries of the workbook and the alerts ask for.</summary>
    private static void AssertMeasured(IReadOnlyList<InsightsItem> items)
    {
        var metrics = items.Where(item => item.Type == "MetricData").ToList();

        Assert.Equal(
            [
                "conversation_lookup.answers{operation=create_subscription,outcome=ok}",
                "conversation_lookup.answers{operation=delete_subscription,outcome=ok}",
                "conversation_lookup.answers{operation=find_conversations,outcome=upstream_invalid_response}",
                "conversation_lookup.answers{operation=get_conversation,outcome=ok}",
                "conversation_lookup.answers{operation=get_conversation,outcome=upstream_rejected_credentials}",
                "conversation_lookup.answers{operation=receive_event,outcome=ok}",
                "conversation_lookup.deliveries{outcome=delivered}",
                "conversation_lookup.events{outcome=found,type=message.received}",
                "conversation_lookup.events{outcome=queued,type=message.received}",
                "conversation_lookup.lookups{kind=conversation,source=upstream}",
                "conversation_lookup.lookups{kind=conversations,source=upstream}",
                "conversation_lookup.poison_messages{queue=flow-notifications}",
                "conversation_lookup.poison_messages{queue=wassist-events}",
                "conversation_lookup.secret.age{secret=Wassist:ApiKey}",
                "conversation_lookup.secret.age{secret=Wassist:WebhookSecret}",
                "conversation_lookup.secret_reads{outcome=ok,secret=Wassist:ApiKey}",
                "conversation_lookup.secret_reads{outcome=ok,secret=Wassist:WebhookSecret}",
                "conversation_lookup.signatures{outcome=valid}",
                "conversation_lookup.upstream.duration{operation=get_conversation,outcome=ok}",
                "conversation_lookup.upstream.duration{operation=get_conversation,outcome=upstream_rejected_credentials}",
                "conversation_lookup.upstream.duration{operation=list_conversations,outcome=upstream_invalid_response}",
            ],
            metrics.Select(item => item.Metric).Where(metric => metric.StartsWith("conversation_lookup.", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal));
        var duration = metrics.First(item => item.Metric == "conversation_lookup.upstream.duration{operation=get_conversation,outcome=ok}").Data.GetProperty("metrics")[0];
        Assert.Equal(2, duration.GetProperty("count").GetInt32()); // a query's ItemCount: the lookup's call and the event's
        Assert.InRange(duration.GetProperty("max").GetDouble(), 0, duration.GetProperty("value").GetDouble());
    }
}
