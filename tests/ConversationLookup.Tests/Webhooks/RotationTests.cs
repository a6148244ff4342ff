using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Webhooks;

/// <summary>Wassist's rotation makes the old secret invalid at once; until the operator has stored the new one, its own tries bridge the gap.</summary>
public sealed class RotationTests
{
    private const string NewSecret = "the-next-secret";

    /// <summary>When Wassist sends an event: at once, and again after 10, 30 and 90 seconds.</summary>
    private static readonly int[] Tries = [0, 10, 40, 130];

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(39)]
    [InlineData(60)]
    [InlineData(99)]
    public async Task An_event_is_taken_at_a_later_try_when_the_new_secret_is_stored_meanwhile(int storedAfter)
    {
        await using var around = await Around.StartAsync();
        var rotatedAt = around.Time.GetUtcNow();
        var received = around.SignedByWassist();
        var statuses = new List<int>();

        for (var second = 0; second <= Tries[^1] && !statuses.Contains(202); second++)
        {
            if (second == storedAfter)
                around.Vault.Secrets["wassist-webhook-secret"] = NewSecret;
            if (Tries.Contains(second))
                statuses.Add((await around.App.ReceiveAsync(received)).StatusCode);
            else if (second % 7 == 0)
                await around.App.ReceiveAsync(around.SignedByWassist()); // others come, too, and ask for the vault
            around.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(202, statuses[^1]);
        Assert.All(statuses.SkipLast(1), status => Assert.Equal(503, status));
        Assert.InRange(around.Time.GetUtcNow() - rotatedAt, TimeSpan.Zero, TimeSpan.FromSeconds(131));
    }

    [Fact]
    public async Task When_to_come_again_is_when_the_vault_may_be_asked_again()
    {
        await using var around = await Around.StartAsync();
        var before = around.Vault.ReadsOf("wassist-webhook-secret");

        Assert.Equal(30, await around.RefusedForAsync());
        around.Time.Advance(TimeSpan.FromSeconds(11.5));
        Assert.Equal(19, await around.RefusedForAsync());
        Assert.Equal(before + 1, around.Vault.ReadsOf("wassist-webhook-secret"));

        around.Vault.Secrets["wassist-webhook-secret"] = NewSecret;
        around.Time.Advance(TimeSpan.FromSeconds(19));
        Assert.Equal(202, (await around.App.ReceiveAsync(around.SignedByWassist())).StatusCode);
        Assert.Equal(before + 2, around.Vault.ReadsOf("wassist-webhook-secret"));
    }

    [Fact]
    public async Task A_vault_that_is_away_during_a_rotation_loses_nothing_either()
    {
        await using var around = await Around.StartAsync();
        around.Vault.Secrets["wassist-webhook-secret"] = NewSecret;
        around.Vault.Fault = KeyVaultStandIn.Error(403, "Forbidden");

        await around.RefusedForAsync();
        around.Vault.Fault = null;
        around.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(202, (await around.App.ReceiveAsync(around.SignedByWassist())).StatusCode);
    }

    [Fact]
    public async Task Health_says_what_to_do_until_a_signature_is_known_again()
    {
        await using var core = await Core.StartAsync();
        SignedEvent Event(string secret) => new() { SigningSecret = secret, At = core.Time.GetUtcNow(), Body = SignedEvent.WindowExpiring("test.ping") };

        Assert.Equal(200, (await core.ReceiveAsync(Event(SignedEvent.Secret))).Status);
        Assert.Equal(HealthStatus.Healthy, (await TriggersAsync(core)).Status);

        core.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(503, (await core.ReceiveAsync(Event(NewSecret))).Status);
        var degraded = await TriggersAsync(core);
        Assert.Equal(HealthStatus.Degraded, degraded.Status);
        Assert.Contains("store the new one as 'wassist-webhook-secret' now", degraded.Description, StringComparison.Ordinal);

        core.Get<IConfiguration>()["Wassist:WebhookSecret"] = NewSecret;
        core.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(200, (await core.ReceiveAsync(Event(NewSecret))).Status);
        Assert.Equal(HealthStatus.Healthy, (await TriggersAsync(core)).Status);
    }

    [Fact]
    public async Task Health_forgets_a_signature_that_nobody_knew_after_a_quarter_of_an_hour()
    {
        await using var core = await Core.StartAsync();

        await core.ReceiveAsync(new SignedEvent { SigningSecret = "a forger's", At = core.Time.GetUtcNow() });
        core.Time.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        Assert.Equal(HealthStatus.Degraded, (await TriggersAsync(core)).Status);
        core.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HealthStatus.Healthy, (await TriggersAsync(core)).Status);
    }

    [Fact]
    public async Task Health_also_names_what_else_is_wrong()
    {
        await using var core = await Core.StartAsync();
        await core.ReceiveAsync(new SignedEvent { SigningSecret = "a forger's", At = core.Time.GetUtcNow() });
        await core.Storage.UseQueueAsync(
            StorageNames.Events + AppStorage.PoisonSuffix, (queue, ended) => queue.SendMessageAsync("x", ended), TestContext.Current.CancellationToken);

        var degraded = (await TriggersAsync(core)).Description;

        Assert.Contains("wassist-webhook-secret", degraded, StringComparison.Ordinal);
        Assert.Contains($"1 in '{StorageNames.Events}-poison'", degraded, StringComparison.Ordinal);
    }

    private static async Task<HealthReportEntry> TriggersAsync(Core core) =>
        (await core.Get<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken)).Entries["triggers"];

    /// <summary>An app that has the old secret, from a vault that has no other yet.</summary>
    private sealed class Around(FakeWassist wassist, KeyVaultStandIn vault, App app, FakeTimeProvider time) : IAsyncDisposable
    {
        public KeyVaultStandIn Vault => vault;

        public App App => app;

        public FakeTimeProvider Time => time;

        public static async Task<Around> StartAsync()
        {
            var wassist = await FakeWassist.StartAsync();
            var vault = await KeyVaultStandIn.StartAsync();
            vault.Secrets["wassist-webhook-secret"] = SignedEvent.Secret;
            var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
            var app = await vault.StartAppAsync(
                wassist,
                services => services.AddSingleton<TimeProvider>(time),
                new Dictionary<string, string> { ["AzureWebJobsStorage"] = await Azurite.NewAccountAsync() });
            Assert.Equal(202, (await app.ReceiveAsync(new SignedEvent { At = time.GetUtcNow() })).StatusCode);
            return new Around(wassist, vault, app, time);
        }

        /// <summary>An event after the rotation.</summary>
        public SignedEvent SignedByWassist() => new() { SigningSecret = NewSecret, At = time.GetUtcNow() };

        /// <returns>After how many seconds to come again.</returns>
        public async Task<int> RefusedForAsync() => (await app.ReceiveAsync(SignedByWassist())).Is(503, "signature_unknown").RetryAfterSeconds;

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            await vault.DisposeAsync();
            await wassist.DisposeAsync();
        }
    }
}
