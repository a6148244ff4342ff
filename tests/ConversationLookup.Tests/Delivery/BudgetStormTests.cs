using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Delivery;

/// <summary>A storm of more events than Wassist may be asked about.</summary>
[Collection(Storm.Collection)]
public sealed class BudgetStormTests(ITestOutputHelper output)
{
    [Theory(Timeout = Storm.Timeout)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_storm_keeps_to_the_calls_a_minute_and_tells_every_flow_of_every_event(bool oneConversation)
    {
        var (events, limit, patience) = Storm.IsFull ? (1000, 100, "00:02:00") : (200, 30, oneConversation ? "00:01:00" : "00:00:08");
        await using var wassist = await FakeWassist.StartAsync();
        var calls = new ConcurrentQueue<long>();
        wassist.Answer = context =>
        {
            calls.Enqueue(Stopwatch.GetTimestamp());
            return FakeWassist.Json(id => Bodies.Live(id))(context);
        };
        await using var flow = await CountingFlow.StartAsync(fails: false);
        await using var app = await App.StartWithStorageAsync(wassist, new Dictionary<string, string>
        {
            ["AzureWebJobsStorage"] = await Azurite.NewStormAccountAsync(),
            ["Wassist:RequestsPerMinute"] = limit.ToString(CultureInfo.InvariantCulture),
            ["Subscriptions:LookupPatience"] = patience,
        });
        await Storm.SubscribeAsync(app, flow.Url);
        var started = Stopwatch.GetTimestamp();

        var ids = Storm.Deliveries(events);
        using var pace = new PeriodicTimer(Storm.IsFull ? TimeSpan.FromSeconds(50.0 / events) : TimeSpan.FromMilliseconds(5));
        foreach (var id in ids)
        {
            var conversation = oneConversation ? Bodies.Id : $"7c1e4b52-3f0a-4d7e-9b6f-{id[^12..]}";
            await Storm.SendAsync(app, new SignedEvent { DeliveryId = id, Body = SignedEvent.MessageReceived(conversation) });
            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        await flow.ToldAsync(ids);

        var mostInAMinute = calls.Max(from => calls.Count(at => at >= from && Stopwatch.GetElapsedTime(from, at) < TimeSpan.FromMinutes(1)));
        output.WriteLine($"{events} events for {(oneConversation ? "one conversation" : "as many conversations")}: all told {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s after the first came in, "
            + $"{calls.Count} upstream calls, at most {mostInAMinute} in a minute; {string.Join(", ", flow.Outcomes.GroupBy(outcome => outcome).Select(outcome => $"{outcome.Key} {outcome.Count()}"))}");
        Assert.InRange(mostInAMinute, 1, limit);
        Assert.Equal(events, flow.Accepted.Values.Sum());
        if (oneConversation)
            Assert.All(flow.Outcomes, outcome => Assert.Equal("found", outcome));
    }
}
