using ConversationLookup.Delivery;
using ConversationLookup.Subscriptions;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Delivery;

/// <summary>What the client keeps of flows.</summary>
public sealed class CallbackClientTests
{
    [Fact]
    public async Task The_circuit_of_a_flow_that_is_not_called_any_more_is_forgotten()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var circuits = new MemoryCache(new MemoryCacheOptions { Clock = new Clock(time) });
        using var callbacks = new CallbackClient(Options.Create(new SubscriptionOptions { AllowLocalCallbacks = true }), circuits, time);
        var nobody = new Uri($"http://127.0.0.1:{LocalServer.FreePort()}/");

        await callbacks.PostAsync("one", nobody, [], TestContext.Current.CancellationToken);
        await callbacks.PostAsync("other", nobody, [], TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromMinutes(4));
        await callbacks.PostAsync("one", nobody, [], TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromMinutes(4));

        circuits.Compact(0); // takes out what has expired
        Assert.Equal(1, circuits.Count);
        time.Advance(TimeSpan.FromMinutes(2));
        circuits.Compact(0);
        Assert.Equal(0, circuits.Count);
    }

    private sealed class Clock(TimeProvider time) : ISystemClock
    {
        public DateTimeOffset UtcNow => time.GetUtcNow();
    }
}
