using ConversationLookup.Delivery;

namespace ConversationLookup.Tests.Delivery;

/// <summary>When an event is looked up again, as a pure function.</summary>
public sealed class LookupWaitTests
{
    [Theory]
    [InlineData(0, 0, null, 5)]
    [InlineData(1, 5, null, 10)]
    [InlineData(2, 15, null, 20)]
    [InlineData(3, 35, null, 30)]
    [InlineData(4, 65, null, 30)]
    [InlineData(1000000, 65, null, 30)]
    [InlineData(4, 110, null, 10)]
    [InlineData(5, 120, null, null)]
    [InlineData(5, 500, null, null)]
    [InlineData(0, 0, 3.0, 5)]
    [InlineData(0, 0, 60.0, 60)]
    [InlineData(0, 100, 60.0, 20)]
    [InlineData(0, -5, null, 5)]
    public void It_grows_keeps_to_what_wassist_asks_and_ends_with_the_patience(int tries, double age, double? retryAfter, int? expected)
    {
        var wait = LookupWait.Next(
            tries, TimeSpan.FromSeconds(age), TimeSpan.FromMinutes(2), null, retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null, jitter: 0);

        Assert.Equal(expected, wait?.TotalSeconds);
    }

    [Fact]
    public void Jitter_spreads_by_a_quarter() =>
        Assert.Equal(6.25, LookupWait.Next(0, TimeSpan.Zero, TimeSpan.FromMinutes(2), null, null, jitter: 1)!.Value.TotalSeconds);

    [Theory]
    [InlineData(1.5, 0, 1.5)]
    [InlineData(90, 0, 90.0)]
    [InlineData(20, 100, 20.0)]
    [InlineData(20.1, 100, null)]
    public void A_turn_is_kept_to_the_second_and_not_waited_for_if_it_comes_too_late(double turn, double age, double? expected) => Assert.Equal(
        expected,
        LookupWait.Next(3, TimeSpan.FromSeconds(age), TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(turn), TimeSpan.FromSeconds(turn), jitter: 1)?.TotalSeconds);

    [Fact]
    public void Without_patience_nothing_is_waited_for() => Assert.Null(LookupWait.Next(0, TimeSpan.Zero, TimeSpan.Zero, null, null, jitter: 0));
}
