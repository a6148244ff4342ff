using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Azure.Core;
using ConversationLookup.Redis;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace ConversationLookup.Tests.Redis;

/// <summary>Two instances with one Redis behave as one towards Wassist; without it each goes on alone.</summary>
public sealed class SharedStateTests
{
    private const string Other = "7c1e4b52-3f0a-4d7e-9b6f-000000000002";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_that_one_instance_got_serves_the_other_too()
    {
        await using var pair = await Pair.StartAsync(new() { ["Lookup:CacheSeconds"] = "60" });
        pair.Wassist.Answer = FakeWassist.Routes(list: FakeWassist.Raw("[]"u8.ToArray()), messages: FakeWassist.Raw("[]"u8.ToArray()));

        foreach (var path in new[] { $"conversations/{Bodies.Id}", "conversations?limit=3", $"conversations/{Bodies.Id}/messages" })
        {
            var first = await pair.A.GetAsync(path);
            Assert.Equal(200, first.StatusCode);
            await pair.IsKeptAsync();
            Assert.Equal(first.Text, (await pair.B.GetAsync(path)).Text);
        }

        Assert.Equal(3, pair.Wassist.Requests.Count);
    }

    [Fact]
    public async Task Who_wants_a_fresh_answer_gets_it_and_all_instances_have_it_then()
    {
        await using var pair = await Pair.StartAsync(new() { ["Lookup:CacheSeconds"] = "60" });
        await pair.A.LookUpAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"conversations/{Bodies.Id}") { Headers = { CacheControl = new CacheControlHeaderValue { NoCache = true } } };

        (await pair.B.SendAsync(request)).IsSummary();

        Assert.Equal(2, pair.Wassist.Requests.Count);
    }

    [Fact]
    public async Task What_another_version_of_the_app_keeps_or_somebody_broke_is_asked_for_again()
    {
        await using var pair = await Pair.StartAsync(new() { ["Lookup:CacheSeconds"] = "60" });
        await pair.A.LookUpAsync();
        await pair.IsKeptAsync();
        await pair.Redis.AskAsync(async (database, server) =>
        {
            foreach (var key in await Keys(server, "*"))
            {
                if (await database.KeyTypeAsync(key) == RedisType.Hash && !key.Contains(":stats", StringComparison.Ordinal))
                    await database.HashSetAsync(key, "data", "no conversation");
            }

            return true;
        });

        (await pair.B.LookUpAsync()).IsSummary();

        Assert.Equal(2, pair.Wassist.Requests.Count);
    }

    [Fact]
    public async Task The_budget_is_one_for_all_and_says_when_there_is_a_call_again()
    {
        await using var pair = await Pair.StartAsync(new() { ["Wassist:RequestsPerMinute"] = "10" }); // 4 of it for callers

        foreach (var app in new[] { pair.A, pair.B, pair.A, pair.B })
            (await app.LookUpAsync()).IsSummary();
        foreach (var app in new[] { pair.A, pair.B })
            Assert.InRange((await app.LookUpAsync()).Is(429, "upstream_rate_limited").RetryAfterSeconds, 55, 66);

        Assert.Equal(4, pair.Wassist.Requests.Count);
    }

    [Fact]
    public async Task Accounts_that_share_a_Redis_share_nothing_else()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var other = await FakeWassist.StartAsync();
        await using var redis = await RedisServer.StartOrSkipAsync();
        var settings = new Dictionary<string, string>
        {
            ["ConnectionStrings:Redis"] = redis.PatientAddress,
            ["Wassist:RequestsPerMinute"] = "1",
            ["Lookup:CacheSeconds"] = "60",
        };
        await using var one = await ConnectedAsync(App.StartAsync(wassist, settings));
        await using var another = await ConnectedAsync(App.StartAsync(other, settings));

        (await one.LookUpAsync()).IsSummary();
        (await another.LookUpAsync()).IsSummary();

        Assert.Equal((1, 1), (wassist.Requests.Count, other.Requests.Count));
    }

    [Fact]
    public async Task When_Wassist_asks_one_instance_to_wait_none_calls_before()
    {
        await using var pair = await Pair.StartAsync();
        pair.Wassist.Answer = FakeWassist.Status(429, "{}", ("Retry-After", "100"));
        (await pair.A.LookUpAsync()).Is(429, "upstream_rate_limited");

        var answer = (await pair.B.LookUpAsync(Other)).Is(429, "upstream_rate_limited");

        Assert.InRange(answer.RetryAfterSeconds, 80, 100);
        Assert.Single(pair.Wassist.Requests);
    }

    [Fact]
    public async Task A_key_that_was_refused_is_tried_by_no_other_instance_and_a_new_one_by_all()
    {
        await using var vault = await KeyVaultStandIn.StartAsync();
        vault.Secrets["wassist-api-key"] = "old-key";
        await using var pair = await Pair.StartAsync(vault: vault);
        pair.Wassist.AcceptedKey = "new-key";
        (await pair.A.LookUpAsync()).Is(424, "upstream_rejected_credentials");

        (await pair.B.LookUpAsync()).Is(424, "upstream_rejected_credentials");

        Assert.Single(pair.Wassist.Requests);
        Assert.Contains(pair.B.Logs.Own, line => line.Text.Contains("req-401", StringComparison.Ordinal));

        vault.Secrets["wassist-api-key"] = "new-key";
        await using var third = await pair.StartThirdAsync();
        (await third.LookUpAsync()).IsSummary();
        Assert.Equal(["old-key", "new-key"], pair.Wassist.Requests.Select(request => request.Key));
    }

    [Fact]
    public async Task Redis_killed_and_back_fails_no_lookup_and_is_said_once_each()
    {
        await using var pair = await Pair.StartAsync(new() { ["Lookup:CacheSeconds"] = "60" }, isPatient: false);
        (await pair.A.LookUpAsync()).IsSummary();
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(pair.A));
        await pair.A.Logs.SaysAsync(line => line.EventId == 6);

        await pair.Redis.KillAsync();
        await LookUpUntilAsync(pair.A, () => pair.A.Logs.Own.Any(line => line.EventId == 80));
        Assert.Equal(HealthStatus.Degraded, await HealthAsync(pair.A));

        await pair.Redis.RestartAsync();
        await LookUpUntilAsync(pair.A, () => pair.A.Logs.Own.Any(line => line.EventId == 81));
        Assert.DoesNotContain(pair.A.Logs.Lines, line => line.Level >= LogLevel.Error);
        Assert.Single(pair.A.Logs.Lines, line => line.Level == LogLevel.Warning && line.EventId == 80);

        await EventuallyAsync(async () =>
        {
            var id = NewId(); // what was asked while Redis was away each instance keeps for itself
            (await pair.A.LookUpAsync(id)).IsSummary();
            var asked = pair.Wassist.Requests.Count;
            (await pair.B.LookUpAsync(id)).IsSummary();
            return pair.Wassist.Requests.Count == asked;
        });
    }

    [Fact]
    public async Task A_Redis_that_stays_away_is_said_once_however_often_it_is_tried_again()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var wassist = await FakeWassist.StartAsync();
        await using var redis = await RedisServer.StartOrSkipAsync();
        await using var app = await ConnectedAsync(App.StartAsync(
            wassist,
            new Dictionary<string, string> { ["ConnectionStrings:Redis"] = redis.Address, ["Lookup:CacheSeconds"] = "60" },
            services => services.AddSingleton<TimeProvider>(time)));

        await redis.KillAsync();
        await LookUpUntilAsync(app, () => app.Logs.Own.Any(line => line.EventId == 80));
        for (var pause = 0; pause < 5; pause++)
        {
            time.Advance(TimeSpan.FromSeconds(6));
            (await LookUpAnyAsync(app)).IsSummary();
        }

        Assert.Single(app.Logs.Own, line => line.EventId == 80);
        await redis.RestartAsync();
        await LookUpUntilAsync(app, () =>
        {
            time.Advance(TimeSpan.FromSeconds(6));
            return app.Logs.Own.Any(line => line.EventId == 81);
        });
        Assert.Single(app.Logs.Own, line => line.EventId == 80);
    }

    [Fact]
    public async Task After_three_failures_within_ten_seconds_it_is_left_alone_for_five()
    {
        await using var redis = await RedisServer.StartOrSkipAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["ConnectionStrings:Redis"] = redis.PatientAddress, ["AzureWebJobsStorage"] = "" });
        var (shared, asked) = (core.Get<SharedState>(), 0);
        Assert.True(await shared.IsAnsweringAsync(Token));
        core.Time.Advance(TimeSpan.FromSeconds(11)); // from where that counts no more

        await FailAsync(2);
        Assert.DoesNotContain(core.Logs.Own, line => line.EventId == 80);
        await FailAsync(1);
        Assert.Single(core.Logs.Own, line => line.EventId == 80);
        await FailAsync(1);
        core.Time.Advance(TimeSpan.FromSeconds(4.9));
        await FailAsync(1);
        Assert.Equal(3, asked);
        core.Time.Advance(TimeSpan.FromSeconds(0.2));
        await FailAsync(1);
        Assert.Equal(4, asked);

        async Task FailAsync(int times)
        {
            for (var time = 0; time < times; time++)
            {
                await shared.TryAsync<string?>(
                    _ =>
                    {
                        asked++;
                        throw new RedisException("away");
                    },
                    Token);
            }
        }
    }

    [Fact]
    public async Task A_frozen_Redis_fails_no_lookup()
    {
        await using var pair = await Pair.StartAsync(new() { ["Wassist:RequestsPerMinute"] = "100", ["Lookup:CacheSeconds"] = "60" }, isPatient: false);
        (await pair.A.LookUpAsync()).IsSummary();
        await pair.Redis.FreezeAsync();

        for (var lookup = 0; lookup < 10; lookup++)
            (await LookUpAnyAsync(pair.A)).IsSummary();

        Assert.Equal(11, pair.Wassist.Requests.Count);
        await pair.Redis.ThawAsync();
    }

    [Fact]
    public async Task What_the_shared_budget_gave_counts_when_an_instance_is_alone_again()
    {
        await using var pair = await Pair.StartAsync(new() { ["Wassist:RequestsPerMinute"] = "10" }, isPatient: false);
        for (var lookup = 0; lookup < 4; lookup++)
            (await pair.A.LookUpAsync()).IsSummary();
        await pair.Redis.KillAsync();

        (await pair.A.LookUpAsync()).Is(429, "upstream_rate_limited");
        (await pair.B.LookUpAsync()).IsSummary();
    }

    [Fact]
    public async Task A_Redis_that_was_never_there_stops_nothing()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist, new Dictionary<string, string> { ["ConnectionStrings:Redis"] = $"127.0.0.1:{LocalServer.FreePort()}" });

        (await app.LookUpAsync()).IsSummary();

        Assert.Equal(HealthStatus.Degraded, await HealthAsync(app));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_listens_hears_what_is_told_whether_or_not_it_was_connected_before(bool wasConnected)
    {
        await using var redis = await RedisServer.StartOrSkipAsync();
        await using var a = redis.Connect();
        await using var b = redis.Connect();
        if (wasConnected)
            await EventuallyAsync(() => b.IsAnsweringAsync(Token));
        var heard = new ConcurrentQueue<string>();

        b.Listen("news", heard.Enqueue);
        await EventuallyAsync(() => b.IsAnsweringAsync(Token));

        await EventuallyAsync(async () => // what is told before Redis has taken note is heard by nobody
        {
            await a.PublishAsync("news", "told", Token);
            return !heard.IsEmpty;
        });
    }

    [Fact]
    public async Task While_Redis_is_away_nobody_waits_until_it_is_back()
    {
        await using var redis = await RedisServer.StartOrSkipAsync();
        await using var state = redis.Connect();
        await EventuallyAsync(() => state.IsAnsweringAsync(Token));
        await redis.KillAsync();
        Assert.False(await state.IsAnsweringAsync(Token)); // this one may have found it half gone

        var asked = state.IsAnsweringAsync(Token);
        await redis.RestartAsync();

        Assert.False(await asked);
    }

    [Fact]
    public async Task The_names_of_what_is_kept_tell_nothing_of_anybody()
    {
        await using var pair = await Pair.StartAsync(new() { ["Wassist:RequestsPerMinute"] = "10", ["Lookup:CacheSeconds"] = "60" });
        pair.Wassist.Answer = FakeWassist.Routes(list: FakeWassist.Raw("[]"u8.ToArray()));
        await pair.A.LookUpAsync();
        (await pair.A.GetAsync("conversations?contactPhoneNumber=%2B447700900222")).IsConversationPage();
        await pair.IsKeptAsync();

        var keys = await pair.Redis.AskAsync((_, server) => Keys(server, "*"));

        Assert.InRange(keys.Count, 4, 10); // two answers, the calls of a part, and the library's count of them
        Assert.All(keys, key =>
        {
            Assert.DoesNotContain("447700900222", key, StringComparison.Ordinal);
            Assert.DoesNotContain(Bodies.Id, key, StringComparison.Ordinal);
            Assert.DoesNotContain(FakeWassist.Key, key, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_user_without_a_password_signs_in_with_the_apps_identity_and_with_a_fresh_token_each_time()
    {
        await using var redis = await RedisServer.StartOrSkipAsync();
        await redis.RequireSignInAsync();
        await redis.ExecuteAsync("ACL", "SETUSER", "object-id", "on", ">token-1", "~*", "&*", "+@all");
        await using var wassist = await FakeWassist.StartAsync();
        var identity = new Tokens();
        await using var app = await ConnectedAsync(App.StartAsync(
            wassist,
            new Dictionary<string, string> { ["ConnectionStrings:Redis"] = $"{redis.Address},user=object-id", ["Lookup:CacheSeconds"] = "60" },
            services => services.AddSingleton<TokenCredential>(identity)));

        (await app.LookUpAsync()).IsSummary();
        Assert.Equal(["object-id"], await UsersAsync(redis));

        await redis.ExecuteAsync("ACL", "SETUSER", "object-id", "<token-1", ">token-2");
        await redis.ExecuteAsync("CLIENT", "KILL", "USER", "object-id");
        (await LookUpAnyAsync(app)).IsSummary(); // while the token is the old one
        identity.Token = "token-2";
        await EventuallyAsync(async () =>
        {
            (await LookUpAnyAsync(app)).IsSummary();
            return (await UsersAsync(redis)).Contains("object-id");
        });
        Assert.All(identity.Scopes, scope => Assert.Equal("https://redis.azure.com/.default", scope));
    }

    /// <summary>Until it is connected an instance keeps to its own.</summary>
    private static async Task<App> ConnectedAsync(Task<App> starting)
    {
        var app = await starting;
        await EventuallyAsync(() => app.Services.GetRequiredService<SharedState>().IsAnsweringAsync(Token));
        return app;
    }

    /// <summary>What the route would say if it did not keep it for a few seconds.</summary>
    private static async Task<HealthStatus> HealthAsync(App app) =>
        (await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "redis", Token)).Status;

    private static int _any;

    /// <summary>Of a conversation that nobody has looked up before.</summary>
    private static Task<Answer> LookUpAnyAsync(App app) => app.LookUpAsync(NewId());

    private static string NewId() => $"7c1e4b52-3f0a-4d7e-9b6f-{Interlocked.Increment(ref _any):x12}";

    /// <summary>Looks up, and every lookup is answered, until something is so.</summary>
    private static Task LookUpUntilAsync(App app, Func<bool> isSo) => EventuallyAsync(async () =>
    {
        (await LookUpAnyAsync(app)).IsSummary();
        return isSo();
    });

    private static async Task<IReadOnlyList<string>> UsersAsync(RedisServer redis) => await redis.AskAsync(async (_, server) =>
        (await server.ExecuteAsync("CLIENT", "LIST")).ToString().Split('\n')
            .Where(client => client.Contains("name=conversation-lookup", StringComparison.Ordinal))
            .SelectMany(client => client.Split(' ').Where(part => part.StartsWith("user=", StringComparison.Ordinal)).Select(part => part["user=".Length..]))
            .Distinct().ToList());

    private static async Task<List<string>> Keys(IServer server, string pattern)
    {
        var keys = new List<string>();
        await foreach (var key in server.KeysAsync(pattern: pattern))
            keys.Add(key.ToString());
        return keys;
    }

    private static async Task EventuallyAsync(Func<Task<bool>> isSo)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Token);
        bound.CancelAfter(TimeSpan.FromMinutes(2));
        while (!await isSo())
            await Task.Delay(50, bound.Token);
    }

    private sealed class Tokens : TokenCredential
    {
        public string Token { get; set; } = "token-1";

        public ConcurrentQueue<string> Scopes { get; } = [];

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Scopes.Enqueue(requestContext.Scopes.Single());
            return new(Token, DateTimeOffset.UtcNow.AddHours(1));
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }

    /// <summary>Two instances of one app.</summary>
    [Fact]
    public async Task What_one_instance_changes_no_instance_answers_from_before()
    {
        await using var pair = await Pair.StartAsync(new() { ["Lookup:CacheSeconds"] = "60", ["Actions:Allowed"] = "all" });
        var wassist = new ActingWassist();
        pair.Wassist.Answer = wassist.AnswerAsync;
        foreach (var app in new[] { pair.A, pair.B })
            Assert.False((await app.LookUpAsync()).IsSummary()["isHumanTakeover"].GetBoolean());

        Assert.Equal(200, (await Actions.ActingApp.PostAsync(pair.A, $"conversations/{Bodies.Id}/takeover", null)).StatusCode);

        Assert.True((await pair.A.LookUpAsync()).IsSummary()["isHumanTakeover"].GetBoolean());
        await EventuallyAsync(async () => (await pair.B.LookUpAsync()).IsSummary()["isHumanTakeover"].GetBoolean());
    }

    private sealed class Pair : IAsyncDisposable
    {
        private readonly Func<Task<App>> _start;

        private Pair(FakeWassist wassist, RedisServer redis, App a, App b, Func<Task<App>> start) => (Wassist, Redis, A, B, _start) = (wassist, redis, a, b, start);

        public FakeWassist Wassist { get; }

        public RedisServer Redis { get; }

        public App A { get; }

        public App B { get; }

        public static async Task<Pair> StartAsync(Dictionary<string, string>? settings = null, KeyVaultStandIn? vault = null, bool isPatient = true)
        {
            var redis = await RedisServer.StartOrSkipAsync();
            var wassist = await FakeWassist.StartAsync();
            var all = new Dictionary<string, string>(settings ?? []) { ["ConnectionStrings:Redis"] = isPatient ? redis.PatientAddress : redis.Address };
            return new Pair(wassist, redis, await StartOneAsync(), await StartOneAsync(), StartOneAsync);

            Task<App> StartOneAsync() => ConnectedAsync(vault?.StartAppAsync(wassist, settings: all) ?? App.StartAsync(wassist, all));
        }

        public Task<App> StartThirdAsync() => _start();

        /// <summary>An answer is kept for others after it was given.</summary>
        public Task IsKeptAsync() => EventuallyAsync(async () =>
            await Redis.AskAsync(async (_, server) => (await Keys(server, "conversation-lookup:*")).Count > 0));

        public async ValueTask DisposeAsync()
        {
            await A.DisposeAsync();
            await B.DisposeAsync();
            await Redis.DisposeAsync();
            await Wassist.DisposeAsync();
        }
    }
}
