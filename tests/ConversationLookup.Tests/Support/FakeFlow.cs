using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Support;

/// <summary>A flow's trigger on a real socket: takes notifications, holds them to the contract, and answers as a test says.</summary>
internal sealed class FakeFlow : IAsyncDisposable
{
    private readonly LocalServer _app;

    private FakeFlow(LocalServer app) => _app = app;

    /// <summary>How it answers; 202, as Logic Apps does, unless a test says otherwise.</summary>
    public RequestDelegate Answer { get; set; } = FakeWassist.Status(202);

    /// <summary>Every notification that arrived, in order.</summary>
    public ConcurrentQueue<JsonElement> Notifications { get; } = [];

    /// <summary>Their request lines and headers.</summary>
    public ConcurrentQueue<RecordedCall> Calls { get; } = [];

    public string CallbackUrl => $"{_app.Url}/workflows/abc/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=AbC%2Bd-_~%3d";

    /// <summary>The delivery ids, in order.</summary>
    public IEnumerable<string> DeliveryIds => Notifications.Select(notification => notification.GetProperty("deliveryId").GetString()!);

    public static async Task<FakeFlow> StartAsync()
    {
        FakeFlow? flow = null;
        var app = await LocalServer.StartAsync(context => flow!.TakeAsync(context));
        return flow = new FakeFlow(app);
    }

    /// <summary>Waits until this many notifications arrived.</summary>
    public async Task<IReadOnlyList<JsonElement>> ReceivesAsync(int notifications = 1)
    {
        await _app.UntilAsync(() => Notifications.Count >= notifications, TestContext.Current.CancellationToken);
        return [.. Notifications];
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = JsonDocument.Parse(await reader.ReadToEndAsync()).RootElement;
        PayloadContract.AssertNotification(body);
        var target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        Calls.Enqueue(new RecordedCall(target, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString())));
        Notifications.Enqueue(body);
        await Answer(context);
    }
}

internal sealed record RecordedCall(string Target, IReadOnlyDictionary<string, string> Headers);
