using System.Collections.Concurrent;
using System.Globalization;
using Azure.Storage.Queues;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Load.Storm;

/// <summary>Sends events through the whole app while things fail around it, and tells what became of each.</summary>
internal sealed class StormRun(StormOptions options, FreezingStorage storage, Target target, IReadOnlyList<Flow> flows) : IDisposable
{
    /// <summary>Wassist sends an event again after these when it was not taken.</summary>
    private static readonly TimeSpan[] SentAgainAfter = [TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(90)];

    /// <summary>What may come after all are told: a message that a killed worker had comes back after half a minute.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(40);

    private readonly HttpClient _http = new() { BaseAddress = new Uri(target.Url, "api/"), Timeout = TimeSpan.FromSeconds(40) };
    private readonly CancellationTokenSource _end = new(TimeSpan.FromMinutes(options.Minutes));
    private int _sent;

    public ConcurrentDictionary<string, StormMessage> Messages { get; } = new();

    public ConcurrentDictionary<string, int> Lookups { get; } = new();

    public ConcurrentQueue<DateTimeOffset> Kills { get; } = [];

    public ConcurrentQueue<(DateTimeOffset From, DateTimeOffset To)> Freezes { get; } = [];

    /// <summary>Events that were not taken and sent again.</summary>
    public int SentAgain { get; private set; }

    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = StormOptions.Parse(arguments);
        var upstreamCalls = new ConcurrentQueue<DateTimeOffset>();
        var asked = new ConcurrentDictionary<string, int>();
        await using var upstream = await LocalServer.StartAsync(async context =>
        {
            upstreamCalls.Enqueue(DateTimeOffset.UtcNow);
            var id = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries)[^1];
            var call = asked.AddOrUpdate(id, 1, (_, before) => before + 1);
            if (options.Chance($"upstream {id} {call}", options.UpstreamFaults))
                context.Response.StatusCode = 500;
            else
                await context.Response.WriteAsync(Bodies.Live(id).ToJsonString());
        });
        await using var storage = await FreezingStorage.StartAsync();
        var flows = new List<Flow>();
        try
        {
            for (var index = 0; index < options.Flows; index++)
            {
                var name = $"flow {index + 1}";
                flows.Add(options.Dead && index == options.Flows - 1
                    ? Flow.StartDead(name)
                    : await Flow.StartAsync(name, call => options.Chance(call, options.CallbackFaults), TimeSpan.FromSeconds(index == 0 ? options.Slow : 0)));
            }

            await using var target = await Target.StartAsync(options.Target, new Dictionary<string, string>
            {
                ["AzureWebJobsStorage"] = storage.ConnectionString,
                ["Wassist__BaseUrl"] = upstream.Url,
                ["Wassist__ApiKey"] = "storm-key",
                ["Wassist__WebhookSecret"] = SignedEvent.Secret,
                ["Wassist__RequestsPerMinute"] = options.Budget.ToString(CultureInfo.InvariantCulture),
                ["Subscriptions__AllowLocalCallbacks"] = "true",
            });
            using var run = new StormRun(options, storage, target, flows);
            var started = DateTimeOffset.UtcNow;
            await run.RunAsync();
            return await new StormReport(options, run, storage, target, flows, upstreamCalls, started).PrintAsync(arguments);
        }
        finally
        {
            foreach (var flow in flows)
                await flow.DisposeAsync();
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _end.Dispose();
    }

    /// <summary>How many messages the queues hold, those that wait for their time among them.</summary>
    public async Task<long> CountAsync(params string[] queues)
    {
        var sum = 0L;
        foreach (var queue in queues)
            sum += (await new QueueClient(storage.DirectConnectionString, queue, new QueueClientOptions(AppStorage.QueueVersion)).GetPropertiesAsync()).Value.ApproximateMessagesCountLong;
        return sum;
    }

    private async Task RunAsync()
    {
        foreach (var flow in flows)
        {
            using var subscribed = await _http.PostAsJsonAsync("subscriptions", new { callbackUrl = flow.Url });
            subscribed.EnsureSuccessStatusCode();
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        Task[] beside = [LookAsync(stop.Token), LookUpAsync(stop.Token), KillAsync(stop.Token), FreezeAsync(stop.Token)];
        try
        {
            await SendAllAsync();
            while (!IsAllTold())
                await Task.Delay(500, _end.Token);

            // Nobody is to be told any more: what comes now is a repeat.
            var quietSince = DateTimeOffset.UtcNow;
            while (DateTimeOffset.UtcNow - quietSince < Quiet && await CountAsync([.. StorageNames.Queues]) > 0)
                await Task.Delay(500, _end.Token);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            Console.WriteLine($"Ended after {options.Minutes} minutes.");
        }

        target.Look();
        await stop.CancelAsync();
        await Task.WhenAll(beside);
    }

    /// <summary>Whether every flow that answers in time was told of all that was taken. Some more may be told: an answer can be lost, and the event is there.</summary>
    private bool IsAllTold() => flows.Where(flow => !flow.IsDead && !flow.IsSlow)
        .All(flow => Messages.All(message => message.Value.TakenAt is null || flow.Runs.ContainsKey(message.Key)));

    private int ToldCount() => flows.Where(flow => !flow.IsDead && !flow.IsSlow).Min(flow => flow.Runs.Count);

    private async Task SendAllAsync()
    {
        var sending = new List<Task>();
        using var pace = options.Rate > 0 ? new PeriodicTimer(TimeSpan.FromSeconds(1.0 / options.Rate)) : null;
        for (var index = 0; index < options.Events; index++)
        {
            while (index - ToldCount() >= options.UnderWay)
                await Task.Delay(20, _end.Token);
            sending.Add(SendAsync(index));
            if (pace is not null)
                await pace.WaitForNextTickAsync(_end.Token);
            else if (sending.Count(task => !task.IsCompleted) >= 8)
                await Task.WhenAny(sending.Where(task => !task.IsCompleted));
        }

        await Task.WhenAll(sending);
    }

    private async Task SendAsync(int index)
    {
        var id = $"{options.Seed:x8}-0000-4000-8000-{index:x12}";
        var conversation = $"7c1e4b52-3f0a-4d7e-9b6f-{index % options.Conversations:x12}";
        var message = Messages.GetOrAdd(id, _ => new StormMessage());
        string[] types = options.Chance($"both {index}", options.Both) ? ["message.received", "subscription.message.received"] : ["message.received"];
        var sends = new List<Task>();
        foreach (var type in types)
        {
            var body = SignedEvent.MessageReceived(conversation, messageId: id, type: type);
            message.Key ??= Webhooks.EventParser.Parse(System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()), null, default, default).Event.Key;
            for (var copy = options.Chance($"replay {index} {type}", options.Replays) ? 0 : 1; copy < 2; copy++)
                sends.Add(SendAsync(message, body));
        }

        Interlocked.Increment(ref _sent);
        await Task.WhenAll(sends);
    }

    private async Task SendAsync(StormMessage message, System.Text.Json.Nodes.JsonObject body)
    {
        var deliveryId = Guid.NewGuid().ToString();
        for (var send = 0; !_end.IsCancellationRequested; send++)
        {
            var at = DateTimeOffset.UtcNow;
            try
            {
                using var tenSeconds = new CancellationTokenSource(TimeSpan.FromSeconds(10));
                using var request = new SignedEvent { DeliveryId = deliveryId, Body = body }.ToRequest();
                using var answer = await _http.SendAsync(request, tenSeconds.Token);
                if (answer.IsSuccessStatusCode)
                {
                    message.Taken(at);
                    return;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                // As with an answer that is none, Wassist sends it again.
            }

            if (send == SentAgainAfter.Length)
                return;
            SentAgain++;
            await Task.Delay(SentAgainAfter[send], _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        for (var second = 0; !stop.IsCancellationRequested; second++)
        {
            target.Look();
            if (second % 30 == 29)
                await Console.Error.WriteLineAsync($"{second + 1} s: {Messages.Values.Count(message => message.TakenAt is not null)} taken, told {string.Join(", ", flows.Select(flow => flow.Runs.Count))}; on the queues {string.Join(", ", await Task.WhenAll(StorageNames.Queues.Select(queue => CountAsync(queue))))}");
            await Task.Delay(TimeSpan.FromSeconds(1), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookUpAsync(CancellationToken stop)
    {
        var random = new Random(options.Seed);
        while (options.LookupsEvery > 0 && !stop.IsCancellationRequested)
        {
            try
            {
                using var answer = await _http.GetAsync($"conversations/7c1e4b52-3f0a-4d7e-9b6f-{random.Next(options.Conversations):x12}", CancellationToken.None);
                Lookups.AddOrUpdate($"{(int)answer.StatusCode}", 1, (_, before) => before + 1);
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                Lookups.AddOrUpdate("no answer", 1, (_, before) => before + 1);
            }

            await Task.Delay(TimeSpan.FromSeconds(options.LookupsEvery), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task KillAsync(CancellationToken stop)
    {
        for (var kill = 1; kill <= options.Kills; kill++)
        {
            while (!stop.IsCancellationRequested && ToldCount() < options.Events * kill / (options.Kills + 1))
                await Task.Delay(10, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return;
            Kills.Enqueue(DateTimeOffset.UtcNow);
            target.Kill();
        }
    }

    private async Task FreezeAsync(CancellationToken stop)
    {
        foreach (var (after, length) in options.Freezes())
        {
            while (!stop.IsCancellationRequested && Volatile.Read(ref _sent) < after)
                await Task.Delay(10, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return;
            var from = DateTimeOffset.UtcNow;
            await storage.FreezeAsync(length);
            Freezes.Enqueue((from, DateTimeOffset.UtcNow));
        }
    }
}

/// <summary>A message that a contact sent.</summary>
internal sealed class StormMessage
{
    /// <summary>As the app names its news.</summary>
    public string? Key { get; set; }

    /// <summary>When the first webhook was sent that the app took; null when it took none.</summary>
    public DateTimeOffset? TakenAt { get; private set; }

    public void Taken(DateTimeOffset sentAt)
    {
        lock (this)
            TakenAt = TakenAt is { } before && before < sentAt ? before : sentAt;
    }
}
