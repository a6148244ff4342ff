using System.Text.Json.Nodes;
using Azure.Data.Tables;
using ConversationLookup.Actions;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Tests.Actions;

/// <summary>What is remembered of actions, and for how long.</summary>
public sealed class ActionLedgerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_request_begins_and_any_other_with_its_key_does_not()
    {
        await using var core = await Core.StartAsync();
        var ledger = core.Get<ActionLedger>();
        var (first, second) = (RowOf("key", "Hello"), RowOf("key", "Hello"));

        Assert.Null(await ledger.FindAsync(first, Token));
        Assert.True(await ledger.TryBeginAsync(first, core.Time.GetUtcNow(), Token));
        Assert.False(await ledger.TryBeginAsync(second, core.Time.GetUtcNow(), Token));
        Assert.True(await ledger.TryBeginAsync(first, core.Time.GetUtcNow(), Token)); // a try whose answer was lost
        Assert.True(await ledger.TryBeginAsync(RowOf("another key", "Hello"), core.Time.GetUtcNow(), Token));
    }

    [Fact]
    public async Task A_row_that_is_gone_when_it_is_looked_at_is_not_begun()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        var ledger = core.Get<ActionLedger>();
        var (first, second) = (RowOf("key", "Hello"), RowOf("key", "Hello"));
        Assert.True(await ledger.TryBeginAsync(first, core.Time.GetUtcNow(), Token));
        var table = new TableClient(storage.DirectConnectionString, StorageNames.Actions);
        storage.Holds = request => request.Method == "POST" ? table.DeleteEntityAsync(first.Partition, first.Name, cancellationToken: Token) : Task.CompletedTask;

        Assert.False(await ledger.TryBeginAsync(second, core.Time.GetUtcNow(), Token));

        Assert.Null(await ledger.FindAsync(second, Token)); // who asks again may begin
    }

    [Fact]
    public async Task What_failed_before_anything_was_sent_in_a_way_that_nobody_thought_of_is_not_remembered()
    {
        var clock = new FailingClock();
        await using var storage = await FaultyStorage.StartAsync();
        await using var acting = await ActingApp.StartAsync(
            new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString }, configure: services => services.AddSingleton<TimeProvider>(clock));
        storage.Holds = request =>
        {
            if (request.Method == "POST" && request.Path.Value!.EndsWith($"/{StorageNames.Actions}", StringComparison.Ordinal))
                clock.Wait = TimeSpan.FromSeconds(10); // for Wassist's answer: what it needs to know before, it has
            return Task.CompletedTask;
        };

        (await acting.SendAsync("Hello", "key-1")).Is(500, "internal_error");

        Assert.Contains(acting.App.Logs.Lines, line => line.Level == LogLevel.Error && line.Text.Contains(FailingClock.Reason, StringComparison.Ordinal));
        Assert.Empty(acting.Wassist.Posts);
        (storage.Holds, clock.Wait) = (_ => Task.CompletedTask, null);
        (await acting.SendAsync("Hello", "key-1")).IsSentMessage();
    }

    [Theory]
    [InlineData(44_999, true)]
    [InlineData(45_000, false)]
    public async Task Who_holds_it_has_45_seconds(int milliseconds, bool isInProgress)
    {
        await using var core = await Core.StartAsync();
        var ledger = core.Get<ActionLedger>();
        var row = RowOf("key", "Hello");
        await ledger.TryBeginAsync(row, core.Time.GetUtcNow(), Token);
        core.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));

        Assert.Equal(isInProgress, (await ledger.FindAsync(row, Token))!.IsInProgress);
    }

    [Fact]
    public async Task Of_two_that_take_it_over_one_does_and_has_another_45_seconds()
    {
        await using var core = await Core.StartAsync();
        var ledger = core.Get<ActionLedger>();
        var (row, since) = (RowOf("key", "Hello"), core.Time.GetUtcNow());
        await ledger.TryBeginAsync(row, since, Token);
        core.Time.Advance(TimeSpan.FromSeconds(45));
        var entry = await ledger.FindAsync(row, Token);

        Assert.True(await ledger.TryHoldAsync(row, entry!, Token));
        Assert.False(await ledger.TryHoldAsync(row, entry!, Token));

        core.Time.Advance(TimeSpan.FromMilliseconds(44_999));
        var held = await ledger.FindAsync(row, Token);
        Assert.True(held!.IsInProgress);
        Assert.Equal(since, held.Since);
        Assert.Null(held.Answer);
        core.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False((await ledger.FindAsync(row, Token))!.IsInProgress);
    }

    [Fact]
    public async Task One_whose_outcome_nobody_knows_is_held_by_nobody()
    {
        await using var core = await Core.StartAsync();
        var ledger = core.Get<ActionLedger>();
        var row = RowOf("key", "Hello");
        await ledger.TryBeginAsync(row, core.Time.GetUtcNow(), Token);

        await ledger.LeaveOpenAsync(row, Token);

        var open = await ledger.FindAsync(row, Token);
        Assert.False(open!.IsInProgress);
        Assert.Null(open.Answer);
        Assert.True(await ledger.TryHoldAsync(row, open, Token));
    }

    /// <summary>A property of a table has a limit: an answer may need several.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(30_000)]
    [InlineData(30_001)]
    [InlineData(90_000)]
    public async Task An_answer_comes_back_as_it_was(int length)
    {
        await using var core = await Core.StartAsync();
        var ledger = core.Get<ActionLedger>();
        var row = RowOf("key", "Hello");
        await ledger.TryBeginAsync(row, core.Time.GetUtcNow(), Token);
        var answer = new ActionAnswer(string.Concat(Enumerable.Range(0, length).Select(index => index % 10)), Guid.Parse(Bodies.Id), "m-1");

        await ledger.CloseAsync(row, answer, Token);

        var entry = await ledger.FindAsync(row, Token);
        Assert.Equal(answer, entry!.Answer);
        Assert.False(entry.IsInProgress);
        Assert.Equal(row.Plan.ContentHash, entry.ContentHash);
    }

    [Fact]
    public async Task After_24_hours_a_key_begins_something_new()
    {
        await using var core = await Core.StartAsync();
        var ledger = core.Get<ActionLedger>();
        var (first, second) = (RowOf("key", "Hello"), RowOf("key", "Goodbye"));
        await ledger.TryBeginAsync(first, core.Time.GetUtcNow(), Token);
        await ledger.CloseAsync(first, new ActionAnswer("{}", Guid.Parse(Bodies.Id)), Token);

        core.Time.Advance(TimeSpan.FromHours(24));
        Assert.NotNull(await ledger.FindAsync(second, Token));
        Assert.False(await ledger.TryBeginAsync(second, core.Time.GetUtcNow(), Token));

        core.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await ledger.FindAsync(second, Token));
        Assert.True(await ledger.TryBeginAsync(second, core.Time.GetUtcNow(), Token));
        var entry = await ledger.FindAsync(second, Token);
        Assert.Equal(second.Plan.ContentHash, entry!.ContentHash);
        Assert.True(entry.IsInProgress);
        Assert.Null(entry.Answer); // nothing is left of the first
    }

    [Fact]
    public async Task What_was_not_done_is_forgotten_by_its_own_request_only()
    {
        await using var core = await Core.StartAsync();
        var ledger = core.Get<ActionLedger>();
        var (row, other) = (RowOf("key", "Hello"), RowOf("key", "Hello"));
        await ledger.TryBeginAsync(row, core.Time.GetUtcNow(), Token);

        await ledger.ForgetAsync(other, Token);
        Assert.NotNull(await ledger.FindAsync(row, Token));

        await ledger.ForgetAsync(row, Token);
        await ledger.ForgetAsync(row, Token);
        Assert.Null(await ledger.FindAsync(row, Token));
        Assert.Equal(0, (await ledger.FindOthersAsync(RowOf("another key", "Hello"), Token)).Open);
    }

    [Fact]
    public async Task Others_have_the_same_content_in_the_same_conversation()
    {
        await using var core = await Core.StartAsync();
        var ledger = core.Get<ActionLedger>();
        var row = RowOf("key", "Hello");
        await BeginAsync(row);
        await BeginAsync(RowOf("another text", "Goodbye"));
        await BeginAsync(RowOf("another conversation", "Hello", Guid.NewGuid()));
        await BeginAsync(RowOf("open", "Hello"));
        var done = RowOf("done", "Hello");
        await BeginAsync(done);
        await ledger.CloseAsync(done, new ActionAnswer("{}", Guid.Parse(Bodies.Id), "m-1"), Token);

        var others = await ledger.FindOthersAsync(row, Token);

        Assert.Equal(["m-1"], others.MessageIds);
        Assert.Equal(1, others.Open);

        Task<bool> BeginAsync(LedgerRow row) => ledger.TryBeginAsync(row, core.Time.GetUtcNow(), Token);
    }

    [Theory]
    [InlineData(299_999, 1)]
    [InlineData(300_000, 0)]
    public async Task One_whose_message_is_not_known_may_have_made_a_new_one_for_five_minutes(int milliseconds, int open)
    {
        await using var core = await Core.StartAsync();
        var ledger = core.Get<ActionLedger>();
        await ledger.TryBeginAsync(RowOf("open", "Hello"), core.Time.GetUtcNow(), Token);
        core.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));

        Assert.Equal(open, (await ledger.FindOthersAsync(RowOf("key", "Hello"), Token)).Open);
    }

    /// <summary>By storage's own time, which is written beside each row.</summary>
    [Fact]
    public async Task The_purge_removes_what_is_older_than_24_hours_and_nothing_else()
    {
        await using var core = await Core.StartAsync();
        var ledger = core.Get<ActionLedger>();
        await ledger.TryBeginAsync(RowOf("key", "Hello"), core.Time.GetUtcNow(), Token);
        var table = core.Storage.Table(StorageNames.Actions);
        var rows = await table.QueryAsync<TableEntity>(cancellationToken: Token).OrderBy(row => row.Timestamp).ToListAsync(Token);
        Assert.Equal(2, rows.Count);

        core.Time.SetUtcNow(rows[0].Timestamp!.Value + TimeSpan.FromHours(24));
        await ledger.PurgeAsync(Token);
        Assert.Equal(2, await table.QueryAsync<TableEntity>(cancellationToken: Token).CountAsync(Token));

        core.Time.SetUtcNow(rows[1].Timestamp!.Value + TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));
        await ledger.PurgeAsync(Token);
        Assert.Equal(0, await table.QueryAsync<TableEntity>(cancellationToken: Token).CountAsync(Token));
    }

    private static LedgerRow RowOf(string key, string text, Guid? conversationId = null) => new(key, new Plan(conversationId ?? Guid.Parse(Bodies.Id), text));

    private sealed class Plan(Guid conversationId, string text) : ActionPlan(ConversationAction.SendMessage, conversationId, new JsonObject { ["text"] = text })
    {
        public override string Advice => "";

        public override Task<PreparedAction> PrepareAsync(string idempotencyKey, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override Task<ActionAnswer?> ReadAnswerAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override Task<ActionAnswer?> FindAsync(DateTimeOffset since, Func<CancellationToken, Task<OtherActions>> others, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
