using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>The sample fails as it is told to, and does or does not do what it was asked for.</summary>
public sealed class SampleFailuresTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("error", 500)]
    [InlineData("limit", 429)]
    public async Task It_refuses_as_often_as_it_is_told_to_and_then_no_more(string kind, int failed)
    {
        foreach (var accepts in (bool[])[true, false])
        {
            await using var caller = await SampleCaller.StartAsync();
            await FailAsync(caller, kind, accepts, times: 2);

            var statuses = new List<int>();
            for (var call = 0; call < 3; call++)
                statuses.Add((await caller.SendTextAsync($"{call}")).Status);

            Assert.Equal([failed, failed, 201], statuses);
            Assert.Equal(accepts ? ["0", "1", "2"] : ["2"], (await caller.SentAsync()).Select(one => (string?)one!["text"]));
        }
    }

    [Fact]
    public async Task A_limit_says_for_how_long()
    {
        await using var caller = await SampleCaller.StartAsync();
        await FailAsync(caller, "limit", accepts: false);

        var (_, answer) = await caller.SendTextAsync("x");

        Assert.Equal((30, "Request was throttled. Expected available in 30 seconds."), ((int)answer["retry_after"]!, (string?)answer["detail"]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reset_cuts_the_connection(bool accepts)
    {
        await using var caller = await SampleCaller.StartAsync();
        await FailAsync(caller, "reset", accepts);

        await Assert.ThrowsAsync<HttpRequestException>(() => caller.SendTextAsync("x"));

        Assert.Equal(accepts ? 1 : 0, (await caller.SentAsync()).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_timeout_is_never_answered(bool accepts)
    {
        await using var caller = await SampleCaller.StartAsync();
        await FailAsync(caller, "timeout", accepts);
        using var patience = new CancellationTokenSource();

        var call = caller.SendTextAsync("x", patience: patience);
        await TakenAsync(caller);
        if (accepts)
            await SentAsync(caller);
        caller.Time.Advance(TimeSpan.FromHours(1));
        Assert.False(call.IsCompleted);
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(accepts ? 1 : 0, (await caller.SentAsync()).Count);
    }

    [Theory]
    [InlineData(true, 201)]
    [InlineData(false, 503)]
    public async Task A_slow_answer_comes_in_the_end(bool accepts, int status)
    {
        await using var caller = await SampleCaller.StartAsync();
        await FailAsync(caller, "slow", accepts);

        var call = caller.SendTextAsync("x");
        await TakenAsync(caller);
        if (accepts)
            await SentAsync(caller);
        Assert.False(call.IsCompleted);
        await Pace.PassAsync(caller.Time, call, TimeSpan.FromSeconds(1));

        Assert.Equal((status, accepts ? 1 : 0), ((await call).Status, (await caller.SentAsync()).Count));
    }

    [Fact]
    public async Task Only_calls_that_do_something_fail()
    {
        await using var caller = await SampleCaller.StartAsync();
        await FailAsync(caller, "error", accepts: false);

        Assert.Equal(200, (await caller.GetAsync($"conversations/{Bodies.Id}/")).Status);
        Assert.Equal(200, (await caller.PostAsync("/simulate/message", "{}")).Status);
        Assert.Equal(1, await LeftAsync(caller));
        Assert.Equal(500, (await caller.PostAsync($"conversations/{Bodies.Id}/takeover/", "{}")).Status);
        Assert.False((bool)(await caller.ConversationAsync())["isHumanTakeover"]!);
    }

    [Fact]
    public async Task What_is_told_last_counts_and_none_is_an_end_of_it()
    {
        await using var caller = await SampleCaller.StartAsync();
        await FailAsync(caller, "reset", accepts: false, times: 100);

        var (status, left) = await FailAsync(caller, "error", accepts: false, times: 0);

        Assert.Equal((200, 0), (status, (int)left["times"]!));
        Assert.Equal(201, (await caller.SendTextAsync("x")).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"kind":"error"}""")]
    [InlineData("""{"accepts":true}""")]
    [InlineData("""{"kind":"odd","accepts":true}""")]
    [InlineData("""{"kind":1,"accepts":true}""")]
    [InlineData("""{"kind":"error","accepts":true,"times":-1}""")]
    [InlineData("""{"kind":"error","accepts":true,"time":1}""")]
    public async Task What_is_no_failure_is_400_with_what_to_do(string body)
    {
        await using var caller = await SampleCaller.StartAsync();

        var (status, answer) = await caller.PostAsync("/simulate/failure", body);

        Assert.Equal(400, status);
        Assert.Contains("'accepts'", (string?)answer["detail"], StringComparison.Ordinal);
        Assert.Equal(0, await LeftAsync(caller));
    }

    [Theory]
    [InlineData("/simulate/sent")]
    [InlineData("/simulate/failure")]
    public async Task A_page_of_any_origin_may_look(string path)
    {
        await using var caller = await SampleCaller.StartAsync();
        using var http = new HttpClient();

        using var answer = await http.GetAsync(new Uri(caller.Sample.Url + path), Token);

        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    private static Task<(int Status, JsonNode Body)> FailAsync(SampleCaller caller, string kind, bool accepts, int times = 1) =>
        caller.PostAsync("/simulate/failure", new JsonObject { ["kind"] = kind, ["accepts"] = accepts, ["times"] = times }.ToJsonString());

    private static async Task<int> LeftAsync(SampleCaller caller) => (int)(await caller.GetAsync("/simulate/failure")).Body["times"]!;

    /// <summary>Waits until the call that is to fail is inside.</summary>
    private static Task TakenAsync(SampleCaller caller) => Eventually.IsSoAsync(async () => await LeftAsync(caller) <= 0);

    private static Task SentAsync(SampleCaller caller) => Eventually.IsSoAsync(async () => (await caller.SentAsync()).Count > 0);
}
