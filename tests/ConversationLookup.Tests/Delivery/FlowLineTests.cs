using System.Globalization;
using System.Net;
using ConversationLookup.Delivery;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;
using Microsoft.Extensions.Time.Testing;
using Polly.Timeout;

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

    /// <summary>What keeps failing is left alone; what refuses a message answers well.</summary>
    [Theory]
    [InlineData("HttpRequestException", true)]
    [InlineData("InvalidOperationException", false)]
    [InlineData("408", true)]
    [InlineData("429", true)]
    [InlineData("500", true)]
    [InlineData("503", true)]
    [InlineData("499", false)]
    [InlineData("400", false)]
    [InlineData("410", false)]
    [InlineData("202", false)]
    public async Task Five_calls_that_fail_pause_a_flow_for_15_seconds(string answer, bool isPaused)
    {
        var line = new FlowLine(_time);
        for (var call = 0; call < 5; call++)
        {
            Assert.False(line.IsPaused);
            await Record.ExceptionAsync(async () => await line.Circuit.ExecuteAsync(
                _ => answer switch
                {
                    "HttpRequestException" => throw new HttpRequestException(),
                    "InvalidOperationException" => throw new InvalidOperationException(),
                    _ => ValueTask.FromResult(new CallbackAnswer((HttpStatusCode)int.Parse(answer, CultureInfo.InvariantCulture), "")),
                },
                Token));
        }

        Assert.Equal(isPaused, line.IsPaused);
        _time.Advance(TimeSpan.FromSeconds(15) - TimeSpan.FromTicks(1));
        Assert.Equal(isPaused, line.IsPaused);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.False(line.IsPaused);
    }

    [Fact]
    public async Task A_call_that_hangs_ends_after_30_seconds_and_five_pause_a_flow()
    {
        var line = new FlowLine(_time);
        var calls = Enumerable.Range(0, 5).Select(_ => line.Circuit.ExecuteAsync<CallbackAnswer>(
            async hung =>
            {
                await Task.Delay(System.Threading.Timeout.Infinite, hung);
                throw new InvalidOperationException();
            },
            Token).AsTask()).ToList();

        _time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.All(calls, call => Assert.False(call.IsCompleted));
        Assert.False(line.IsPaused);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        foreach (var call in calls)
            await Assert.ThrowsAsync<TimeoutRejectedException>(() => call);
        Assert.True(line.IsPaused);
    }

    [Fact]
    public async Task A_quick_flow_that_holds_its_oldest_message_for_a_second_gets_two_at_a_time()
    {
        var line = new FlowLine(_time);
        await line.EnterAsync(Token);
        line.Leave(Quick);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Null(await line.EnterAsync(Token));
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Null(await line.EnterAsync(Token));
        Assert.NotNull(await line.EnterAsync(Token));
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
