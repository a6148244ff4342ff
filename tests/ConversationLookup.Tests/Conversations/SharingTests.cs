using ConversationLookup.Conversations;
using ConversationLookup.Tests.Support;
using ConversationLookup.Wassist;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Tests.Conversations;

/// <summary>One upstream call for many callers, and for how long its answer is kept.</summary>
public sealed class SharingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("0", "")]
    [InlineData("300", "")]
    [InlineData("0", "no-cache")]
    [InlineData("300", "no-cache")]
    public async Task A_thousand_callers_at_once_share_one_upstream_call(string cacheSeconds, string cacheControl)
    {
        var gate = new Gate();
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = gate.Then(FakeWassist.Json(Bodies.Live));
        await using var app = await StartAsync(wassist, cacheSeconds);
        using var lookups = new MetricCollector(app, "conversation_lookup.lookups");

        // All of them are in the app before the one call is answered: each is counted when its handler has begun to wait.
        var callers = Enumerable.Range(0, 1000).Select(_ => LookUpAsync(app, cacheControl)).ToArray();
        await gate.Arrived;
        await app.EventuallyWaitingAsync(1000);
        gate.Open();

        Assert.All(await Task.WhenAll(callers), answer => answer.IsSummary());
        Assert.Single(wassist.Requests);
        Assert.Equal(
            [("kind=conversation source=shared", 999), ("kind=conversation source=upstream", 1)],
            lookups.Measured.GroupBy(measured => measured).Select(source => (source.Key, source.Count())).OrderBy(source => source.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_caller_who_looked_into_the_cache_just_before_the_answer_was_there_gets_it_without_a_call()
    {
        await using var wassist = await FakeWassist.StartAsync();
        using var memory = new HeldMemory();
        await using var app = await StartAsync(wassist, "300", services => services.AddSingleton<IMemoryCache>(memory));
        using var lookups = new MetricCollector(app, "conversation_lookup.lookups");

        memory.HoldNextLook();
        var late = app.LookUpAsync();
        await memory.Held;
        var first = (await app.LookUpAsync()).IsSummary();
        memory.Release();

        Assert.Equal(first.Text, (await late).Text);
        Assert.Single(wassist.Requests);
        Assert.Equal(["kind=conversation source=upstream", "kind=conversation source=shared"], lookups.Measured);
    }

    [Fact]
    public async Task A_caller_who_found_too_old_an_answer_just_before_a_newer_one_was_there_gets_that_without_a_call()
    {
        await using var wassist = await FakeWassist.StartAsync();
        using var memory = new HeldMemory();
        await using var app = await StartAsync(wassist, "300", services => services.AddSingleton<IMemoryCache>(memory));
        var cache = app.Services.GetRequiredService<AnswerCache>();
        var (keeping, asked) = (new Keeping(60), DateTimeOffset.UnixEpoch);

        await AskAsync(since: default);
        var since = asked.AddSeconds(1);
        memory.HoldNextLook();
        var late = Task.Run(() => AskAsync(since), Token);
        await memory.Held;
        var newer = await AskAsync(since);
        memory.Release();

        Assert.Equal(since, newer.AskedAt);
        Assert.Same(newer, await late);

        async Task<Retrieved<string>> AskAsync(DateTimeOffset since) => await cache.ShareAsync(
            "test",
            "test",
            _ =>
            {
                asked = asked.AddSeconds(1);
                return Task.FromResult(new Retrieved<string>("answer", asked, asked));
            },
            keeping,
            fresh: false,
            since,
            Token);
    }

    [Fact]
    public async Task Different_conversations_are_different_calls()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await StartAsync(wassist, "300");
        var ids = Enumerable.Range(0, 20).Select(_ => Guid.NewGuid().ToString()).ToArray();

        var answers = await Task.WhenAll(ids.Select(id => app.LookUpAsync(id)));

        Assert.Equal(ids, answers.Select(answer => answer.IsSummary()["id"].GetString()));
        Assert.Equal(20, wassist.Requests.Count);
    }

    [Fact]
    public async Task An_answer_is_handed_out_again_while_it_is_kept_with_every_choice_of_fields()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await StartAsync(wassist, "300");
        using var lookups = new MetricCollector(app, "conversation_lookup.lookups");

        (await app.LookUpAsync()).IsSummary();
        (await app.LookUpAsync(Bodies.Id.ToUpperInvariant())).IsSummary();
        Assert.Equal(2, (await app.LookUpAsync(query: "?fields=isActive")).Body.EnumerateObject().Count());

        Assert.Single(wassist.Requests);
        Assert.Equal(["kind=conversation source=upstream", "kind=conversation source=cached", "kind=conversation source=cached"], lookups.Measured);
    }

    [Fact]
    public async Task An_answer_is_not_kept_when_the_cache_is_off()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await StartAsync(wassist, "0");

        (await app.LookUpAsync()).IsSummary();
        (await app.LookUpAsync()).IsSummary();

        Assert.Equal(2, wassist.Requests.Count);
    }

    [Fact]
    public async Task A_caller_that_says_no_cache_gets_a_new_answer_and_leaves_it_for_the_others()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await StartAsync(wassist, "300");
        (await app.LookUpAsync()).IsSummary();
        wassist.Answer = FakeWassist.Json(_ => Bodies.With("contact.name", "\"Renamed\""));

        Assert.Equal("Amara Osei", (await app.LookUpAsync())["contactName"].GetString());
        Assert.Equal("Renamed", (await LookUpAsync(app, "no-cache"))["contactName"].GetString());
        Assert.Equal("Renamed", (await app.LookUpAsync())["contactName"].GetString());

        Assert.Equal(2, wassist.Requests.Count);
    }

    [Theory]
    [InlineData("max-age=0, no-cache", 2)]
    [InlineData("NO-CACHE", 2)]
    [InlineData("max-age=60", 1)]
    [InlineData(";;;garbage\"", 1)]
    public async Task Only_no_cache_skips_the_cache(string cacheControl, int calls)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await StartAsync(wassist, "300");

        (await app.LookUpAsync()).IsSummary();
        (await LookUpAsync(app, cacheControl)).IsSummary();

        Assert.Equal(calls, wassist.Requests.Count);
    }

    [Fact]
    public async Task A_failure_is_shared_by_those_who_wait_and_not_kept_for_those_who_come_later()
    {
        var gate = new Gate();
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = gate.Then(FakeWassist.Status(404));
        await using var app = await StartAsync(wassist, "300");

        var callers = Enumerable.Range(0, 10).Select(_ => app.LookUpAsync()).ToArray();
        await gate.Arrived;
        await app.EventuallyWaitingAsync(10);
        gate.Open();
        Assert.All(await Task.WhenAll(callers), answer => answer.Is(404, "conversation_not_found"));
        Assert.Single(wassist.Requests);

        wassist.Answer = FakeWassist.Json(Bodies.Live);
        (await app.LookUpAsync()).IsSummary();
    }

    [Fact]
    public async Task A_caller_that_gives_up_does_not_cancel_the_others()
    {
        var gate = new Gate();
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = gate.Then(FakeWassist.Json(Bodies.Live));
        await using var app = await StartAsync(wassist, "300");
        using var leave = new CancellationTokenSource();

        var leaves = app.Http.GetAsync($"conversations/{Bodies.Id}", leave.Token);
        await gate.Arrived;
        var stays = app.LookUpAsync();
        await app.EventuallyWaitingAsync(2);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaves);
        await app.EventuallyWaitingAsync(1);
        gate.Open();

        (await stays).IsSummary();
        Assert.Single(wassist.Requests);
    }

    private static async Task<App> StartAsync(FakeWassist wassist, string cacheSeconds, Action<IServiceCollection>? configure = null)
    {
        var app = await App.StartAsync(wassist, new Dictionary<string, string> { ["Lookup:CacheSeconds"] = cacheSeconds }, configure);
        await app.WarmUpAsync();
        return app;
    }

    private static async Task<Answer> LookUpAsync(App app, string cacheControl)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"conversations/{Bodies.Id}");
        if (cacheControl.Length > 0)
            request.Headers.TryAddWithoutValidation("Cache-Control", cacheControl);
        return await app.SendAsync(request);
    }

    /// <summary>Holds the upstream's answer back until a test opens it.</summary>
    private sealed class Gate
    {
        private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Arrived => _arrived.Task.WaitAsync(Token);

        public void Open() => _open.SetResult();

        public RequestDelegate Then(RequestDelegate answer) => async context =>
        {
            _arrived.TrySetResult();
            await _open.Task;
            await answer(context);
        };
    }

    /// <summary>A cache in memory that lets one caller know late what it had.</summary>
    private sealed class HeldMemory : IMemoryCache
    {
        private readonly MemoryCache _inner = new(new MemoryCacheOptions());
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _released = new();
        private int _holdsNextLook;

        public Task Held => _held.Task.WaitAsync(Token);

        public void HoldNextLook() => _holdsNextLook = 1;

        public void Release() => _released.Set();

        public bool TryGetValue(object key, out object? value)
        {
            var isFound = _inner.TryGetValue(key, out value);
            if (Interlocked.Exchange(ref _holdsNextLook, 0) == 1)
            {
                _held.SetResult();
                _released.Wait(Token);
            }

            return isFound;
        }

        public ICacheEntry CreateEntry(object key) => _inner.CreateEntry(key);

        public void Remove(object key) => _inner.Remove(key);

        public void Dispose()
        {
            _inner.Dispose();
            _released.Dispose();
        }
    }
}
