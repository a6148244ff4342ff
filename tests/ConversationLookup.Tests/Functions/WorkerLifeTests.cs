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
        await Eventually.IsSoAsync(async () => await CountAsync(app, StorageNames.Events) == 0, TimeSpan.FromMilliseconds(50));

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
        await wassist.ReceivesAsync(before + 1, Token);
        var stop = app.Host.StopAsync();
        release.SetResult();
        await stop.WaitAsync(Token);

        (await lookup).IsSummary();
        Assert.Equal(1, await CountAsync(app, StorageNames.Notifications));
        Assert.Equal(0, await CountAsync(app, StorageNames.Notifications + AppStorage.PoisonSuffix));
        Assert.Contains(app.Host.Output, line => line.EndsWith("The worker ended when asked to, with exit code 0.", StringComparison.Ordinal));
    }

    /// <summary>If the worker ended, the host would answer nothing that says why, and a queue that fails five times loses its messages.</summary>
    [Fact]
    public async Task With_wrong_settings_health_and_the_output_name_them_all_nothing_else_works_and_the_queues_keep_their_messages()
    {
        var storage = await Azurite.NewAccountAsync();
        var queue = Queue(storage, StorageNames.Events);
        await queue.CreateAsync(cancellationToken: Token);
        await queue.SendMessageAsync("bm8gZXZlbnQ=", Token);
        await using var app = await WorkerApp.StartAsync(new Dictionary<string, string>
        {
            ["AzureWebJobsStorage"] = storage,
            ["Lookup__CacheSeconds"] = "two",
            ["Subscriptions__LookupPatience"] = "2m",
            ["Wassist__ApiKeey"] = "a-key-do-not-leak",
        });

        var health = await app.GetAsync("health");
        using var head = await app.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "health"), Token);

        Assert.Equal((503, 503), (health.StatusCode, (int)head.StatusCode));
        Assert.Equal("unhealthy", health["status"].GetString());
        var detail = Assert.Single(health["checks"].EnumerateArray()).GetProperty("detail").GetString();
        string[] wrong = ["Lookup:CacheSeconds must be", "Subscriptions:LookupPatience must be", "set Wassist:ApiKey"];
        Assert.All(wrong, fault => Assert.Contains(fault, detail, StringComparison.Ordinal));
        Assert.All([.. wrong, "Did you mean 'Wassist:ApiKey'"], fault => Assert.Contains(
            app.Host.Output, line => line.StartsWith("Error Host.Function.Console: Error: Conversation Lookup did not start: ", StringComparison.Ordinal) && line.Contains(fault, StringComparison.Ordinal)));
        Assert.DoesNotContain(app.Host.Output, line => line.Contains("do-not-leak", StringComparison.Ordinal));

        (await app.LookUpAsync()).Is(503, "invalid_settings");
        (await app.GetAsync("swagger.json")).Is(503, "invalid_settings");
        Assert.Equal(503, await app.ReceiveAsync(new SignedEvent())); // Wassist sends it again

        await app.Host.StopAsync();
        Assert.Equal(0, Assert.Single((await queue.PeekMessagesAsync(maxMessages: 10, Token)).Value).DequeueCount);
    }

    private static async Task<long> CountAsync(WorkerApp app, string queue) =>
        (await Queue(app.Storage, queue).GetPropertiesAsync(Token)).Value.ApproximateMessagesCountLong;

    /// <summary>With messages as they are stored.</summary>
    private static QueueClient Queue(string storage, string name) => new(storage, name, new QueueClientOptions(AppStorage.QueueVersion));
}
