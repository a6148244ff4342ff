using System.Globalization;
using ConversationLookup.Actions;
using ConversationLookup.Wassist;

namespace ConversationLookup.Tests.Actions;

/// <summary>From when on a message can be the one that was sent.</summary>
public sealed class BaselineTests
{
    private static readonly DateTimeOffset AskedAt = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2026-11-26T11:59:58Z", "2026-11-26T11:59:59Z")] // which may be any moment of that second
    [InlineData("2026-11-26T11:59:58.001Z", "2026-11-26T11:59:58.002Z")]
    [InlineData("2026-11-26T11:59:58.5Z", "2026-11-26T11:59:58.501Z")]
    [InlineData(null, "2026-11-26T11:59:50Z")] // the clocks may be ten seconds apart
    public void It_is_just_after_the_last_message_that_was_there(string? lastMessage, string baseline) =>
        Assert.Equal(At(baseline), Baseline.Of(With(new WassistMessage("Hello") { CreatedAt = lastMessage is null ? null : At(lastMessage) })));

    [Fact]
    public void Where_there_was_no_message_any_can_be_it() => Assert.Equal(DateTimeOffset.MinValue, Baseline.Of(With(null)));

    private static Retrieved<WassistConversation> With(WassistMessage? last) => new(new WassistConversation(Guid.NewGuid()) { LastMessage = last }, AskedAt, AskedAt);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
