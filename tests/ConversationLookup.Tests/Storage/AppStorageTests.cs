using ConversationLookup.Problems;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Storage;

/// <summary>What every use of storage has in common: its time, its failures, and that what is missing is made.</summary>
public sealed class AppStorageTests
{
    private const string Queue = StorageNames.Events;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_setting_there_is_none_and_the_problem_names_it()
    {
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = "" });

        var problem = await ProblemAsync(core.CountAsync(Queue));

        Assert.False(core.Storage.IsConfigured);
        Assert.Contains("'AzureWebJobsStorage'", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_that_failed_is_made_again_by_the_next_user()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await StartAsync(storage);
        storage.Refuses = request => request.Method == "PUT"; // nothing can be made
        await ProblemAsync(core.Storage.PrepareAsync(Token));
        storage.Refuses = _ => false;

        Assert.Equal(0, await core.CountAsync(Queue));
    }

    [Theory]
    [InlineData(403, "roles on it (queue, table and blob data) and its firewall", "storage answered 403 AuthorizationFailure")]
    [InlineData(409, "The storage account is failing", "storage answered 409 AuthorizationFailure")]
    [InlineData(500, "The storage account is failing", "storage answered 500 AuthorizationFailure")]
    [InlineData(0, "check that Azurite is running", "storage did not answer")]
    public async Task A_failure_says_what_to_do_and_its_cause(int status, string advice, string cause)
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await StartAsync(storage);
        await core.CountAsync(Queue);
        storage.Instead = status == 0 ? FakeWassist.HangUp : FakeWassist.Status(status, "", ("x-ms-error-code", "AuthorizationFailure"));

        var problem = await ProblemAsync(core.CountAsync(Queue));

        Assert.Contains(advice, problem.Detail, StringComparison.Ordinal);
        Assert.Equal(cause, problem.Cause);
    }

    /// <summary>What a queue handed over late would be hidden until its lease ends: it may take as long as the Azure SDK waits by itself.</summary>
    [Theory]
    [InlineData("use", 8)]
    [InlineData("taking of messages", 100)]
    public async Task One_use_with_all_its_tries_may_take_eight_seconds_and_taking_messages_a_hundred(string what, int seconds)
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await StartAsync(storage);
        await core.CountAsync(Queue);
        var (asked, never) = (new TaskCompletionSource(), new TaskCompletionSource());
        storage.Holds = _ =>
        {
            asked.TrySetResult();
            return never.Task;
        };

        var use = ProblemAsync(what == "use" ? core.CountAsync(Queue) : core.Storage.TakeAsync(Queue, 16, TimeSpan.FromMinutes(10), Token));
        await asked.Task.WaitAsync(Token);
        core.Time.Advance(TimeSpan.FromSeconds(seconds - 0.1));
        await Pace.BreatheAsync();
        Assert.False(use.IsCompleted);
        core.Time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal("storage did not answer", (await use).Cause);
        never.SetResult();
    }

    [Fact]
    public async Task Who_leaves_is_told_of_no_problem()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await StartAsync(storage);
        await core.CountAsync(Queue);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        storage.Holds = _ => leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => core.Storage.UseQueueAsync(
            Queue, (queue, ended) => queue.GetPropertiesAsync(ended), leaving.Token));
    }

    [Theory]
    [InlineData("queue")]
    [InlineData("table")]
    [InlineData("container")]
    public async Task What_somebody_deleted_is_made_again(string what)
    {
        await using var core = await Core.StartAsync();
        await core.Storage.PrepareAsync(Token);
        Func<Task> use = what switch
        {
            "queue" => () => core.CountAsync(Queue),
            "table" => () => core.Storage.UseTableAsync(StorageNames.Deliveries, (table, ended) => table.GetEntityIfExistsAsync<Azure.Data.Tables.TableEntity>("a", "b", cancellationToken: ended), Token),
            _ => () => core.CountParkedAsync(),
        };
        await (what switch
        {
            "queue" => core.Storage.UseQueueAsync(Queue, (queue, ended) => queue.DeleteAsync(ended), Token),
            "table" => core.Storage.UseTableAsync(StorageNames.Deliveries, (table, ended) => table.DeleteAsync(ended), Token),
            _ => core.Storage.UseParkedAsync((container, ended) => container.DeleteAsync(cancellationToken: ended), Token),
        });

        await use();
    }

    /// <summary>20 times more, after 1, 2, 4, 8 and then every 10 seconds: 175 seconds.</summary>
    [Fact]
    public async Task What_must_not_be_left_undone_is_tried_for_three_minutes()
    {
        await using var core = await Core.StartAsync();
        var tries = new List<TimeSpan>();
        var start = core.Time.GetUtcNow();

        var insisting = core.Storage.InsistAsync(
            _ =>
            {
                tries.Add(core.Time.GetUtcNow() - start);
                throw new ProblemException(Catalogue.StorageUnavailable("try later", "away"));
            },
            Token);

        var problem = await ProblemAsync(Pace.PassAsync(core.Time, insisting, TimeSpan.FromSeconds(1)));

        Assert.Equal("away", problem.Cause);
        double[] waits = [1, 2, 4, 8, .. Enumerable.Repeat(10, 16)];
        Assert.Equal(1 + waits.Length, tries.Count);
        Assert.All(tries.Zip(tries.Skip(1), (before, after) => (after - before).TotalSeconds).Zip(waits), wait => Assert.InRange(wait.First, wait.Second, wait.Second + 2));
    }

    [Fact]
    public async Task What_is_no_fault_of_storage_is_tried_once()
    {
        await using var core = await Core.StartAsync();
        var tries = 0;

        await Assert.ThrowsAsync<ProblemException>(() => core.Storage.InsistAsync(
            _ =>
            {
                tries++;
                throw new ProblemException(Catalogue.InternalError());
            },
            Token));

        Assert.Equal(1, tries);
    }

    private static Task<Core> StartAsync(FaultyStorage storage) => Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });

    private static async Task<Problem> ProblemAsync(Task use)
    {
        var problem = (await Assert.ThrowsAsync<ProblemException>(() => use)).Problem;
        Assert.Equal(ProblemCodes.StorageUnavailable, problem.Code);
        return problem;
    }
}
