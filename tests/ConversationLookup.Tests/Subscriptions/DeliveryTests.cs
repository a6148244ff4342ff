using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Subscriptions;

/// <summary>From a signed event to a flow, through real queues.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public async Task A_signed_event_reaches_the_flow_with_the_conversation_looked_up()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        await app.SubscribeAsync(flow);
        var sent = new SignedEvent();

        var answer = await app.ReceiveAsync(sent);

        Assert.Equal(202, answer.StatusCode);
        var notification = Assert.Single(await flow.ReceivesAsync());
        Assert.Equal(sent.DeliveryId, notification.GetProperty("deliveryId").GetString());
        Assert.Equal("found", notification.GetProperty("lookupOutcome").GetString());
    }
}
