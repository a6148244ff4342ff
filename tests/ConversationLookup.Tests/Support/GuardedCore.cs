using System.Text.Json.Nodes;
using ConversationLookup.Guardian;
using ConversationLookup.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ConversationLookup.Tests.Support;

/// <summary>A <see cref="Core"/> whose Wassist has webhooks, and a flow that wants every message.</summary>
internal sealed class GuardedCore : IAsyncDisposable
{
    private GuardedCore(Core core, FakeFlow flow, FakeWebhooks webhooks) => (Core, Flow, Webhooks) = (core, flow, webhooks);

    public Core Core { get; }

    public FakeFlow Flow { get; }

    public FakeWebhooks Webhooks { get; }

    public DateTimeOffset Now => Core.Time.GetUtcNow();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="subscribes">Whether the flow subscribes.</param>
    /// <param name="other">Another instance of the same app.</param>
    public static async Task<GuardedCore> StartAsync(bool subscribes = true, GuardedCore? other = null, params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string> { ["PublicBaseUrl"] = FakeWebhooks.AppUrl, ["AzureWebJobsStorage"] = other?.Storage ?? await Azurite.NewAccountAsync() };
        foreach (var (name, value) in settings)
            all[name] = value;
        var core = await Core.StartAsync(all);
        var guarded = new GuardedCore(core, other?.Flow ?? await FakeFlow.StartAsync(), other?.Webhooks ?? new FakeWebhooks()) { Storage = all["AzureWebJobsStorage"] };
        if (other is not null)
            core.Time.Advance(other.Now - core.Time.GetUtcNow() is { Ticks: > 0 } ahead ? ahead : TimeSpan.Zero);
        guarded.Webhooks.Clock = core.Time;
        core.Wassist.Answer = guarded.Webhooks.AnswerAsync;
        if (subscribes && other is null)
            await core.SubscribeAsync(guarded.Flow);
        return guarded;
    }

    private string Storage { get; init; } = "";

    /// <summary>What the timer does every five minutes.</summary>
    public async Task TickAsync(CancellationToken? cancellationToken = null)
    {
        Core.Time.Advance(WebhookGuardian.Interval);
        await Core.WhileTimePassesAsync(Core.Get<WebhookGuardian>().RunAsync(cancellationToken ?? Token));
    }

    /// <summary>The check of <c>/api/health</c>.</summary>
    public async Task<HealthReportEntry> HealthAsync() => (await Core.Get<HealthCheckService>().CheckHealthAsync(Token)).Entries["webhook"];

    /// <summary>Has a replay send the event of its delivery to the app, as Wassist does.</summary>
    /// <param name="bodyOf">The event of a delivery.</param>
    public void DeliverReplays(Func<string, JsonObject> bodyOf) => Webhooks.OnReplay = async id =>
    {
        Assert.Equal(202, (await Core.ReceiveAsync(new SignedEvent { Body = bodyOf(id), At = Now })).Status);
        return FakeWassist.Status(201, $$"""{"id":"{{id}}-again"}""");
    };

    /// <summary>Handles what is on both queues.</summary>
    public async Task HandleQueuesAsync()
    {
        foreach (var message in await Core.TakeAllAsync(StorageNames.Events))
            await Core.FanOutAsync(message);
        await Core.DeliverAllAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Core.DisposeAsync();
        await Flow.DisposeAsync();
    }
}
