using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Functions;

/// <summary>The worker's process is killed: what callers notice of it.</summary>
public sealed class WorkerDeathTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lookup_whose_worker_dies_is_a_500_without_a_body_and_the_next_one_waits_for_the_new_worker()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Never;
        await using var app = await WorkerApp.StartAsync(wassist);
        var call = app.Http.GetAsync($"conversations/{Bodies.Id}", Token);
        await wassist.ReceivesAsync(1, Token);

        app.Host.KillWorker();
        using var response = await call;
        wassist.Answer = FakeWassist.Json(id => Bodies.Live(id));

        Assert.Equal((500, ""), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Token)));
        (await app.LookUpAsync()).IsSummary();
    }

    [Fact]
    public async Task After_the_third_death_the_host_starts_over_and_answers_again()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await WorkerApp.StartAsync(wassist);

        for (var death = 0; death < 3; death++)
        {
            var killed = app.Host.WorkerProcessId;
            app.Host.KillWorker();
            await Eventually.IsSoAsync(() => app.Host.WorkerProcessId is { } process && process != killed);
        }

        (await app.LookUpAsync()).IsSummary();
        Assert.Single(app.Host.Output, line => line.Contains("The worker died too often.", StringComparison.Ordinal));
    }
}
