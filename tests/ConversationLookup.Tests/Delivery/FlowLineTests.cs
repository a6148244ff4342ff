using ConversationLookup.Delivery;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Delivery;

/// <summary>Whose turn it is.</summary>
public sealed class FlowLineTests
{
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(100);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flow_nobody_knows_gets_two_at_a_time_and_a_quick_one_six()
    {
        var line = new FlowLine(_time);
        Assert.Equal(2, await PlacesAsync(line));

        line.Leave(Quick);
        line.Leave(Quick);

        Assert.Equal(6, await PlacesAsync(line));
    }

    [Fact]
    public async Task A_slow_flow_gets_two_at_a_time_and_the_rest_the_time_of_their_turn_at_once()
    {
        var line = new FlowLine(_time);
        Assert.Null(await line.EnterAsync(Token));
        line.Leave(TimeSpan.FromSeconds(20));
        Assert.Equal(2, await PlacesAsync(line));

        var turns = new List<double>();
        for (var turn = 0; turn < 20; turn++)
            turns.Add((await line.EnterAsync(Token))!.Value.TotalSeconds);

        Assert.Equal([20, 30, 40, 50], turns.Take(4)); // counting took the first turn
        Assert.Equal([120, 120], turns.TakeLast(2));
    }

    [Fact]
    public async Task A_flow_that_was_quick_and_hangs_gets_no_more_than_it_holds()
    {
        var line = new FlowLine(_time);
        Assert.Null(await line.EnterAsync(Token));
        line.Leave(Quick);
        Assert.Equal(6, await PlacesAsync(line));

        _time.Advance(TimeSpan.FromSeconds(1.1));

        Assert.NotNull(await line.EnterAsync(Token));
    }

    [Fact]
    public async Task A_quick_flow_is_waited_for_a_moment_and_the_first_to_wait_is_the_first_to_go()
    {
        var line = new FlowLine(_time);
        await PlacesAsync(line);
        var (first, second) = (line.EnterAsync(Token), line.EnterAsync(Token));

        line.Leave(Quick);
        line.Leave(null);

        Assert.Equal((null, null), (await first, await second));
    }

    [Fact]
    public async Task Who_waited_a_moment_in_vain_is_told_when_to_come_again_and_takes_nobodys_place()
    {
        var line = new FlowLine(_time);
        await PlacesAsync(line);
        var late = line.EnterAsync(Token);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await late >= TimeSpan.FromSeconds(1));
        line.Leave(Quick);
        Assert.Null(await line.EnterAsync(Token));
    }

    [Fact]
    public async Task Who_is_called_off_while_waiting_takes_nobodys_place()
    {
        var line = new FlowLine(_time);
        await PlacesAsync(line);
        using var off = new CancellationTokenSource();
        var waiting = line.EnterAsync(off.Token);

        await off.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        line.Leave(Quick);
        Assert.Null(await line.EnterAsync(Token));
    }

    [Fact]
    public void The_line_of_a_flow_that_is_not_told_any_more_is_forgotten()
    {
        using var cache = new MemoryCache(new MemoryCacheOptions { Clock = new Clock(_time) });
        var lines = new FlowLines(cache, _time);
        var one = lines.Of("one");
        lines.Of("other");
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.Same(one, lines.Of("one"));
        _time.Advance(TimeSpan.FromMinutes(4));

        cache.Compact(0); // takes out what has expired
        Assert.Equal(1, cache.Count);
        lines.Forget("one");
        Assert.Equal(0, cache.Count);
    }

    /// <summary>Takes every place that there is.</summary>
    private static async Task<int> PlacesAsync(FlowLine line)
    {
        using var off = new CancellationTokenSource();
        for (var places = 0; ; places++)
        {
            var entered = line.EnterAsync(off.Token);
            if (entered.IsCompleted && await entered is null)
                continue;
            await off.CancelAsync();
            await Task.WhenAny(entered);
            return places;
        }
    }

    private sealed class Clock(TimeProvider time) : ISystemClock
    {
        public DateTimeOffset UtcNow => time.GetUtcNow();
    }
}
