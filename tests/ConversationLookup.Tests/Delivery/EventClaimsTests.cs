using ConversationLookup.Delivery;
using ConversationLookup.Tests.Support;
using ConversationLookup.Webhooks;

namespace ConversationLookup.Tests.Delivery;

/// <summary>Which arrival of which event tells of a piece of news.</summary>
public sealed class EventClaimsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_arrival_of_an_event_has_it_and_knows_which_events_came_before()
    {
        await using var core = await Core.StartAsync();
        var claims = core.Get<EventClaims>();
        var (first, retry, second) = (Event("a"), Event("a"), Event("b"));

        Assert.Equal([], await claims.ClaimAsync(first, Token));
        Assert.Equal(["a"], await claims.ClaimAsync(second, Token));
        Assert.Null(await claims.ClaimAsync(retry, Token));
        Assert.Equal([], await claims.ClaimAsync(first, Token)); // its message came back
        Assert.Equal(["a"], await claims.ClaimAsync(second, Token));
        Assert.Equal(["a", "b"], await claims.ClaimAsync(Event("c"), Token));
        Assert.Equal([], await claims.ClaimAsync(Event("c", "fedcba9876543210fedcba9876543210"), Token));
    }

    [Fact]
    public async Task One_that_comes_between_reading_and_writing_is_not_overwritten()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        await using var other = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.DirectConnectionString });
        Assert.Equal([], await other.Get<EventClaims>().ClaimAsync(Event("a"), Token));
        var between = Event("b");
        storage.Holds = async request =>
        {
            if (request.Method != "GET" || !request.Path.Value!.Contains("deliveries", StringComparison.Ordinal))
                return;
            storage.Holds = _ => Task.CompletedTask;
            Assert.Equal(["a"], await other.Get<EventClaims>().ClaimAsync(between, Token));
        };

        Assert.Equal(["a", "b"], await core.Get<EventClaims>().ClaimAsync(Event("c"), Token));
        Assert.Equal(["a"], await core.Get<EventClaims>().ClaimAsync(between, Token));
    }

    private static WassistEvent Event(string type, string key = "0123456789abcdef0123456789abcdef") =>
        new() { Type = type, DeliveryId = Guid.NewGuid().ToString(), Key = key, ReceiptId = Guid.NewGuid(), ReceivedAt = DateTimeOffset.UtcNow };
}
