using System.Diagnostics;
using ConversationLookup.Tests.Support;
using ConversationLookup.Wassist;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Secrets;

/// <summary>The real <c>SecretClient</c> against a vault on a real HTTPS socket, seen through lookups.</summary>
public sealed class KeyVaultTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_key_comes_from_the_vault_after_its_challenge_and_is_read_once()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        await using var app = await vault.StartAppAsync(wassist);

        for (var lookup = 0; lookup < 5; lookup++)
            (await app.LookUpAsync()).IsSummary();

        Assert.Equal(1, vault.ReadsOf("wassist-api-key"));
        await app.Logs.SaysAsync(line => line.EventId == 1 && line.Text.Contains(vault.Url, StringComparison.Ordinal));
    }

    [Fact]
    public async Task In_azure_the_token_comes_from_the_managed_identity_and_nothing_is_a_stand_in_but_azure()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        await using var identity = await ManagedIdentity.StartAsync(KeyVaultStandIn.Token);
        var port = LocalServer.FreePort();
        await using var host = LocalHostProcess.Start(
            ["--urls", $"http://localhost:{port}"],
            new Dictionary<string, string>(identity.Environment)
            {
                ["Wassist__BaseUrl"] = wassist.Url,
                ["KeyVault__Uri"] = vault.Url,
                ["SSL_CERT_FILE"] = LocalServer.CertificateFile,
            });

        await host.ReadyAsync();
        await host.SaysAsync($"Secrets come from the key vault {vault.Url}");
        using var http = new HttpClient();
        using var response = await http.GetAsync($"http://localhost:{port}/api/conversations/{Bodies.Id}", Token);

        (await Answer.ReadAsync(response)).IsSummary();
        Assert.Equal("https://vault.azure.net", Assert.Single(identity.Asked));
    }

    [Fact]
    public async Task Both_secrets_are_read_by_their_names()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        vault.Secrets["wassist-webhook-secret"] = "whsec_test";
        await using var app = await vault.StartAppAsync(wassist);
        var secrets = app.Services.GetRequiredService<WassistSecrets>();

        Assert.Equal(FakeWassist.Key, await secrets.ApiKey.GetAsync(Token));
        Assert.Equal("whsec_test", await secrets.WebhookSecret.GetAsync(Token));
    }

    [Fact]
    public async Task A_rotated_key_is_picked_up_by_the_lookup_that_finds_the_old_one_refused()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        await using var app = await vault.StartAppAsync(wassist);
        (await app.LookUpAsync()).IsSummary();

        vault.Secrets["wassist-api-key"] = "new-key";
        wassist.AcceptedKey = "new-key";

        (await app.LookUpAsync()).IsSummary();
        Assert.Equal(2, vault.ReadsOf("wassist-api-key"));
        Assert.Equal([FakeWassist.Key, FakeWassist.Key, "new-key"], wassist.Requests.Select(request => request.Key));
        Assert.Single(app.Logs.Own, line => line.EventId == 21);
    }

    [Fact]
    public async Task A_key_that_is_rotated_when_all_tries_have_failed_but_the_last_is_picked_up_all_the_same()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        await using var app = await vault.StartAppAsync(wassist);
        wassist.Answer = FakeWassist.InTurn(
            FakeWassist.Status(503),
            context =>
            {
                (vault.Secrets["wassist-api-key"], wassist.AcceptedKey) = ("new-key", "new-key");
                return FakeWassist.Status(503)(context);
            },
            FakeWassist.Json(id => Bodies.Live(id)));

        (await app.LookUpAsync()).IsSummary();

        Assert.Equal([FakeWassist.Key, FakeWassist.Key, FakeWassist.Key, "new-key"], wassist.Requests.Select(request => request.Key));
    }

    [Fact]
    public async Task Lookups_that_run_while_the_key_is_rotated_all_succeed()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        await using var app = await vault.StartAppAsync(wassist);
        using var stop = new CancellationTokenSource();
        var answers = new System.Collections.Concurrent.ConcurrentBag<int>();

        var callers = Enumerable.Range(0, 8).Select(_ => CallAsync()).ToArray();
        await WaitForAsync(100);
        vault.Secrets["wassist-api-key"] = "new-key";
        wassist.AcceptedKey = "new-key";
        await WaitForAsync(answers.Count + 200);
        await stop.CancelAsync();
        await Task.WhenAll(callers);

        Assert.All(answers, status => Assert.Equal(200, status));
        Assert.Equal(2, vault.ReadsOf("wassist-api-key"));

        async Task CallAsync()
        {
            while (!stop.IsCancellationRequested)
                answers.Add((await app.LookUpAsync(Guid.NewGuid().ToString())).StatusCode);
        }

        Task WaitForAsync(int count) => Eventually.IsSoAsync(() => answers.Count >= count);
    }

    [Fact]
    public async Task A_key_that_stays_refused_is_a_424_and_neither_wassist_nor_the_vault_is_asked_each_time()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.AcceptedKey = "something else";
        await using var vault = await KeyVaultStandIn.StartAsync();
        await using var app = await vault.StartAppAsync(wassist);

        for (var lookup = 0; lookup < 20; lookup++)
            (await app.LookUpAsync()).Is(424, "upstream_rejected_credentials");

        Assert.Equal(2, vault.ReadsOf("wassist-api-key"));
        Assert.Single(wassist.Requests);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task Both_ways_to_refuse_a_key_have_it_read_again(int status)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(status);
        await using var vault = await KeyVaultStandIn.StartAsync();
        await using var app = await vault.StartAppAsync(wassist);

        (await app.LookUpAsync()).Is(424, "upstream_rejected_credentials");

        Assert.Equal(2, vault.ReadsOf("wassist-api-key"));
    }

    public static TheoryData<string, int, string, string> Refusals => new()
    {
        { "missing", 404, "SecretNotFound", "has no secret 'wassist-api-key'" },
        { "disabled", 403, "Forbidden", "secret is enabled" },
        { "no role", 403, "ForbiddenByRbac", "Key Vault Secrets User" },
        { "failing", 500, "InternalServerError", "failing" },
        { "throttled", 429, "Throttled", "failing" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_vault_that_refuses_is_a_503_that_says_what_to_do(string when, int status, string error, string advice)
    {
        Assert.NotNull(when);
        var time = new FakeTimeProvider();
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        vault.Fault = KeyVaultStandIn.Error(status, error);
        await using var app = await vault.StartAppAsync(wassist, services => services.AddSingleton<TimeProvider>(time));

        var answer = (await app.LookUpAsync()).Is(503, "secret_unavailable");

        Assert.Contains(advice, answer.Detail, StringComparison.Ordinal);
        Assert.InRange(answer.RetryAfterSeconds, 1, 60);
        Assert.DoesNotContain("a message with details", answer.Text, StringComparison.Ordinal);
        Assert.Empty(wassist.Requests);

        var health = await app.GetAsync("health");
        Assert.Equal((503, "unhealthy"), (health.StatusCode, health["status"].GetString()));
        Assert.Contains(advice, health.Text, StringComparison.Ordinal);

        vault.Fault = null;
        time.Advance(TimeSpan.FromSeconds(5));
        (await app.LookUpAsync()).IsSummary();
    }

    [Fact]
    public async Task A_vault_that_hangs_up_is_a_503()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        vault.Fault = FakeWassist.HangUp;
        await using var app = await vault.StartAppAsync(wassist);

        Assert.Contains("cannot be reached", (await app.LookUpAsync()).Is(503, "secret_unavailable").Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vault_that_does_not_answer_is_a_503_after_ten_seconds()
    {
        var time = new FakeTimeProvider();
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        vault.Fault = FakeWassist.Never;
        await using var app = await vault.StartAppAsync(wassist, services => services.AddSingleton<TimeProvider>(time));

        (await app.LookUpWhileTimePassesAsync(time)).Is(503, "secret_unavailable");
    }

    [Fact]
    public async Task A_vault_that_fails_once_is_asked_again_at_once()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        vault.Fault = context =>
        {
            vault.Fault = null;
            return KeyVaultStandIn.Error(503, "ServiceUnavailable")(context);
        };
        await using var app = await vault.StartAppAsync(wassist);

        (await app.LookUpAsync()).IsSummary();
    }

    [Fact]
    public async Task The_last_good_key_outlives_an_outage_of_the_vault_and_health_says_so()
    {
        var time = new FakeTimeProvider();
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        await using var app = await vault.StartAppAsync(wassist, services => services.AddSingleton<TimeProvider>(time));
        (await app.LookUpAsync()).IsSummary();

        vault.Fault = KeyVaultStandIn.Error(503, "ServiceUnavailable");
        time.Advance(TimeSpan.FromMinutes(11));
        (await app.LookUpAsync()).IsSummary();
        var key = app.Services.GetRequiredService<WassistSecrets>().ApiKey;
        await Eventually.IsSoAsync(() => key.LastFailure is not null);

        (await app.LookUpAsync()).IsSummary();
        var health = await app.GetAsync("health");
        Assert.Equal((200, "degraded"), (health.StatusCode, health["status"].GetString()));
        Assert.Contains("the last good one is in use", health.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_pasted_with_a_line_break_works()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        vault.Secrets["wassist-api-key"] = FakeWassist.Key + "\n";
        await using var app = await vault.StartAppAsync(wassist);

        (await app.LookUpAsync()).IsSummary();
    }

    [Fact]
    public async Task No_secret_and_no_personal_data_is_in_any_log_trace_or_answer_whatever_fails()
    {
        var spans = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => spans.Enqueue(
                $"{span.DisplayName} {string.Join(' ', span.TagObjects)} {string.Join(' ', span.Baggage)} {string.Join(' ', span.Events.SelectMany(entry => entry.Tags))} {span.StatusDescription}"),
        };
        ActivitySource.AddActivityListener(listener);
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        await using var app = await vault.StartAppAsync(wassist);
        var answers = new List<string>();

        RequestDelegate[] faults =
        [
            FakeWassist.Status(500), FakeWassist.Status(404), FakeWassist.Status(429), FakeWassist.Status(302, "", ("Location", "http://localhost/")),
            FakeWassist.HangUp, FakeWassist.Raw("no json"u8.ToArray()), FakeWassist.Raw(new byte[2_000_000]),
        ];
        foreach (var fault in faults)
        {
            wassist.Answer = fault;
            answers.Add((await app.LookUpAsync(query: "?code=function-key-do-not-leak")).Text);
        }

        wassist.Answer = FakeWassist.Json(Bodies.Live);
        (await app.LookUpAsync(query: "?code=function-key-do-not-leak")).IsSummary();
        wassist.Answer = FakeWassist.Status(401); // the last, because nobody calls for a while after it
        answers.Add((await app.LookUpAsync(query: "?code=function-key-do-not-leak")).Text);
        answers.Add((await app.GetAsync("health")).Text);

        Assert.True(app.Logs.Own.Count() >= faults.Length);
        Assert.Contains(spans, span => span.Contains(wassist.Url, StringComparison.Ordinal));
        foreach (var secret in new[] { "do-not-leak", "447700900222", "Amara", "delivery address" })
        {
            Assert.DoesNotContain(answers, text => text.Contains(secret, StringComparison.Ordinal));
            Assert.DoesNotContain(spans, span => span.Contains(secret, StringComparison.Ordinal));
            // ASP.NET Core's own request log, off unless an operator turns it on, names the path with its query string.
            Assert.DoesNotContain(
                app.Logs.Lines.Where(line => !line.Category.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal)),
                line => line.Text.Contains(secret, StringComparison.Ordinal));
        }
    }
}
