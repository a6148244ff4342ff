using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using ConversationLookup.Load.Storm;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Load;

/// <summary>
/// Two instances with one Redis. First both are asked for more than the budget has; then for less, each conversation at one and then at
/// the other, while Redis is killed and comes back.
/// </summary>
internal sealed class Instances : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly ConcurrentQueue<DateTimeOffset> _calls = new();
    private int _conversations;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var minutes = arguments switch
        {
            [] => 3,
            ["--minutes", var number] => int.Parse(number, CultureInfo.InvariantCulture),
            _ => throw new ArgumentException("There is one option, '--minutes' that each part takes with Redis, and as many without: 3 unless given."),
        };
        Console.WriteLine($"instances {string.Join(' ', arguments)}");
        using var run = new Instances();
        return await run.RunAsync(TimeSpan.FromMinutes(minutes));
    }

    public void Dispose() => _http.Dispose();

    private async Task<int> RunAsync(TimeSpan part)
    {
        await using var wassist = await LocalServer.StartAsync(context =>
        {
            _calls.Enqueue(DateTimeOffset.UtcNow);
            return FakeWassist.Json(id => Bodies.Live(id))(context);
        });
        await using var redis = await RedisServer.StartAsync();
        var settings = new Dictionary<string, string>
        {
            ["Wassist__BaseUrl"] = wassist.Url,
            ["Wassist__ApiKey"] = "instances-key",
            ["ConnectionStrings__Redis"] = redis.Address,
        };
        await using var a = await Target.StartAsync("local", settings);
        await using var b = await Target.StartAsync("local", settings);

        var flood = new Tally();
        await Task.WhenAll(Enumerable.Range(0, 10).Select(caller => FloodAsync(caller % 2 == 0 ? a : b, part, flood)));
        Report("more than the budget has", flood, Calls.MostInAMinute(_calls));
        await Task.Delay(TimeSpan.FromSeconds(70)); // so that the next part has a budget

        var sure = true;
        foreach (var phase in (string[])["with Redis", "Redis killed", "Redis back"])
        {
            if (phase == "Redis killed")
                await redis.KillAsync();
            if (phase == "Redis back")
                await redis.RestartAsync();
            var (tally, before) = (new Tally(), _calls.Count);
            using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1.8)); // 33 conversations a minute, of 40 calls for callers
            for (var until = Stopwatch.GetTimestamp() + (long)(part.TotalSeconds * Stopwatch.Frequency); Stopwatch.GetTimestamp() < until; await pace.WaitForNextTickAsync())
            {
                var conversation = NextConversation();
                tally.Add(await LookUpAsync(a, conversation));
                tally.Add(await LookUpAsync(b, conversation));
            }

            sure &= tally.Failed == 0;
            Report(phase, tally, Calls.MostInAMinute(_calls), $"{tally.Answered - (_calls.Count - before)} of the second instance's {tally.Answered / 2} came from the first one's call");
        }

        return sure && flood.Answered + flood.Refused == flood.All && Calls.MostInAMinute(_calls) <= 100 ? 0 : 1;
    }

    private async Task FloodAsync(Target app, TimeSpan time, Tally tally)
    {
        for (var until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency); Stopwatch.GetTimestamp() < until; await Task.Delay(200))
            tally.Add(await LookUpAsync(app, NextConversation()));
    }

    private async Task<HttpStatusCode> LookUpAsync(Target app, string conversation)
    {
        using var answer = await _http.GetAsync(new Uri(app.Url, $"api/conversations/{conversation}"));
        return answer.StatusCode;
    }

    private string NextConversation() => $"7c1e4b52-3f0a-4d7e-9b6f-{Interlocked.Increment(ref _conversations):x12}";

    private static void Report(string part, Tally tally, int most, string more = "") => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{part,-26} {tally.All,6:N0} lookups: {tally.Answered:N0} answered, {tally.Refused:N0} over budget, {tally.Failed:N0} failed otherwise; so far {most} upstream calls in any 60 s at most. {more}").TrimEnd());

    private sealed class Tally
    {
        private int _answered;
        private int _refused;
        private int _failed;

        public int Answered => _answered;

        public int Refused => _refused;

        public int Failed => _failed;

        public int All => _answered + _refused + _failed;

        public void Add(HttpStatusCode status) =>
            Interlocked.Increment(ref status == HttpStatusCode.OK ? ref _answered : ref status == HttpStatusCode.TooManyRequests ? ref _refused : ref _failed);
    }
}
