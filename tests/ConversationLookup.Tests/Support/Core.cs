using System.Text.Json;
using Azure.Storage.Queues.Models;
using ConversationLookup.Delivery;
using ConversationLookup.Storage;
using ConversationLookup.Subscriptions;
using ConversationLookup.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Support;

/// <summary>The behaviour without a host: nothing takes messages from the queues but the test.</summary>
internal sealed class Core : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private Core(ServiceProvider services, FakeWassist wassist, LogCollector logs) => (_services, Wassist, Logs) = (services, wassist, logs);

    public FakeWassist Wassist { get; }

    public LogCollector Logs { get; }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public AppStorage Storage => _services.GetRequiredService<AppStorage>();

    public static async Task<Core> StartAsync(IReadOnlyDictionary<string, string>? settings = null, Action<IServiceCollection>? configure = null)
    {
        var wassist = await FakeWassist.StartAsync();
        var all = new Dictionary<string, string?>
        {
            ["Wassist:BaseUrl"] = wassist.Url,
            ["Wassist:ApiKey"] = FakeWassist.Key,
            ["Wassist:RequestsPerMinute"] = "0",
            ["Wassist:WebhookSecret"] = SignedEvent.Secret,
            ["Subscriptions:AllowLocalCallbacks"] = "true",
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            all[name] = value;
        all.TryAdd("AzureWebJobsStorage", settings?.ContainsKey("AzureWebJobsStorage") is true ? null : await Azurite.NewAccountAsync());

        var logs = new LogCollector();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(all).Build();
        Core? core = null;
        var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton<TimeProvider>(_ => core!.Time)
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs))
            .AddConversationLookup(configuration);
        configure?.Invoke(services);
        return core = new Core(services.BuildServiceProvider(), wassist, logs);
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Sends a webhook to the handler.</summary>
    public async Task<(int Status, string Body)> ReceiveAsync(SignedEvent received)
    {
        using var request = received.ToRequest();
        var context = new DefaultHttpContext { RequestServices = _services, Response = { Body = new MemoryStream() } };
        context.Request.Method = "POST";
        foreach (var header in request.Headers)
            context.Request.Headers[header.Key] = header.Value.ToArray();
        context.Request.ContentType = "application/json";
        context.Request.Body = await request.Content!.ReadAsStreamAsync(TestContext.Current.CancellationToken);

        var result = await Get<WebhookHandlers>().ReceiveAsync(context.Request, TestContext.Current.CancellationToken);
        await result.ExecuteAsync(context);
        return (context.Response.StatusCode, System.Text.Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray()));
    }

    /// <summary>A flow that wants every message.</summary>
    public Task<Subscription> SubscribeAsync(FakeFlow flow, string agentId = "", string businessPhoneNumber = "", IReadOnlyList<string>? events = null) =>
        SubscribeAsync(flow.CallbackUrl, agentId, businessPhoneNumber, events);

    /// <summary>A flow at any address that wants every message.</summary>
    public async Task<Subscription> SubscribeAsync(string callbackUrl, string agentId = "", string businessPhoneNumber = "", IReadOnlyList<string>? events = null)
    {
        var id = Guid.NewGuid().ToString("N") + "00000000";
        var subscription = new Subscription(id, Callback.HashOf(callbackUrl), events ?? EventTypes.Default, agentId, businessPhoneNumber, Time.GetUtcNow());
        await Get<SubscriptionStore>().AddAsync(subscription, callbackUrl, TestContext.Current.CancellationToken);
        return subscription;
    }

    /// <summary>Every subscription that there is.</summary>
    public async Task<IReadOnlyList<Subscription>> SubscriptionsAsync() => [.. (await Get<SubscriptionStore>().GetCatalogAsync(TestContext.Current.CancellationToken)).All];

    /// <summary>An event as a message of its queue.</summary>
    public QueueMessage Event(JsonElement? body = null, string? deliveryId = null, TimeSpan? age = null, int tries = 0, Guid? receiptId = null)
    {
        var (received, _) = EventParser.Parse(
            JsonSerializer.SerializeToUtf8Bytes(body ?? JsonSerializer.SerializeToElement(SignedEvent.MessageReceived())),
            deliveryId ?? Guid.NewGuid().ToString(),
            Time.GetUtcNow() - (age ?? TimeSpan.Zero),
            receiptId ?? Guid.NewGuid());
        return Message(new QueueEnvelope(tries, JsonSerializer.SerializeToElement(received, EventJson.Default.WassistEvent)));
    }

    /// <summary>A flow that wants every message, and a message of the queue that is to tell it of one.</summary>
    public async Task<QueueMessage> NotificationAsync(FakeFlow flow)
    {
        var subscription = await SubscribeAsync(flow);
        await FanOutAsync(Event());
        // A POST that storage took late is sent again, and then the queue has the message twice.
        return (await TakeAllAsync(StorageNames.Notifications)).First(message => message.Body.ToString().Contains(subscription.Id, StringComparison.Ordinal));
    }

    /// <summary>The copy that takes a message's place.</summary>
    public static QueueMessage PutBack(QueueMessage message, int tries) => Message(
        EnvelopeOf(message) with { Tries = tries, Predecessors = [$"{message.MessageId}:{message.DequeueCount}"] });

    public static QueueEnvelope EnvelopeOf(QueueMessage message) => JsonSerializer.Deserialize(message.Body, QueueJson.Default.QueueEnvelope)!;

    public static QueueMessage Message(QueueEnvelope envelope, long dequeueCount = 1) => Message(JsonSerializer.Serialize(envelope, QueueJson.Default.QueueEnvelope), dequeueCount);

    public static QueueMessage Message(string body, long dequeueCount = 1) =>
        QueuesModelFactory.QueueMessage(Guid.NewGuid().ToString(), "receipt", BinaryData.FromString(body), dequeueCount, null, null, null);

    public Task FanOutAsync(QueueMessage message) => Get<EventFanOut>().HandleAsync(message, TestContext.Current.CancellationToken);

    public Task DeliverAsync(QueueMessage message) => Get<FlowDelivery>().HandleAsync(message, TestContext.Current.CancellationToken);

    /// <summary>How many messages a queue has, visible or not.</summary>
    public Task<long> CountAsync(string queue) => Storage.UseQueueAsync(
        queue, async (client, ended) => (await client.GetPropertiesAsync(ended)).Value.ApproximateMessagesCountLong, TestContext.Current.CancellationToken);

    /// <summary>How many contents are parked.</summary>
    public Task<int> CountParkedAsync() => Storage.UseParkedAsync(
        async (container, ended) => await container.GetBlobsAsync(cancellationToken: ended).CountAsync(ended), TestContext.Current.CancellationToken);

    /// <summary>Takes what is visible and deletes it.</summary>
    public Task<List<QueueMessage>> TakeAllAsync(string queue) => Storage.UseQueueAsync(
        queue,
        async (client, ended) =>
        {
            var all = new List<QueueMessage>();
            while ((await client.ReceiveMessagesAsync(32, cancellationToken: ended)).Value is { Length: > 0 } some)
            {
                all.AddRange(some);
                foreach (var message in some)
                    await client.DeleteMessageAsync(message.MessageId, message.PopReceipt, ended);
            }

            return all;
        },
        TestContext.Current.CancellationToken);

    /// <summary>Takes the message that a queue hides for some seconds.</summary>
    public async Task<QueueMessage> TakeWhenItComesAsync(string queue)
    {
        while (true)
        {
            if (await TakeAllAsync(queue) is { Count: > 0 } messages)
                return messages.Single();
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Delivers whatever is on the queue of notifications.</summary>
    public async Task DeliverAllAsync()
    {
        foreach (var message in await TakeAllAsync(StorageNames.Notifications))
            await DeliverAsync(message);
    }

    /// <summary>Moves the clock on until the work is done.</summary>
    public Task WhileTimePassesAsync(Task work) => Pace.PassAsync(Time, work, TimeSpan.FromSeconds(0.1), usesStorage: true);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Wassist.DisposeAsync();
    }
}
