using ConversationLookup.LocalHost.Queues;
using ConversationLookup.Problems;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>The local host does what a timer of the Functions host does.</summary>
public sealed class TimerWorkerTests
{
    private static readonly TimeSpan Hourly = TimeSpan.FromHours(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_works_at_start_and_then_from_time_to_time()
    {
        await using var core = await Core.StartAsync();
        var runs = 0;
        using var worker = Worker(core, () => runs++);

        await worker.StartAsync(Token);
        await Eventually.IsSoAsync(() => runs == 1);
        core.Time.Advance(Hourly - TimeSpan.FromSeconds(1));
        Assert.Equal(1, runs);
        core.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.IsSoAsync(() => runs == 2);

        await worker.StopAsync(Token);
        Assert.True(worker.ExecuteTask!.IsCanceled);
    }

    public static TheoryData<Exception> Failures =>
    [
        new ProblemException(Catalogue.StorageUnavailable("Try again.", "it is away")), new TaskCanceledException("a request took too long"),
        new HttpRequestException("no such host"), new InvalidOperationException("nobody thought of this"),
    ];

    /// <summary>An exception would stop the whole host.</summary>
    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task A_run_that_fails_is_logged_and_followed_by_the_next(Exception failure)
    {
        await using var core = await Core.StartAsync();
        var runs = 0;
        using var worker = Worker(core, () => runs++ == 0 ? throw failure : true);

        await worker.StartAsync(Token);
        await core.Logs.SaysAsync(line => line.EventId == 62 && line.Text.StartsWith($"The test failed: {failure.GetType().Name}. It is tried again in 60 minutes.", StringComparison.Ordinal));
        core.Time.Advance(Hourly);
        await Eventually.IsSoAsync(() => runs == 2);

        await worker.StopAsync(Token);
    }

    [Fact]
    public async Task Without_storage_there_is_nothing_to_do()
    {
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = "" });
        var runs = 0;
        using var worker = Worker(core, () => runs++);

        await worker.StartAsync(Token);
        await worker.ExecuteTask!;

        Assert.Equal(0, runs);
    }

    private static TimerWorker Worker<T>(Core core, Func<T> run) => new(
        "test",
        Hourly,
        _ =>
        {
            run();
            return Task.CompletedTask;
        },
        core.Storage,
        core.Time,
        core.Get<ILogger<TimerWorker>>());
}
