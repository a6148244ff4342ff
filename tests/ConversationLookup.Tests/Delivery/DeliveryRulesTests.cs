using System.Globalization;
using System.Text.RegularExpressions;
using Azure.Storage.Queues.Models;
using ConversationLookup.Storage;
using ConversationLookup.Subscriptions;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Delivery;

/// <summary>When a notification is tried again and for how long it is kept, as the queue is told; and what is counted.</summary>
public sealed partial class DeliveryRulesTests : IAsyncLifetime
{
    private const string Queue = StorageNames.Notifications;

    private FaultyStorage _storage = null!;
    private Core _core = null!;
    private FakeFlow _flow = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _storage = await FaultyStorage.StartAsync();
        _core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = _storage.ConnectionString });
        _flow = await FakeFlow.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _flow.DisposeAsync();
        await _core.DisposeAsync();
        await _storage.DisposeAsync();
    }

    [Theory]
    [InlineData(0, null, 15)]
    [InlineData(1, null, 60)]
    [InlineData(2, null, 5 * 60)]
    [InlineData(3, null, 30 * 60)]
    [InlineData(0, "15", 15)]
    [InlineData(0, "16", 16)]
    [InlineData(3, "1799", 30 * 60)]
    [InlineData(0, "3600", 60 * 60)]
    [InlineData(0, "3601", 60 * 60)] // nobody waits longer than an hour for a flow's own word
    [InlineData(0, "999999999", 60 * 60)]
    public async Task The_next_try_comes_after_its_wait_or_the_longer_one_that_the_flow_asks_for(int tries, string? retryAfter, int seconds)
    {
        var message = await _core.NotificationAsync(_flow);
        _flow.Answer = FakeWassist.Status(503, "{}", retryAfter is null ? [] : [("Retry-After", retryAfter)]);

        await _core.DeliverAsync(Core.PutBack(message, tries));

        Assert.Equal((seconds, -1), LastPut());
        Assert.Contains(_core.Logs.Own, line => line.EventId == 44 && line.Text.Contains($" on attempt {tries + 1}: it answered 503. Next attempt in {seconds} s.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_a_message_waits_for_its_next_try_another_that_says_the_same_calls_nobody()
    {
        var message = await _core.NotificationAsync(_flow);
        _flow.Answer = FakeWassist.Status(503);
        await _core.DeliverAsync(Core.PutBack(message, 3)); // half an hour, and three minutes for the try itself

        _core.Time.Advance(TimeSpan.FromMinutes(33) - TimeSpan.FromSeconds(1));
        await _core.DeliverAsync(Core.Message(message.Body.ToString()));

        Assert.Single(_flow.Calls);
        Assert.Equal((1, -1), LastPut());
        _core.Time.Advance(TimeSpan.FromSeconds(1));
        await _core.DeliverAsync(Core.Message(message.Body.ToString()));
        Assert.Equal(2, _flow.Calls.Count);
    }

    /// <summary>The flow is left alone. A quarter of how long the message has waited, spread over a quarter more.</summary>
    [Theory]
    [InlineData(0, 15)]
    [InlineData(60, 15)]
    [InlineData(120, 30)]
    [InlineData(20 * 60, 5 * 60)]
    [InlineData((60 * 60) - 1, 5 * 60)]
    public async Task A_message_for_a_flow_that_keeps_failing_comes_again_the_rarer_the_longer_it_has_waited(int age, int seconds)
    {
        var message = await PausedAsync(age);

        await _core.DeliverAsync(message);

        var (wait, expires) = LastPut();
        Assert.InRange(wait, seconds, (seconds * 1.25) + 1);
        Assert.Equal(-1, expires);
        Assert.DoesNotContain("\"tries\":1", _storage.Messages.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_an_hour_a_message_for_a_flow_that_keeps_failing_spends_its_tries()
    {
        var message = await PausedAsync(age: 60 * 60);

        await _core.DeliverAsync(message);

        Assert.Contains("\"tries\":1", _storage.Messages.Last(), StringComparison.Ordinal);
        Assert.Equal((15, -1), LastPut());
    }

    [Fact]
    public async Task A_notification_never_expires_and_one_that_is_kept_does_so_when_storage_says()
    {
        var message = await _core.NotificationAsync(_flow);
        Assert.Equal((0, -1), LastPut());
        _flow.Answer = FakeWassist.Status(500);

        await _core.DeliverAsync(Core.PutBack(message, 4));

        Assert.Equal((0, null), LastPut(Queue + AppStorage.PoisonSuffix)); // seven days
    }

    [Fact]
    public async Task Storage_is_waited_for_half_a_minute_at_a_time_and_no_try_is_spent()
    {
        var message = await _core.NotificationAsync(_flow);
        _storage.Refuses = request => IsOfNotes(request.Path);

        await _core.WhileTimePassesAsync(_core.DeliverAsync(Core.PutBack(message, 2)));

        Assert.Equal((30, -1), LastPut());
        Assert.Contains("\"tries\":2", _storage.Messages.Last(), StringComparison.Ordinal);
        Assert.Empty(_flow.Calls);
    }

    [Fact]
    public async Task What_waits_for_storage_remembers_the_last_eight_copies_up_to_itself()
    {
        var message = await _core.NotificationAsync(_flow);
        string[] before = [.. Enumerable.Range(0, 12).Select(copy => $"copy-{copy}:1")];
        var copy = Core.Message(Core.EnvelopeOf(message) with { Predecessors = before });
        _storage.Refuses = request => IsOfNotes(request.Path);

        await _core.WhileTimePassesAsync(_core.DeliverAsync(copy));

        Assert.Equal([.. before[^7..], $"{copy.MessageId}:1"], Core.EnvelopeOf(Core.Message(_storage.Messages.Last())).Predecessors);
    }

    [Fact]
    public async Task Of_two_that_take_a_late_message_over_at_the_same_moment_one_tells_the_flow()
    {
        var message = await _core.NotificationAsync(_flow);
        _flow.Answer = FakeWassist.Status(503);
        await _core.DeliverAsync(message);
        _core.Time.Advance(TimeSpan.FromHours(1)); // its copy should long have come
        _flow.Answer = FakeWassist.Status(202);
        var (looks, both) = (0, new TaskCompletionSource());
        _storage.Holds = request =>
        {
            if (!HttpMethods.IsGet(request.Method) || !IsOfNotes(request.Path))
                return Task.CompletedTask;
            if (Interlocked.Increment(ref looks) == 2)
                both.SetResult();
            return both.Task.WaitAsync(Token);
        };

        await Task.WhenAll(_core.DeliverAsync(Core.Message(message.Body.ToString())), _core.DeliverAsync(Core.Message(message.Body.ToString())));

        Assert.Equal(2, _flow.Calls.Count); // the first was before
        Assert.Equal(3, looks); // the one that came too late has looked again
    }

    [Theory]
    [InlineData("delivered")]
    [InlineData("duplicate")]
    [InlineData("flow_gone")]
    [InlineData("unsubscribed")]
    [InlineData("waiting")]
    [InlineData("failed")]
    [InlineData("given_up")]
    public async Task Every_end_of_a_try_is_counted_by_its_name_and_said_in_its_span(string outcome)
    {
        var message = await _core.NotificationAsync(_flow);
        _flow.Answer = FakeWassist.Status(outcome switch { "flow_gone" => 410, "failed" or "given_up" => 500, _ => 202 });
        switch (outcome)
        {
            case "duplicate":
                await _core.DeliverAsync(message);
                message = Core.Message(message.Body.ToString());
                break;
            case "unsubscribed":
                await _core.Get<SubscriptionStore>().RemoveAsync((await _core.SubscriptionsAsync()).Single().Id, Token);
                break;
            case "waiting":
                await PauseAsync();
                break;
            case "given_up":
                message = Core.PutBack(message, 4);
                break;
        }

        using var deliveries = new MetricCollector(_core, "conversation_lookup.deliveries");
        using var poisoned = new MetricCollector(_core, "conversation_lookup.poisoned");
        using var spans = new SpanCollector();
        var before = _core.Logs.Own.Count(IsOfAnEnd);

        await _core.DeliverAsync(WithoutTrace(message));

        Assert.Equal([$"outcome={outcome}"], deliveries.Measured);
        Assert.Equal((outcome, outcome is "failed" or "given_up"), spans.OutcomeOf($"process {Queue}"));
        Assert.Equal(outcome == "given_up" ? 5 : 1, spans.TagOf($"process {Queue}", "conversation_lookup.try"));
        Assert.Equal(outcome == "given_up" ? [$"queue={Queue}"] : [], poisoned.Measured);
        Assert.Equal(outcome is "flow_gone" or "failed" or "given_up" ? 1 : 0, _core.Logs.Own.Count(IsOfAnEnd) - before);

        static bool IsOfAnEnd(LogLine line) => line.EventId is 43 or 44 or 45;
    }

    /// <summary>The note has to last until the copy comes: else another message for the same flow could have it.</summary>
    [Fact]
    public async Task What_finds_its_flow_given_up_on_the_way_waits_without_a_try_and_keeps_its_note()
    {
        var message = await _core.NotificationAsync(_flow);
        await FailAsync(4);
        var fifth = await NextAsync(); // made before: storage that says nothing for 3 s is asked again
        var (asks, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        _storage.Holds = request =>
        {
            if (!HttpMethods.IsPost(request.Method) || !IsOfNotes(request.Path))
                return Task.CompletedTask;
            asks.TrySetResult();
            return goOn.Task;
        };
        var late = _core.DeliverAsync(message);
        await asks.Task.WaitAsync(Token);
        _storage.Holds = _ => Task.CompletedTask;
        await _core.DeliverAsync(fifth);
        var (calls, requests) = (_flow.Calls.Count, _storage.Requests.Count);

        goOn.SetResult();
        await late;

        Assert.Equal(calls, _flow.Calls.Count);
        Assert.InRange(LastPut().Wait, 15, 300);
        Assert.Equal(0, Core.EnvelopeOf(Core.Message(_storage.Messages.Last())).Tries);
        var note = Assert.Single(_storage.Requests.Skip(requests), request => IsOfNotes(request.Path));
        Assert.Contains("HeldUntil", note.Text, StringComparison.Ordinal);
    }

    /// <summary>Whether a request to storage is about the notes of who was told what.</summary>
    private static bool IsOfNotes(string path) => path.Contains($"/{StorageNames.Deliveries}", StringComparison.Ordinal);

    /// <summary>The same, sent by nobody whose trace it could carry on.</summary>
    private static QueueMessage WithoutTrace(QueueMessage message) => Core.Message(Core.EnvelopeOf(message) with { TraceParent = null });

    /// <summary>A message of this age whose flow has failed so often that it is left alone.</summary>
    private async Task<QueueMessage> PausedAsync(int age)
    {
        var message = await _core.NotificationAsync(_flow);
        _core.Time.Advance(TimeSpan.FromSeconds(age));
        await PauseAsync();
        return message;
    }

    private Task PauseAsync() => FailAsync(5);

    private async Task FailAsync(int messages)
    {
        _flow.Answer = FakeWassist.Status(500);
        for (var failing = 0; failing < messages; failing++)
            await _core.DeliverAsync(await NextAsync());
    }

    private async Task<QueueMessage> NextAsync()
    {
        await _core.FanOutAsync(_core.Event());
        return (await _core.TakeAllAsync(Queue))[^1];
    }

    /// <summary>What the queue was told of the last message: when it shows, in seconds, and when it expires.</summary>
    private (int Wait, int? TimeToLive) LastPut(string queue = Queue)
    {
        var put = _storage.Requests.Last(request => request.Method == "POST" && request.Path.EndsWith($"/{queue}/messages", StringComparison.Ordinal));
        return (Read("visibilitytimeout") ?? 0, Read("messagettl"));

        int? Read(string name) => Regex.Match(put.Query, $"[?&]{name}=(-?[0-9]+)") is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;
    }
}
