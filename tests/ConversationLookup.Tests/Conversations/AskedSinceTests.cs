using ConversationLookup.Conversations;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Conversations;

/// <summary>An event's flow gets a conversation that knows of the event, and a storm of events does not ask for it each time.</summary>
public sealed class AskedSinceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_that_was_asked_for_at_the_moment_of_the_event_or_later_will_do()
    {
        await using var core = await Core.StartAsync();
        var (reader, start) = (core.Get<ConversationReader>(), core.Time.GetUtcNow());

        foreach (var moment in new[] { start, start.AddSeconds(-1), start.AddHours(1) }) // the last by another clock
            Assert.Equal(start, (await reader.GetAskedSinceAsync(Guid.Parse(Bodies.Id), moment, start.AddMinutes(2), Token)).AskedAt);

        Assert.Single(core.Wassist.Requests);
    }

    [Fact]
    public async Task It_is_asked_for_again_two_seconds_after_the_last_time()
    {
        await using var core = await Core.StartAsync();
        var (reader, start) = (core.Get<ConversationReader>(), core.Time.GetUtcNow());
        await reader.GetAskedSinceAsync(Guid.Parse(Bodies.Id), start, start.AddMinutes(2), Token);
        core.Time.Advance(TimeSpan.FromSeconds(0.5));

        var again = reader.GetAskedSinceAsync(Guid.Parse(Bodies.Id), core.Time.GetUtcNow(), start.AddMinutes(2), Token).AsTask();
        await core.WhileTimePassesAsync(again);

        Assert.True((await again).AskedAt >= start.AddSeconds(2), $"asked after {(await again).AskedAt - start}");
        Assert.Equal(2, core.Wassist.Requests.Count);
    }
}
