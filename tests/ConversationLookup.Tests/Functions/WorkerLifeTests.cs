using Azure.Storage.Queues;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Functions;

/// <summary>The worker cannot start, cannot handle a message, or is told to stop.</summary>
public sealed class WorkerLifeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(4, "bm8gZXZlbnQ=")] // its last try, and no event
    [InlineData(5, "bm8gZXZlbnQ=")] // one try too many: its worker died in the last one
    [InlineData(0, "not in base64")]
    public async Task A_message_that_cannot_be_handled_is_set_aside_once(int tries, string content)
    {
        await using var wassist = await FakeWassist.StartAsync();
        var storage = await Azurite.NewAccountAsync();
        var queue = Queue(storage, StorageNames.Events);
        await queue.CreateAsync(cancellationToken: Token);
        await queue.SendMessageAsync(content, Token);
        for (var made = 0; made < tries; made++)
        {
            var message = (await queue.ReceiveMessageAsync(cancellationToken: Token)).Value;
            await queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero, cancellationToken: Token);
        }

        await using var app = await WorkerApp.StartAsync(wassist, new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage });
        while (await CountAsync(app, StorageNames.Events) > 0)
            await Task.Delay(50, Token);

        var poison = await Queue(storage, StorageNames.Events + AppStorage.PoisonSuffix).PeekMessagesAsync(maxMessages: 10, Token);
        Assert.Equal(content, Assert.Single(poison.Value).MessageText);
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

    private static async Task<long> CountAsync(WorkerApp app, string queue) =>
        (await Queue(app.Storage, queue).GetPropertiesAsync(Token)).Value.ApproximateMessagesCountLong;

    /// <summary>With messages as they are stored.</summary>
    private static QueueClient Queue(string storage, string name) => new(storage, name, new QueueClientOptions(QueueClientOptions.ServiceVersion.V2025_11_05));
}
