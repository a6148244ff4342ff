using System.Collections.Concurrent;
using System.Text.Json;
using ConversationLookup.Subscriptions;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Load.Storm;

/// <summary>A flow, and every run of it.</summary>
internal sealed class Flow : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _calls = new();
    private readonly string _name;
    private readonly Func<string, bool> _fails;
    private readonly TimeSpan _takes;
    private LocalServer? _app;
    private LocalServer.Unreachable? _unreachable;

    private Flow(string name, Func<string, bool> fails, TimeSpan takes) => (_name, _fails, _takes) = (name, fails, takes);

    public string Name => IsDead ? $"{_name}, dead" : IsSlow ? $"{_name}, answers after {_takes.TotalSeconds:0} s" : _name;

    /// <summary>Whether its packets are dropped.</summary>
    public bool IsDead => _unreachable is not null;

    public bool IsSlow => _takes > TimeSpan.Zero;

    public string Url => _unreachable?.Url ?? $"{_app!.Url}/";

    /// <summary>As the app names it.</summary>
    public string CallbackHash => Callback.HashOf(Url);

    /// <summary>What it accepted, by the message's id.</summary>
    public ConcurrentDictionary<string, ConcurrentQueue<Run>> Runs { get; } = new();

    /// <param name="name">What the report calls it.</param>
    /// <param name="fails">Whether it answers 500 to the call of this name.</param>
    /// <param name="takes">When it answers.</param>
    public static async Task<Flow> StartAsync(string name, Func<string, bool> fails, TimeSpan takes)
    {
        var flow = new Flow(name, fails, takes);
        flow._app = await LocalServer.StartAsync(flow.TakeAsync);
        return flow;
    }

    public static Flow StartDead(string name) => new(name, _ => false, TimeSpan.Zero) { _unreachable = LocalServer.StartUnreachable() };

    public async ValueTask DisposeAsync()
    {
        _unreachable?.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        var at = DateTimeOffset.UtcNow;
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        string Text(string name) => body.RootElement.GetProperty(name).GetString()!;
        var message = body.RootElement.GetProperty("message").GetProperty("id").GetString()!;
        var call = _calls.AddOrUpdate(message, 1, (_, before) => before + 1);
        if (call <= 2 && _fails($"callback {_name} {message} {call}"))
        {
            context.Response.StatusCode = 500;
            return;
        }

        if (IsSlow)
            await Task.Delay(_takes);
        Runs.GetOrAdd(message, _ => []).Enqueue(new Run(at, DateTimeOffset.UtcNow, Text("eventType"), Text("deliveryId"), Text("lookupOutcome")));
        context.Response.StatusCode = IsSlow ? 200 : 202;
    }
}

/// <summary>One run of a flow.</summary>
internal sealed record Run(DateTimeOffset At, DateTimeOffset AnsweredAt, string EventType, string DeliveryId, string LookupOutcome);
