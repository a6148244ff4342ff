using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Functions;

/// <summary>The worker dies, is told to stop, or cannot start: what callers, flows and the operator notice of it.</summary>
public sealed class WorkerLifeTests(ITestOutputHelper output)
{
    private const int Events = 300;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_killed_in_the_middle_of_a_storm_loses_no_event_for_any_flow()
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Token);
        bound.CancelAfter(TimeSpan.FromMinutes(4));
        await using var wassist = await FakeWassist.StartAsync();
        await using var first = await FakeFlow.StartAsync();
        await using var second = await FakeFlow.StartAsync();
        await using var app = await WorkerApp.StartAsync(wassist);
        await app.SubscribeAsync(first);
        await app.SubscribeAsync(second);
        var killed = app.Host.WorkerProcessId;
        var (refused, ids) = (0, Enumerable.Range(0, Events).Select(index => $"00000000-0000-4000-8000-{index:x12}").ToList());

        var sending = Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = bound.Token }, async (id, cancellationToken) =>
        {
            var received = new SignedEvent { DeliveryId = id, Body = SignedEvent.MessageReceived($"7c1e4b52-3f0a-4d7e-9b6f-{id[^12..]}") };
            while (await app.ReceiveAsync(received) != 202) // as Wassist sends again what a server failed to take
            {
                Interlocked.Increment(ref refused);
                await Task.Delay(100, cancellationToken);
            }
        });
        await first.ReceivesAsync(Events / 4);
        app.Host.KillWorker();
        await sending;
        foreach (var flow in (FakeFlow[])[first, second])
        {
            while (ids.Except(flow.DeliveryIds).Any())
                await Task.Delay(50, bound.Token);
        }

        Assert.NotEqual(killed, app.Host.WorkerProcessId);
        output.WriteLine($"{Events} events for 2 flows, all told; {first.Notifications.Count + second.Notifications.Count - (2 * Events)} told again, {refused} webhooks sent again.");
    }

    [Fact]
    public async Task A_lookup_whose_worker_dies_is_a_500_without_a_body_and_the_next_one_waits_for_the_new_worker()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Never;
        await using var app = await WorkerApp.StartAsync(wassist);
        var call = app.Http.GetAsync($"conversations/{Bodies.Id}", Token);
        while (wassist.Requests.IsEmpty)
            await Task.Delay(5, Token);

        app.Host.KillWorker();
        using var response = await call;
        wassist.Answer = FakeWassist.Json(id => Bodies.Live(id));

        Assert.Equal((500, ""), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Token)));
        (await app.LookUpAsync()).IsSummary();
    }

    [Fact]
    public async Task A_graceful_stop_answers_the_lookup_under_way_and_keeps_the_event_that_is_being_told()
    {
        await using var wassist = await FakeWassist.StartAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var flow = await FakeFlow.StartAsync();
        flow.Answer = FakeWassist.Never;
        await using var app = await WorkerApp.StartAsync(wassist);
        await app.SubscribeAsync(flow);
        Assert.Equal(202, await app.ReceiveAsync(new SignedEvent()));
        await flow.ReceivesAsync();
        var before = wassist.Requests.Count;
        wassist.Answer = async context =>
        {
            await release.Task.WaitAsync(context.RequestAborted);
            await FakeWassist.Json(id => Bodies.Live(id))(context);
        };

        var lookup = app.LookUpAsync(Guid.NewGuid().ToString());
        while (wassist.Requests.Count == before)
            await Task.Delay(5, Token);
        var stop = app.Host.StopAsync();
        release.SetResult();
        await stop.WaitAsync(Token);

        (await lookup).IsSummary();
        Assert.Equal(1, await CountAsync(app, StorageNames.Notifications));
        Assert.Equal(0, await CountAsync(app, StorageNames.Notifications + AppStorage.PoisonSuffix));
        Assert.Contains(app.Host.Output, line => line.EndsWith("The worker ended when asked to, with exit code 0.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_setting_is_named_in_the_output_and_health_says_that_nothing_runs()
    {
        await using var app = await WorkerApp.TryStartAsync(new Dictionary<string, string> { ["Wassist__ApiKey"] = "key", ["Lookup__CacheSeconds"] = "1000" });

        using var health = await app.Http.GetAsync("health", Token);

        Assert.Null(app.Host.WorkerProcessId);
        Assert.Contains(app.Host.Output, line => line.Contains("Lookup:CacheSeconds", StringComparison.Ordinal));
        Assert.Equal((503, "Function host is not running."), ((int)health.StatusCode, await health.Content.ReadAsStringAsync(Token)));
    }

    private static async Task<long> CountAsync(WorkerApp app, string queue)
    {
        var client = new Azure.Storage.Queues.QueueClient(
            app.Storage, queue, new Azure.Storage.Queues.QueueClientOptions(Azure.Storage.Queues.QueueClientOptions.ServiceVersion.V2025_11_05));
        return (await client.GetPropertiesAsync(Token)).Value.ApproximateMessagesCountLong;
    }
}
