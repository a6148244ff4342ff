using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Queues;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Tests.Delivery;

/// <summary>Messages that are too large for a queue, so that their content is parked in a blob.</summary>
public sealed class LargeMessageTests
{
    private const string Poison = StorageNames.Notifications + AppStorage.PoisonSuffix;

    private static readonly string Text = new('x', 60_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_parked_content_that_cannot_be_deleted_is_delivered_all_the_same()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await StartAsync(storage);
        await using var flow = await FakeFlow.StartAsync();
        await NotifyAsync(core, flow);
        storage.Refuses = request => request.Method == "DELETE" && request.Path.Value!.Contains(StorageNames.Parked, StringComparison.Ordinal);

        await core.WhileTimePassesAsync(core.DeliverAllAsync());

        Assert.Equal(Text, Assert.Single(flow.Notifications).GetProperty("message").GetProperty("text").GetString());
        Assert.Equal((0, 0), (await core.CountAsync(StorageNames.Notifications), await core.CountAsync(Poison)));
        Assert.Single(core.Logs.Own, line => line.EventId == 52);
    }

    [Fact]
    public async Task A_parked_content_that_cannot_be_read_now_is_waited_for_without_a_try()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await StartAsync(storage);
        await using var flow = await FakeFlow.StartAsync();
        await NotifyAsync(core, flow);
        storage.Refuses = request => request.Method == "GET" && request.Path.Value!.Contains(StorageNames.Parked, StringComparison.Ordinal);

        for (var times = 0; times < 6; times++)
            await core.WhileTimePassesAsync(core.DeliverAsync(Core.Message(storage.Messages.Last(), dequeueCount: 1)));
        Assert.Empty(flow.Notifications);
        Assert.Equal(0, await core.CountAsync(Poison));
        storage.Refuses = _ => false;
        await core.DeliverAsync(Core.Message(storage.Messages.Last()));

        Assert.Equal(Text, Assert.Single(flow.Notifications).GetProperty("message").GetProperty("text").GetString());
        Assert.DoesNotContain("\"tries\":1", storage.Messages.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_parked_content_that_is_gone_the_flow_is_told_what_there_is_and_it_is_logged_and_counted()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await StartAsync(storage);
        await using var flow = await FakeFlow.StartAsync();
        await NotifyAsync(core, flow);
        await core.Storage.Parked.DeleteAsync(cancellationToken: Token);
        using var lost = new MetricCollector(core, "conversation_lookup.contents_lost");

        await core.DeliverAllAsync();

        var notification = Assert.Single(flow.Notifications);
        Assert.Equal(Text[..1000], notification.GetProperty("message").GetProperty("text").GetString());
        Assert.Equal("found", notification.GetProperty("lookupOutcome").GetString());
        Assert.Single(core.Logs.Own, line => line.EventId == 51);
        Assert.Equal(["queue=flow-notifications"], lost.Measured);
    }

    [Theory]
    [InlineData("é\"\u0001")]
    [InlineData("😀")]
    [InlineData("\\")]
    public async Task What_is_left_of_the_longest_texts_always_fits_into_a_message(string unit)
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await StartAsync(storage);
        await using var flow = await FakeFlow.StartAsync();
        await core.SubscribeAsync(flow);
        var text = string.Concat(Enumerable.Repeat(unit, 30_000));
        var body = SignedEvent.MessageReceived(text: text);
        body["contact"]!["name"] = text;
        body["message"]!["id"] = text;
        body["message"]!["waId"] = text;
        body["message"]!["replyTo"] = text;
        body["message"]!["buttons"] = new JsonArray(new JsonObject { ["text"] = text, ["quickReplyId"] = text });
        body["message"]!["media"] = new JsonArray([.. Enumerable.Range(0, 5).Select(_ => new JsonObject { ["url"] = text, ["mimeType"] = text })]);
        core.Wassist.Answer = FakeWassist.Status(404);

        await core.FanOutAsync(core.Event(JsonSerializer.SerializeToElement(body)));
        await core.DeliverAllAsync();

        Assert.Single(flow.Notifications);
        Assert.InRange(Encoding.UTF8.GetByteCount(storage.Messages.Last()), 1, 47 * 1024);
    }

    [Theory]
    [InlineData(StorageNames.Events)]
    [InlineData(StorageNames.Notifications)]
    public async Task A_message_that_is_not_even_encoded_goes_to_poison_with_a_log_line_and_holds_up_nobody(string name)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        await app.SubscribeAsync(flow);
        var storage = app.Services.GetRequiredService<AppStorage>();
        await storage.UseQueueAsync(
            name,
            (queue, cancellationToken) => new QueueClient(app.Storage, queue.Name, new QueueClientOptions(AppStorage.QueueVersion)).SendMessageAsync("no base64!", cancellationToken),
            Token);

        for (var told = 0; told < 3; told++)
            Assert.Equal(202, (await app.ReceiveAsync(new SignedEvent())).StatusCode);

        await flow.ReceivesAsync(3);
        await Eventually.IsSoAsync(async () => await CountAsync(storage, name) == 0, TimeSpan.FromMilliseconds(50));
        Assert.Equal(1, await CountAsync(storage, name + AppStorage.PoisonSuffix));
        Assert.Single(app.Logs.Own, line => line.EventId == 46);
        var health = await app.GetAsync("health");
        Assert.Equal("degraded", health["status"].GetString());
    }

    private static Task<Core> StartAsync(FaultyStorage storage) => Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });

    private static async Task NotifyAsync(Core core, FakeFlow flow)
    {
        await core.SubscribeAsync(flow);
        await core.FanOutAsync(core.Event(JsonSerializer.SerializeToElement(SignedEvent.MessageReceived(text: Text))));
    }

    private static Task<long> CountAsync(AppStorage storage, string queue) => storage.UseQueueAsync(
        queue, async (client, cancellationToken) => (await client.GetPropertiesAsync(cancellationToken)).Value.ApproximateMessagesCountLong, Token);
}
