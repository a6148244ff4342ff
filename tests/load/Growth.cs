using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Azure.Data.Tables;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using ConversationLookup.Delivery;
using ConversationLookup.Storage;
using ConversationLookup.Subscriptions;
using ConversationLookup.Tests.Support;
using ConversationLookup.Webhooks;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Load;

/// <summary>
/// What an event that three flows want takes among more and more subscriptions: from the webhook to the third callback, through the app's
/// own handlers and Azurite. The sizes take turns, so that the machine's noise is the same for all.
/// </summary>
internal sealed class Growth : IAsyncDisposable
{
    private static readonly string[] Types = ["message.received", "subscription.message.received"];

    private readonly int _subscriptions;
    private readonly TableClient _table;
    private readonly QueueServiceClient _queues;
    private readonly ServiceProvider _services;
    private readonly List<Cost> _costs = [];

    private Growth(int subscriptions, string account, string wassist)
    {
        _subscriptions = subscriptions;
        _table = new TableClient(account, StorageNames.Subscriptions);
        _queues = new QueueServiceClient(account, new QueueClientOptions(AppStorage.QueueVersion) { MessageEncoding = AppStorage.MessageEncoding });
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AzureWebJobsStorage"] = account,
            ["Wassist:BaseUrl"] = wassist,
            ["Wassist:ApiKey"] = "growth-key",
            ["Wassist:WebhookSecret"] = SignedEvent.Secret,
            ["Wassist:RequestsPerMinute"] = "0",
            ["Subscriptions:AllowLocalCallbacks"] = "true",
        }).Build();
        _services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging().AddConversationLookup(configuration).BuildServiceProvider();
    }

    public static async Task<int> RunAsync(string[] arguments)
    {
        var events = arguments switch
        {
            [] => 300,
            ["--events", var number] => int.Parse(number, CultureInfo.InvariantCulture),
            _ => throw new ArgumentException("There is one option, '--events' with their number."),
        };
        await using var azurite = await Azurite.StartAsync();
        await using var wassist = await LocalServer.StartAsync(FakeWassist.Json(id => Bodies.Live(id)));
        await using var flow = await LocalServer.StartAsync(_ => Task.CompletedTask);
        using var watch = new StorageWatch();
        var sizes = new List<Growth>();
        try
        {
            foreach (var subscriptions in (int[])[10, 1_000, 10_000])
            {
                sizes.Add(new Growth(subscriptions, azurite.NewAccount(), wassist.Url));
                await sizes[^1].SubscribeAsync(flow.Url);
            }

            foreach (var isCounted in (bool[])[false, true]) // first to the JIT's last word
            {
                for (var number = 0; number < events; number++)
                {
                    foreach (var size in sizes)
                        await size.MeasureAsync(watch, isCounted);
                }
            }
        }
        finally
        {
            foreach (var size in sizes)
                await size.DisposeAsync();
        }

        Print($"growth {string.Join(' ', arguments)}");
        Print($"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors, .NET {Environment.Version}; {events} events of each size, medians of an event");
        Print($"");
        Print($"{"subscriptions",-14} {"requests",9} {"ms in all",10} {"ms in Azurite",14} {"ms in the app",14} {"ms of processor time",21}");
        foreach (var size in sizes)
        {
            Print($"{size._subscriptions,-14:N0} {size.Median(cost => cost.Requests),9:F0} {size.Median(cost => cost.All),10:F2} {size.Median(cost => cost.Azurite),14:F2} {size.Median(cost => cost.All - cost.Azurite),14:F2} {size.Median(cost => cost.Processor),21:F2}");
        }

        return 0;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    /// <summary>Three flows that want every message, and as many others as there are to be, which want something else.</summary>
    private async Task SubscribeAsync(string flow)
    {
        var store = _services.GetRequiredService<SubscriptionStore>();
        for (var wanting = 0; wanting < 3; wanting++)
        {
            var url = $"{flow}/{wanting}";
            await store.AddAsync(new Subscription($"{Guid.NewGuid():N}00000000", Callback.HashOf(url), Types, "", "", DateTimeOffset.UtcNow), url, CancellationToken.None);
        }

        var others = Enumerable.Range(3, _subscriptions - 3).Select(index => new TableEntity("flow", $"{index:x40}")
        {
            [nameof(Subscription.CallbackHash)] = $"{index:x32}",
            [nameof(Subscription.Events)] = index % 3 == 0 ? "subscription.revoked" : string.Join(',', Types),
            [nameof(Subscription.AgentId)] = index % 3 == 1 ? $"{Guid.Empty}" : "",
            [nameof(Subscription.BusinessPhoneNumber)] = index % 3 == 2 ? $"+4477{index:d8}" : "",
            [nameof(Subscription.CreatedAt)] = DateTimeOffset.UnixEpoch,
        }).Append(new TableEntity("flow", "!version") { ["Version"] = $"{Guid.NewGuid():N}" });
        foreach (var some in others.Chunk(100))
            await _table.SubmitTransactionAsync(some.Select(row => new TableTransactionAction(TableTransactionActionType.UpsertReplace, row)));
    }

    private async Task MeasureAsync(StorageWatch watch, bool isCounted)
    {
        var all = new Meter(watch);
        await all.MeasureAsync(ReceiveAsync);
        var fanOut = _services.GetRequiredService<EventFanOut>();
        foreach (var message in await TakeAsync(StorageNames.Events))
            await all.MeasureAsync(() => fanOut.HandleAsync(message, CancellationToken.None));
        var delivery = _services.GetRequiredService<FlowDelivery>();
        foreach (var message in await TakeAsync(StorageNames.Notifications))
            await all.MeasureAsync(() => delivery.HandleAsync(message, CancellationToken.None));
        if (isCounted)
            _costs.Add(all.Cost);
    }

    /// <summary>One event, of a conversation of its own.</summary>
    private async Task ReceiveAsync()
    {
        using var request = new SignedEvent { Body = SignedEvent.MessageReceived($"{Guid.NewGuid():D}") }.ToRequest();
        var context = new DefaultHttpContext { RequestServices = _services, Response = { Body = new MemoryStream() } };
        context.Request.Method = "POST";
        foreach (var header in request.Headers)
            context.Request.Headers[header.Key] = header.Value.ToArray();
        context.Request.ContentType = "application/json";
        context.Request.Body = await request.Content!.ReadAsStreamAsync();
        var result = await _services.GetRequiredService<WebhookHandlers>().ReceiveAsync(context.Request, CancellationToken.None);
        await result.ExecuteAsync(context);
        if (context.Response.StatusCode != StatusCodes.Status202Accepted)
            throw new InvalidOperationException($"The webhook was answered {context.Response.StatusCode}.");
    }

    /// <summary>What the host does, which has no part in the app's patience with storage.</summary>
    private async Task<List<QueueMessage>> TakeAsync(string queue)
    {
        var client = _queues.GetQueueClient(queue);
        var all = new List<QueueMessage>();
        while ((await client.ReceiveMessagesAsync(32)).Value is { Length: > 0 } some)
        {
            all.AddRange(some);
            foreach (var message in some)
                await client.DeleteMessageAsync(message.MessageId, message.PopReceipt);
        }

        return all;
    }

    private double Median(Func<Cost, double> value)
    {
        var sorted = _costs.Select(value).Order().ToList();
        return sorted[sorted.Count / 2];
    }

    /// <summary>In milliseconds; while two requests are under way at once, the time in Azurite counts once.</summary>
    private sealed record Cost(int Requests, double All, double Azurite, double Processor);

    private sealed class Meter(StorageWatch watch)
    {
        public Cost Cost { get; private set; } = new(0, 0, 0, 0);

        public async Task MeasureAsync(Func<Task> work)
        {
            watch.Requests.Clear();
            var (worked, started) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
            await work();
            var (took, processor) = (Stopwatch.GetElapsedTime(started), Environment.CpuUsage.TotalTime - worked);
            Cost = new(
                Cost.Requests + watch.Requests.Count,
                Cost.All + took.TotalMilliseconds,
                Cost.Azurite + watch.InAzurite().TotalMilliseconds,
                Cost.Processor + processor.TotalMilliseconds);
        }
    }

    /// <summary>Sees every request to Azurite that this process makes, by its HTTP client's spans.</summary>
    private sealed class StorageWatch : IDisposable
    {
        private readonly ActivityListener _listener;

        public StorageWatch()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = static source => source.Name == "System.Net.Http",
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = span =>
                {
                    if (span.GetTagItem("url.full") is string url && url.Contains("/t", StringComparison.Ordinal) && url.Split('/')[3].StartsWith('t'))
                        Requests.Enqueue((span.StartTimeUtc, span.StartTimeUtc + span.Duration));
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public ConcurrentQueue<(DateTime From, DateTime To)> Requests { get; } = [];

        public TimeSpan InAzurite()
        {
            var (sum, end) = (TimeSpan.Zero, DateTime.MinValue);
            foreach (var (from, to) in Requests.Order())
            {
                if (to <= end)
                    continue;
                sum += to - (from > end ? from : end);
                end = to;
            }

            return sum;
        }

        public void Dispose() => _listener.Dispose();
    }
}
