using System.Collections.Concurrent;
using System.Text.Json;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Delivery;

/// <summary>A flow that counts what it accepted, and refuses one notification in twenty.</summary>
internal sealed class CountingFlow : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _attempts = new();
    private readonly bool _fails;
    private LocalServer? _app;
    private int _refused;

    private CountingFlow(bool fails) => _fails = fails;

    public ConcurrentDictionary<string, int> Accepted { get; } = new();

    public ConcurrentQueue<string> Outcomes { get; } = [];

    public int Refused => Volatile.Read(ref _refused);

    public string Url => _app!.Url + "/";

    public static async Task<CountingFlow> StartAsync(bool fails)
    {
        var flow = new CountingFlow(fails);
        flow._app = await LocalServer.StartAsync(flow.TakeAsync);
        return flow;
    }

    public async Task ToldAsync(List<string> deliveries)
    {
        await _app!.UntilAsync(() => Accepted.Count >= deliveries.Count, TestContext.Current.CancellationToken);
        Assert.Equal(deliveries.Order(), Accepted.Keys.Order());
    }

    public ValueTask DisposeAsync() => _app!.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        var body = (await JsonDocument.ParseAsync(context.Request.Body)).RootElement;
        PayloadContract.AssertNotification(body);
        var id = body.GetProperty("deliveryId").GetString()!;
        var attempt = _attempts.AddOrUpdate(id, 1, (_, before) => before + 1);
        if (_fails && Storm.FailsAt(Convert.ToInt32(id[^6..], 16), attempt))
        {
            Interlocked.Increment(ref _refused);
            context.Response.StatusCode = 500;
            return;
        }

        Accepted.AddOrUpdate(id, 1, (_, before) => before + 1);
        Outcomes.Enqueue(body.GetProperty("lookupOutcome").GetString()!);
        context.Response.StatusCode = 202;
    }
}
