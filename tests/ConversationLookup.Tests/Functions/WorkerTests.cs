using System.Collections.Concurrent;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Functions;

/// <summary>The main job in the worker as it is deployed: a trigger, the key from the vault as the app's identity, a payload.</summary>
public sealed class WorkerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lookup_reads_the_key_from_the_vault_with_the_managed_identity_and_answers_the_payload()
    {
        await using var azure = await AzureAround.StartAsync();

        (await azure.App.LookUpAsync()).IsSummary();

        Assert.Equal("https://vault.azure.net", Assert.Single(azure.Identity.Asked));
        Assert.Equal(FakeWassist.Key, Assert.Single(azure.Wassist.Requests).Key);
        Assert.Contains(azure.App.Host.Output, line => line.Contains($"Secrets come from the key vault {azure.Vault.Url}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Lookups_that_run_while_the_key_is_rotated_all_succeed()
    {
        await using var azure = await AzureAround.StartAsync();
        using var stop = new CancellationTokenSource();
        var answers = new ConcurrentBag<int>();

        var callers = Enumerable.Range(0, 8).Select(_ => CallAsync()).ToArray();
        await WaitForAsync(100);
        azure.Vault.Secrets["wassist-api-key"] = "new-key";
        azure.Wassist.AcceptedKey = "new-key";
        await WaitForAsync(answers.Count + 200);
        await stop.CancelAsync();
        await Task.WhenAll(callers);

        Assert.All(answers, status => Assert.Equal(200, status));
        Assert.Equal(2, azure.Vault.ReadsOf("wassist-api-key"));

        async Task CallAsync()
        {
            while (!stop.IsCancellationRequested)
                answers.Add((await azure.App.LookUpAsync(Guid.NewGuid().ToString())).StatusCode);
        }

        Task WaitForAsync(int count) => Eventually.IsSoAsync(() => answers.Count >= count);
    }

    [Fact]
    public async Task The_maintenance_runs_when_its_timer_fires()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await WorkerApp.StartAsync(wassist);

        Assert.True(await app.Host.RunTimerAsync("RunMaintenance", Token), string.Join(Environment.NewLine, app.Host.Output));
    }

    [Fact]
    public async Task The_webhook_is_looked_at_when_its_timer_fires_at_the_address_that_azure_gives_the_app()
    {
        await using var wassist = await FakeWassist.StartAsync();
        var webhooks = new FakeWebhooks();
        webhooks.Add("https://func-1.azurewebsites.net/api/webhooks/wassist", active: false);
        wassist.Answer = webhooks.AnswerAsync;
        await using var app = await WorkerApp.StartAsync(wassist, new Dictionary<string, string> { ["WEBSITE_HOSTNAME"] = "func-1.azurewebsites.net" });
        await using var flow = await FakeFlow.StartAsync();
        await app.SubscribeAsync(flow);

        Assert.True(await app.Host.RunTimerAsync("WatchWebhook", Token), string.Join(Environment.NewLine, app.Host.Output));

        Assert.Contains("switched off in Wassist", (await app.GetAsync("health")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_hangs_up_ends_the_call_to_Wassist()
    {
        await using var wassist = await FakeWassist.StartAsync();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        wassist.Answer = async context =>
        {
            await FakeWassist.Never(context);
            ended.SetResult();
        };
        await using var app = await WorkerApp.StartAsync(wassist);
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var call = app.Http.GetAsync($"conversations/{Bodies.Id}", hangUp.Token);
        await wassist.ReceivesAsync(1, Token);
        await hangUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await ended.Task.WaitAsync(Token);
    }

    /// <summary>Everything of Azure that the app meets, and the app in the middle.</summary>
    private sealed class AzureAround(FakeWassist wassist, KeyVaultStandIn vault, ManagedIdentity identity, WorkerApp app) : IAsyncDisposable
    {
        public FakeWassist Wassist => wassist;

        public KeyVaultStandIn Vault => vault;

        public ManagedIdentity Identity => identity;

        public WorkerApp App => app;

        public static async Task<AzureAround> StartAsync()
        {
            var wassist = await FakeWassist.StartAsync();
            var vault = await KeyVaultStandIn.StartAsync();
            var identity = await ManagedIdentity.StartAsync(KeyVaultStandIn.Token);
            return new AzureAround(wassist, vault, identity, await WorkerApp.StartAsync(wassist, new Dictionary<string, string>(identity.Environment)
            {
                ["Wassist__ApiKey"] = "",
                ["KeyVault__Uri"] = vault.Url,
                ["SSL_CERT_FILE"] = LocalServer.CertificateFile,
                ["AzureWebJobsStorage"] = "", // lookups need none
            }));
        }

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            await identity.DisposeAsync();
            await vault.DisposeAsync();
            await wassist.DisposeAsync();
        }
    }
}
