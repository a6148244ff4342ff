using ConversationLookup.Wassist;

namespace ConversationLookup.Tests.Wassist;

/// <summary>A window of 66 seconds that slides by the second.</summary>
public sealed class CallWindowTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 26, 12, 0, 0, 250, TimeSpan.Zero);

    [Fact]
    public void A_call_is_counted_for_66_seconds_from_the_start_of_its_second()
    {
        var window = new CallWindow(1);

        Assert.Equal(TimeSpan.Zero, window.TryTake(Start));
        Assert.Equal(TimeSpan.FromSeconds(65.75), window.TryTake(Start));
        Assert.Equal(TimeSpan.FromMilliseconds(1), window.TryTake(Start.AddMilliseconds(65_749)));
        Assert.Equal(TimeSpan.Zero, window.TryTake(Start.AddSeconds(65.75)));
        Assert.Equal(TimeSpan.FromSeconds(66), window.TryTake(Start.AddSeconds(65.75)));
    }

    [Fact]
    public void The_oldest_call_is_the_first_to_leave()
    {
        var window = new CallWindow(3);
        foreach (var seconds in new[] { 0, 10, 10 })
            Assert.Equal(TimeSpan.Zero, window.TryTake(Start.AddSeconds(seconds)));

        Assert.Equal(TimeSpan.FromSeconds(45.75), window.TryTake(Start.AddSeconds(20)));
        Assert.Equal(TimeSpan.Zero, window.TryTake(Start.AddSeconds(66)));
        Assert.Equal(TimeSpan.FromSeconds(9.75), window.TryTake(Start.AddSeconds(66)));
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (window.TryTake(Start.AddSeconds(76)), window.TryTake(Start.AddSeconds(76))));
        Assert.Equal(TimeSpan.FromSeconds(55.75), window.TryTake(Start.AddSeconds(76)));
    }

    [Fact]
    public void A_call_that_is_made_anyhow_is_one_less_for_the_others()
    {
        var window = new CallWindow(2);
        window.Count(Start);
        window.Count(Start);
        window.Count(Start.AddSeconds(1));

        Assert.Equal(TimeSpan.FromSeconds(64.75), window.TryTake(Start.AddSeconds(1)));
        Assert.Equal(TimeSpan.Zero, window.TryTake(Start.AddSeconds(66)));
        Assert.Equal(TimeSpan.FromSeconds(0.75), window.TryTake(Start.AddSeconds(66)));
    }

    [Fact]
    public void Of_none_none_is_given()
    {
        var window = new CallWindow(0);

        Assert.Equal(TimeSpan.FromSeconds(65.75), window.TryTake(Start));
        Assert.Equal((0, TimeSpan.FromSeconds(66)), (window.Limit, CallWindow.Length));
    }
}
