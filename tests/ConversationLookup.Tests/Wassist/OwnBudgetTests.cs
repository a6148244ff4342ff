using ConversationLookup.Wassist;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Wassist;

/// <summary>Who may call Wassist, and when.</summary>
public sealed class OwnBudgetTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));

    private DateTimeOffset Patience => _time.GetUtcNow() + TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(100, 40, 40, 60)]
    [InlineData(100, 1, 1, 99)]
    [InlineData(100, 100, 100, 0)]
    [InlineData(7, 40, 3, 4)]
    [InlineData(1, 40, 1, 0)]
    public void Callers_and_events_each_have_their_part_whatever_the_other_takes(int limit, int percent, int callers, int events)
    {
        var budget = Budget(limit, percent);

        var eventsTaken = Enumerable.Range(0, 200).Count(index => WaitOf(budget, $"{index}", Patience) is null);
        var callersTaken = Enumerable.Range(0, 200).Count(index => WaitOf(budget, $"{index}") is null);

        Assert.Equal((callers, events), (callersTaken, eventsTaken));
    }

    [Fact]
    public void Who_is_refused_is_told_when_there_is_a_call_and_then_there_is_one()
    {
        var budget = Budget(5, 40);
        Assert.Null(WaitOf(budget, "a"));
        _time.Advance(TimeSpan.FromSeconds(20.5));
        Assert.Null(WaitOf(budget, "b"));

        var wait = WaitOf(budget, "c")!.Value;

        Assert.Equal(45.5, wait.TotalSeconds);
        _time.Advance(wait - TimeSpan.FromMilliseconds(1));
        Assert.NotNull(WaitOf(budget, "c"));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(WaitOf(budget, "c"));
        Assert.NotNull(WaitOf(budget, "d")); // b's has not left yet
    }

    [Fact]
    public void Events_that_have_to_wait_have_a_turn_each_and_those_of_one_conversation_share_it()
    {
        var budget = Budget(115, 40); // 69 for events: a turn a second
        for (var taken = 0; taken < 69; taken++)
            Assert.Null(WaitOf(budget, $"taken {taken}", Patience));

        var first = WaitOf(budget, "first", Patience)!.Value;

        Assert.Equal(66, first.TotalSeconds);
        Assert.Equal(67, WaitOf(budget, "second", Patience)!.Value.TotalSeconds);
        Assert.Equal(first, WaitOf(budget, "first", Patience));
        Assert.Equal(68, WaitOf(budget, "third", Patience)!.Value.TotalSeconds);
    }

    [Fact]
    public void Nobody_overtakes_those_in_line()
    {
        var budget = Budget(115, 40);
        for (var taken = 0; taken < 69; taken++)
            WaitOf(budget, $"taken {taken}", Patience);
        WaitOf(budget, "first", Patience);
        WaitOf(budget, "second", Patience);
        _time.Advance(TimeSpan.FromSeconds(66));

        Assert.Equal(2, WaitOf(budget, "newcomer", Patience)!.Value.TotalSeconds);
        Assert.Equal(1, WaitOf(budget, "second", Patience)!.Value.TotalSeconds);
        Assert.Null(WaitOf(budget, "first", Patience));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(WaitOf(budget, "second", Patience));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(WaitOf(budget, "newcomer", Patience));
        Assert.Null(WaitOf(budget, "another", Patience)); // nobody is in line any more
    }

    [Fact]
    public void Who_could_not_wait_for_its_turn_takes_none_from_others()
    {
        var budget = Budget(115, 40);
        for (var taken = 0; taken < 69; taken++)
            WaitOf(budget, $"taken {taken}", Patience);

        for (var hasty = 0; hasty < 10; hasty++)
            Assert.Equal(66, WaitOf(budget, $"hasty {hasty}", _time.GetUtcNow() + TimeSpan.FromSeconds(hasty == 0 ? 65.999 : 5))!.Value.TotalSeconds);

        Assert.Equal(66, WaitOf(budget, "patient", _time.GetUtcNow() + TimeSpan.FromSeconds(66))!.Value.TotalSeconds);
        Assert.Equal(67, WaitOf(budget, "another", Patience)!.Value.TotalSeconds); // the turn that comes just in time was taken
    }

    [Fact]
    public void A_turn_that_nobody_comes_for_holds_nobody_up()
    {
        var budget = Budget(115, 40);
        for (var taken = 0; taken < 69; taken++)
            WaitOf(budget, $"taken {taken}", Patience);
        WaitOf(budget, "gone", Patience);
        _time.Advance(TimeSpan.FromSeconds(66 + 15.1));

        Assert.Null(WaitOf(budget, "newcomer", Patience));
    }

    [Fact]
    public void Who_goes_before_one_that_is_late_is_counted_too()
    {
        var budget = Budget(115, 40);
        WaitOf(budget, "taken", Patience);
        _time.Advance(TimeSpan.FromSeconds(10));
        for (var taken = 0; taken < 68; taken++)
            WaitOf(budget, $"taken {taken}", Patience);
        Assert.Equal(56, WaitOf(budget, "late", Patience)!.Value.TotalSeconds);
        _time.Advance(TimeSpan.FromSeconds(58));

        Assert.Null(WaitOf(budget, "newcomer", Patience)); // the one call that there is
        Assert.Equal(8, WaitOf(budget, "late", Patience)!.Value.TotalSeconds);
        Assert.Equal(8, WaitOf(budget, "another", Patience)!.Value.TotalSeconds);
        _time.Advance(TimeSpan.FromSeconds(8));
        Assert.Null(WaitOf(budget, "late", Patience));
    }

    [Fact]
    public void Who_comes_to_its_turn_and_finds_no_call_left_stays_in_line()
    {
        var budget = Budget(115, 40);
        WaitOf(budget, "taken", Patience);
        _time.Advance(TimeSpan.FromSeconds(12));
        for (var taken = 0; taken < 68; taken++)
            WaitOf(budget, $"taken {taken}", Patience);
        for (var turn = 0; turn < 15; turn++)
            Assert.Equal(54 + turn, WaitOf(budget, $"turn {turn}", Patience)!.Value.TotalSeconds);
        _time.Advance(TimeSpan.FromSeconds(54));
        Assert.Null(WaitOf(budget, "turn 0", Patience));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(11, WaitOf(budget, "turn 1", Patience)!.Value.TotalSeconds);
        _time.Advance(TimeSpan.FromSeconds(11)); // others' turns are still ahead
        Assert.Null(WaitOf(budget, "turn 1", Patience));
    }

    [Fact]
    public void A_wait_that_Wassist_asks_for_is_everybodys()
    {
        var budget = Budget(0, 40);

        budget.Pause(TimeSpan.FromSeconds(30));

        Assert.Equal(30, WaitOf(budget, "a")!.Value.TotalSeconds);
        Assert.Equal(30, WaitOf(budget, "b", Patience)!.Value.TotalSeconds);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(WaitOf(budget, "a"));
        Assert.Null(WaitOf(budget, "b", Patience));
    }

    [Fact]
    public void A_key_that_Wassist_refused_is_not_tried_for_a_while_and_another_is()
    {
        var budget = Budget(0, 40);

        budget.Refuse("old", "request-1", TimeSpan.FromSeconds(30));

        Assert.Equal("request-1", budget.Take(new WassistCall("old", "a", null)).RefusedRequest);
        Assert.True(budget.Take(new WassistCall("new", "a", null)).IsGranted);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(budget.Take(new WassistCall("old", "a", Patience)).IsGranted);
    }

    [Fact]
    public void In_no_minute_there_are_more_calls_than_allowed_and_hardly_fewer_while_events_wait()
    {
        var (budget, random, calls) = (Budget(100, 40), new Random(11), new List<DateTimeOffset>());
        var start = _time.GetUtcNow();
        var events = Enumerable.Range(0, 400).ToDictionary(index => $"event {index}", _ => start);
        while (events.Count > 0)
        {
            _time.Advance(TimeSpan.FromMilliseconds(random.Next(1, 500)));
            var now = _time.GetUtcNow();
            if (random.Next(4) == 0 && WaitOf(budget, "caller") is null)
                calls.Add(now);
            foreach (var (path, at) in events.Where(one => one.Value <= now).ToList())
            {
                if (WaitOf(budget, path, now + TimeSpan.FromHours(1)) is { } wait)
                {
                    events[path] = now + wait;
                    continue;
                }

                calls.Add(now);
                events.Remove(path);
            }
        }

        Assert.All(calls, from => Assert.InRange(calls.Count(at => at >= from && at < from + TimeSpan.FromMinutes(1)), 1, 100));
        Assert.InRange(_time.GetUtcNow() - start, TimeSpan.FromMinutes(6), TimeSpan.FromMinutes(8)); // 400 at 60 in 69 s
    }

    private OwnBudget Budget(int limit, int percent) =>
        new(Options.Create(new WassistOptions { RequestsPerMinute = limit, InteractivePercent = percent }), _time);

    /// <returns>Null when the call may be made.</returns>
    private static TimeSpan? WaitOf(OwnBudget budget, string path, DateTimeOffset? waitsUntil = null)
    {
        var permit = budget.Take(new WassistCall("key", path, waitsUntil));
        return permit.IsGranted ? null : permit.Wait;
    }
}
