using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Tests.Delivery;

/// <summary>
/// Many events at once through the running app, Azurite and real sockets. <c>STORM_EVENTS=10000</c> makes them the size at which the
/// product was measured, with its own limits and waits; each prints its numbers.
/// </summary>
public sealed class StormTests(ITestOutputHelper output)
{
    private static readonly int Events = int.Parse(Environment.GetEnvironmentVariable("STORM_EVENTS") ?? "300", CultureInfo.InvariantCulture);

    /// <summary>Whether the limits and waits are the product's own, which take minutes.</summary>
    private static readonly bool IsFull = Events >= 1000;

    /// <summary>Events on their way at a time: with thousands on its queues Azurite slows to a crawl.</summary>
    private const int MostUnderWay = 400;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_one_call_in_twenty_failing_everywhere_every_flow_is_told_of_every_event()
    {
        await using var wassist = await FakeWassist.StartAsync();
        var (call, sent, sentAgain) = (0, 0, 0);
        wassist.Answer = context => FailsAt(Interlocked.Increment(ref call), 0) ? FakeWassist.Status(500)(context) : FakeWassist.Json(id => Bodies.Live(id))(context);
        await using var first = await CountingFlow.StartAsync(fails: true);
        await using var second = await CountingFlow.StartAsync(fails: true);
        await using var app = await App.StartWithStorageAsync(wassist);
        foreach (var flow in (CountingFlow[])[first, second])
            Assert.Equal(201, (await app.SubscribeAsync(new { callbackUrl = flow.Url })).Answer.StatusCode);
        var started = Stopwatch.GetTimestamp();

        var ids = Enumerable.Range(0, Events).Select(index => $"00000000-0000-4000-8000-{index:x12}").ToList();
        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (id, _) =>
        {
            while (Interlocked.CompareExchange(ref sent, 0, 0) - Math.Min(first.Accepted.Count, second.Accepted.Count) > MostUnderWay)
                await Task.Delay(10, Token);
            Interlocked.Increment(ref sent);
            var conversation = $"7c1e4b52-3f0a-4d7e-9b6f-{Convert.ToInt32(id[^4..], 16) % 997:x12}";
            while ((await app.ReceiveAsync(new SignedEvent { DeliveryId = id, Body = SignedEvent.MessageReceived(conversation) })).StatusCode is not 202 and var status)
            {
                Assert.Equal(503, status); // Azurite is overloaded, and Wassist sends it again
                Interlocked.Increment(ref sentAgain);
                await Task.Delay(TimeSpan.FromSeconds(10), Token);
            }
        });
        var taken = Stopwatch.GetElapsedTime(started);
        await Task.WhenAll(first.ToldAsync(ids), second.ToldAsync(ids));

        var pairs = 2 * Events;
        var repeats = first.Accepted.Values.Concat(second.Accepted.Values).Sum() - pairs;
        output.WriteLine($"{Events} events taken in {taken.TotalSeconds:F1} s ({sentAgain} sent again after 503), {pairs} notifications told after {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");
        output.WriteLine($"{wassist.Requests.Count} upstream calls, {first.Refused + second.Refused} callbacks refused, {repeats} repeats ({100.0 * repeats / pairs:F3}%)");
        Assert.True(repeats < pairs / 100.0, $"{repeats} repeats");
        foreach (var queue in StorageNames.Queues)
            Assert.Equal(0, await CountAsync(app, queue + AppStorage.PoisonSuffix));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_storm_keeps_to_the_calls_a_minute_and_tells_every_flow_of_every_event(bool oneConversation)
    {
        var (events, limit, patience) = IsFull ? (1000, 100, "00:02:00") : (200, 30, "00:00:08");
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
            ["Wassist:RequestsPerMinute"] = limit.ToString(CultureInfo.InvariantCulture),
            ["Subscriptions:LookupPatience"] = patience,
        });
        Assert.Equal(201, (await app.SubscribeAsync(new { callbackUrl = flow.Url })).Answer.StatusCode);
        var started = Stopwatch.GetTimestamp();

        var ids = Enumerable.Range(0, events).Select(index => $"00000000-0000-4000-8000-{index:x12}").ToList();
        using var pace = new PeriodicTimer(IsFull ? TimeSpan.FromSeconds(50.0 / events) : TimeSpan.FromMilliseconds(5));
        foreach (var id in ids)
        {
            var conversation = oneConversation ? Bodies.Id : $"7c1e4b52-3f0a-4d7e-9b6f-{id[^12..]}";
            Assert.Equal(202, (await app.ReceiveAsync(new SignedEvent { DeliveryId = id, Body = SignedEvent.MessageReceived(conversation) })).StatusCode);
            await pace.WaitForNextTickAsync(Token);
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

    [Fact]
    public async Task Events_are_taken_steadily_while_wassist_hangs()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Never;
        await using var flow = await CountingFlow.StartAsync(fails: false);
        await using var app = await App.StartWithStorageAsync(wassist);
        Assert.Equal(201, (await app.SubscribeAsync(new { callbackUrl = flow.Url })).Answer.StatusCode);
        await app.ReceiveAsync(new SignedEvent());

        var seconds = IsFull ? 30 : 2;
        var taken = new ConcurrentBag<double>();
        var sending = new List<Task>();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var sent = 0; sent < 200 * seconds; sent++)
        {
            sending.Add(SendAsync());
            await pace.WaitForNextTickAsync(Token);
        }

        await Task.WhenAll(sending);
        var sorted = taken.Order().ToList();
        output.WriteLine($"{sorted.Count} events at 200 a second: median {sorted[sorted.Count / 2]:F1} ms, p99 {sorted[(int)(sorted.Count * 0.99)]:F1} ms, longest {sorted[^1]:F1} ms");

        async Task SendAsync()
        {
            var started = Stopwatch.GetTimestamp();
            Assert.Equal(202, (await app.ReceiveAsync(new SignedEvent())).StatusCode);
            taken.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    /// <summary>One in twenty: at random, or, where two in a row would cost a minute, spread so that there are none.</summary>
    private static bool FailsAt(int index, int attempt) =>
        IsFull ? Random.Shared.Next(20) == 0 : ((uint)((index * 2654435761L) + (attempt * 40503L) + 12345) >> 7) % 20 == 0;

    private static async Task<long> CountAsync(App app, string queue) => await app.Services.GetRequiredService<AppStorage>().UseQueueAsync(
        queue, async (client, ended) => (await client.GetPropertiesAsync(ended)).Value.ApproximateMessagesCountLong, Token);

    /// <summary>A flow that counts what it accepted, and refuses one notification in twenty.</summary>
    private sealed class CountingFlow : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<string, int> _attempts = new();
        private readonly bool _fails;
        private WebApplication? _app;
        private int _refused;

        private CountingFlow(bool fails) => _fails = fails;

        public ConcurrentDictionary<string, int> Accepted { get; } = new();

        public ConcurrentQueue<string> Outcomes { get; } = [];

        public int Refused => Volatile.Read(ref _refused);

        public string Url => _app!.Urls.Single() + "/";

        public static async Task<CountingFlow> StartAsync(bool fails)
        {
            var flow = new CountingFlow(fails);
            flow._app = await LocalServer.StartAsync(flow.TakeAsync);
            return flow;
        }

        public async Task ToldAsync(List<string> deliveries)
        {
            while (Accepted.Count < deliveries.Count)
                await Task.Delay(50, Token);
            Assert.Equal(deliveries.Order(), Accepted.Keys.Order());
        }

        public ValueTask DisposeAsync() => _app!.DisposeAsync();

        private async Task TakeAsync(HttpContext context)
        {
            var body = (await JsonDocument.ParseAsync(context.Request.Body)).RootElement;
            PayloadContract.AssertNotification(body);
            var id = body.GetProperty("deliveryId").GetString()!;
            var attempt = _attempts.AddOrUpdate(id, 1, (_, before) => before + 1);
            if (_fails && FailsAt(Convert.ToInt32(id[^6..], 16), attempt))
            {
                Interlocked.Increment(ref _refused);
                context.Response.StatusCode = 500;
                return;
            }

            Accepted.AddOrUpdate(id, 1, (_, before) => before + 1);
            Outcomes.Enqueue(body.GetProperty("lookupOutcome").GetString()!);
            context.Response.StatusCode = 202;
        }
    }
}
