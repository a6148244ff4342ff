using ConversationLookup.Redis;
using ConversationLookup.Secrets;
using ConversationLookup.Tests.Support;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Redis;

/// <summary>The line in which the events of all instances wait for a call. Redis counts calls by its own clock, the line goes by the instances'.</summary>
public sealed class SharedBudgetTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly List<SharedState> _connections = [];

    private DateTimeOffset Patience => _time.GetUtcNow() + TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Events_of_all_instances_have_a_turn_each_and_those_of_one_conversation_share_it()
    {
        await using var redis = await RedisServer.StartOrSkipAsync();
        var (a, b) = (await BudgetAsync(redis, 115), await BudgetAsync(redis, 115)); // 69 for events: a turn a second
        _time.SetUtcNow(DateTimeOffset.UtcNow); // as late as Redis's, which took its time to start
        for (var taken = 0; taken < 69; taken++)
            Assert.Null(await WaitAsync(taken % 2 == 0 ? a : b, $"taken {taken}", Patience));

        var first = (await WaitAsync(a, "first", Patience))!.Value;

        Assert.InRange(first.TotalSeconds, 50, 67);
        Assert.Equal(1, ((await WaitAsync(b, "second", Patience))!.Value - first).TotalSeconds, 0.01);
        Assert.Equal(first, await WaitAsync(b, "first", Patience));
        Assert.Equal(2, ((await WaitAsync(a, "third", Patience))!.Value - first).TotalSeconds, 0.01);
    }

    [Fact]
    public async Task Who_could_not_wait_for_its_turn_takes_none_from_others()
    {
        await using var redis = await RedisServer.StartOrSkipAsync();
        var budget = await BudgetAsync(redis, 115);
        for (var taken = 0; taken < 69; taken++)
            await WaitAsync(budget, $"taken {taken}", Patience);

        var hasty = (await WaitAsync(budget, "hasty", _time.GetUtcNow() + TimeSpan.FromSeconds(5)))!.Value;

        Assert.Equal(hasty.TotalSeconds, (await WaitAsync(budget, "patient", Patience))!.Value.TotalSeconds, 0.01);
    }

    /// <summary>Redis's clock has not come as far as that of the instances: those before are late.</summary>
    [Fact]
    public async Task Whose_turn_comes_while_there_is_no_call_keeps_the_next_one()
    {
        await using var redis = await RedisServer.StartOrSkipAsync();
        var (a, b) = (await BudgetAsync(redis, 115), await BudgetAsync(redis, 115));
        for (var taken = 0; taken < 69; taken++)
            await WaitAsync(a, $"taken {taken}", Patience);
        var first = (await WaitAsync(a, "first", Patience))!.Value;
        for (var others = 0; others < 3; others++)
            await WaitAsync(b, $"other {others}", Patience);
        _time.Advance(first + TimeSpan.FromSeconds(0.01)); // turns are kept in whole milliseconds

        Assert.Equal(1, (await WaitAsync(a, "first", Patience))!.Value.TotalSeconds, 0.01); // not behind the others

        _time.Advance(TimeSpan.FromSeconds(0.4));
        Assert.Equal(0.6, (await WaitAsync(b, "first", Patience))!.Value.TotalSeconds, 0.01);
    }

    [Fact]
    public async Task Nobody_overtakes_those_in_line_on_another_instance()
    {
        await using var redis = await RedisServer.StartOrSkipAsync();
        var (a, b) = (await BudgetAsync(redis, 0), await BudgetAsync(redis, 0));
        await a.PauseAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(30, (await WaitAsync(a, "first", Patience))!.Value.TotalSeconds, 0.01);
        Assert.Equal(30, (await WaitAsync(b, null, null))!.Value.TotalSeconds, 0.01);
        _time.Advance(TimeSpan.FromSeconds(29));

        Assert.NotNull(await WaitAsync(b, "newcomer", Patience));
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Null(await WaitAsync(a, "first", Patience));
        Assert.Null(await WaitAsync(b, "newcomer", Patience));
        Assert.Null(await WaitAsync(b, null, null));
    }

    [Theory]
    [InlineData(100, 40, 40, 60)]
    [InlineData(1, 40, 1, 0)]
    public async Task Callers_and_events_each_have_their_part(int limit, int percent, int callers, int events)
    {
        await using var redis = await RedisServer.StartOrSkipAsync();
        var (a, b) = (await BudgetAsync(redis, limit, percent), await BudgetAsync(redis, limit, percent));

        var (callersTaken, eventsTaken) = (0, 0);
        for (var call = 0; call < 120; call++)
        {
            eventsTaken += await WaitAsync(call % 2 == 0 ? a : b, $"{call}", Patience) is null ? 1 : 0;
            callersTaken += await WaitAsync(call % 2 == 0 ? a : b, null, null) is null ? 1 : 0;
        }

        Assert.Equal((callers, events), (callersTaken, eventsTaken));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.DisposeAsync();
    }

    private async Task<SharedBudget> BudgetAsync(RedisServer redis, int limit, int percent = 40)
    {
        var wassist = Options.Create(new WassistOptions { RequestsPerMinute = limit, InteractivePercent = percent });
        var connection = redis.Connect();
        _connections.Add(connection);
        Assert.True(await connection.IsAnsweringAsync(TestContext.Current.CancellationToken));
        return new SharedBudget(connection, new WassistAccount(wassist, Options.Create(new KeyVaultOptions())), wassist, _time);
    }

    /// <returns>Null when the call may be made.</returns>
    private static async Task<TimeSpan?> WaitAsync(SharedBudget budget, string? path, DateTimeOffset? until)
    {
        var permit = await budget.TakeAsync(new WassistCall("key", path ?? "caller", until), TestContext.Current.CancellationToken);
        Assert.NotNull(permit);
        return permit.IsGranted ? null : permit.Wait;
    }
}
