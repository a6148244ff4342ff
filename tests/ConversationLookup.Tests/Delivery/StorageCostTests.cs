using Azure.Data.Tables;
using Azure.Storage.Queues.Models;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Delivery;

/// <summary>
/// What an event costs in requests to storage, counted between the app and Azurite. <c>docs/scale.md</c> calculates with these numbers.
/// What the host does besides is not in them: it receives messages, up to 16 with one request, and deletes each.
/// </summary>
public sealed class StorageCostTests(ITestOutputHelper output)
{
    private const string Version = "Table GET subscriptions";
    private const string Claim = "Table POST deliveries";
    private const string Message = "Queue POST flow-notifications";

    /// <summary>What one delivery costs.</summary>
    private static readonly string[] Delivery = ["Table GET subscriptions", "Table PATCH deliveries", "Table POST deliveries"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_costs_three_requests_and_each_of_its_flows_four()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        await SubscribeAsync(core, flow, 2);
        await MeasureAsync(storage, core); // the catalog is read, and what was missing is made

        var cost = await MeasureAsync(storage, core);

        Assert.Equal(["Queue POST wassist-events"], cost.Intake.Operations);
        Assert.Equal([Message, Message, Version, Claim], cost.FanOut.Operations);
        Assert.Equal(2, cost.Deliveries.Count);
        Assert.All(cost.Deliveries, delivery => Assert.Equal(Delivery, delivery.Operations));
    }

    [Fact]
    public async Task An_event_that_nobody_wants_costs_one_request_after_its_intake_and_one_that_came_before_three()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        var first = new SignedEvent();
        Assert.Equal([Version], (await MeasureAsync(storage, core)).FanOut.Operations);
        await SubscribeAsync(core, flow, 1);
        await MeasureAsync(storage, core, first);

        Assert.Equal(["Table GET deliveries", Version, Claim], (await MeasureAsync(storage, core, first with { DeliveryId = "another" })).FanOut.Operations);
        Assert.Equal([Version], (await MeasureAsync(storage, core, new SignedEvent { Body = SignedEvent.WindowExpiring() })).FanOut.Operations);
    }

    [Fact]
    public async Task An_event_costs_the_same_among_ten_and_ten_thousand_subscriptions()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        await SubscribeAsync(core, flow, 3);
        await MeasureAsync(storage, core);

        var costs = new List<Cost>();
        var there = 3;
        foreach (var subscriptions in (int[])[10, 1_000, 10_000])
        {
            await AddOthersAsync(storage, there, subscriptions);
            there = subscriptions;
            var first = await MeasureAsync(storage, core);
            costs.Add(await MeasureAsync(storage, core));
            output.WriteLine($"{subscriptions,6} subscriptions: {costs[^1]}; the first event after a change {first}");

            // Whoever changes a subscription makes the next event read them all, a thousand with each request, once in each instance.
            Assert.Equal(costs[^1].Requests + ((subscriptions + 999) / 1000), first.Requests);
        }

        Assert.All(costs, cost =>
        {
            Assert.Equal(costs[0].All, cost.All);
            Assert.InRange(cost.Bytes, 0.9 * costs[0].Bytes, 1.1 * costs[0].Bytes);
        });
    }

    private static async Task SubscribeAsync(Core core, FakeFlow flow, int flows)
    {
        for (var index = 0; index < flows; index++)
            await core.SubscribeAsync($"{flow.CallbackUrl}&flow={index}");
    }

    /// <summary>Writes rows of flows that want something else straight into the table, and a new version as the last of them.</summary>
    private static async Task AddOthersAsync(FaultyStorage storage, int from, int to)
    {
        var table = new TableClient(storage.DirectConnectionString, StorageNames.Subscriptions);
        var rows = Enumerable.Range(from, to - from).Select(index => new TableEntity("flow", $"{index:x40}")
        {
            ["CallbackHash"] = $"{index:x32}",
            ["Events"] = index % 3 == 0 ? "subscription.revoked" : "message.received,subscription.message.received",
            ["AgentId"] = index % 3 == 1 ? $"{Guid.Empty}" : "",
            ["BusinessPhoneNumber"] = index % 3 == 2 ? $"+4477{index:d8}" : "",
            ["CreatedAt"] = DateTimeOffset.UnixEpoch,
        }).Append(new TableEntity("flow", "!version") { ["Version"] = $"{Guid.NewGuid():N}" });
        foreach (var some in rows.Chunk(100))
            await table.SubmitTransactionAsync(some.Select(row => new TableTransactionAction(TableTransactionActionType.UpsertReplace, row)), Token);
    }

    private static async Task<Cost> MeasureAsync(FaultyStorage storage, Core core, SignedEvent? received = null)
    {
        var intake = await CountAsync(async () => Assert.Equal(202, (await core.ReceiveAsync(received ?? new SignedEvent())).Status));
        var fanOut = await CountAsync(await NextAsync(StorageNames.Events) is [var message] ? () => core.FanOutAsync(message) : throw new InvalidOperationException());
        var deliveries = new List<Part>();
        foreach (var notification in await NextAsync(StorageNames.Notifications))
            deliveries.Add(await CountAsync(() => core.DeliverAsync(notification)));
        return new Cost(intake, fanOut, deliveries);

        Task<List<QueueMessage>> NextAsync(string queue) => core.TakeAllAsync(queue);

        async Task<Part> CountAsync(Func<Task> work)
        {
            storage.Requests.Clear();
            await work();
            return new Part(
                [.. storage.Requests.Select(request => $"{request.Service} {request.Method} {request.Path.Split('/', '(')[2]}").Order(StringComparer.Ordinal)],
                storage.Requests.Sum(request => request.Bytes));
        }
    }

    /// <summary>What a part of the way asked of storage, sorted, and how many bytes went either way.</summary>
    private sealed record Part(IReadOnlyList<string> Operations, long Bytes);

    private sealed record Cost(Part Intake, Part FanOut, IReadOnlyList<Part> Deliveries)
    {
        public IEnumerable<string> All => Parts.SelectMany(part => part.Operations);

        public int Requests => All.Count();

        public long Bytes => Parts.Sum(part => part.Bytes);

        private IEnumerable<Part> Parts => [Intake, FanOut, .. Deliveries];

        public override string ToString() =>
            $"{Requests} requests with {Bytes:N0} bytes (intake {Describe(Intake)}, fan-out {Describe(FanOut)}, each flow {Describe(Deliveries[0])})";

        private static string Describe(Part part) => $"{part.Operations.Count} with {part.Bytes:N0}";
    }
}
