using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using ConversationLookup.Load.Storm;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Load;

/// <summary>What a run of <see cref="Sends"/> is like.</summary>
internal sealed class SendsOptions
{
    public int Messages { get; init; } = 10_000;

    /// <summary>Callers at once.</summary>
    public int Callers { get; init; } = 32;

    public int Conversations { get; init; } = 200;

    /// <summary>Of a hundred POSTs so many end badly: a time-out, a reset or a 500 after or before accepting, or a 429.</summary>
    public int Faults { get; init; } = 15;

    /// <summary>Of a hundred messages so many have the same words as others.</summary>
    public int SameWords { get; init; } = 20;

    /// <summary>Of a hundred messages so many are sent by two callers at once with the same key.</summary>
    public int Twins { get; init; } = 10;

    /// <summary>How often the app is killed.</summary>
    public int Kills { get; init; } = 5;

    /// <summary>How often a caller asks at most, with the same key.</summary>
    public int Tries { get; init; } = 5;

    public int Seed { get; init; } = 1;

    public string Target { get; init; } = "worker";
}

/// <summary>
/// Sends messages while Wassist and the app fail in every way and callers repeat, and counts what arrives: nothing twice, and every
/// caller is told what is so.
/// </summary>
internal sealed class Sends(SendsOptions options, ActingWassist wassist, Target target) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri(target.Url, "api/"), Timeout = TimeSpan.FromSeconds(100) };
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Told>> _told = new();
    private int _done;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = CommandLine.Parse<SendsOptions>(arguments);
        await using var azurite = await Azurite.StartAsync();
        await using var upstream = await FakeWassist.StartAsync();
        var wassist = new ActingWassist { FateOf = (number, _) => Fates.Of(options, number) };
        upstream.Answer = wassist.AnswerAsync;
        await using var target = await Target.StartAsync(options.Target, new Dictionary<string, string>
        {
            ["AzureWebJobsStorage"] = azurite.NewAccount(),
            ["Wassist__BaseUrl"] = upstream.Url,
            ["Wassist__ApiKey"] = FakeWassist.Key,
            ["Wassist__RequestsPerMinute"] = "0",
            ["Actions__Allowed"] = "all",
        });
        using var sends = new Sends(options, wassist, target);
        var started = DateTimeOffset.UtcNow;
        await sends.SendAllAsync();
        return sends.Report(arguments, DateTimeOffset.UtcNow - started);
    }

    public void Dispose() => _http.Dispose();

    private async Task SendAllAsync()
    {
        using var end = new CancellationTokenSource();
        var killing = KillAsync(end.Token);
        await Parallel.ForEachAsync(Enumerable.Range(0, options.Messages), new ParallelOptions { MaxDegreeOfParallelism = options.Callers }, async (index, _) =>
        {
            var isTwin = Chance(index, "twin") < options.Twins;
            await Task.WhenAll(Enumerable.Range(0, isTwin ? 2 : 1).Select(_ => SendAsync(index)));
            Interlocked.Increment(ref _done);
        });
        await end.CancelAsync();
        await killing;
    }

    private async Task SendAsync(int index)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"key-{options.Seed}-{index}");
        var conversation = $"7c1e4b52-3f0a-4d7e-9b6f-{index % options.Conversations:x12}";
        var text = Chance(index, "words") < options.SameWords ? "ok" : $"message {index}";
        for (var tries = 0; tries < options.Tries; tries++)
        {
            Told told;
            try
            {
                using var answer = await _http.PostAsJsonAsync($"conversations/{conversation}/messages", new { text, idempotencyKey = key });
                var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
                told = answer.StatusCode is HttpStatusCode.OK
                    ? new Told("sent", body.GetProperty("id").GetString()!, body.GetProperty("confirmedBy").GetString()!)
                    : new Told(body.GetProperty("code").GetString()!, "", "");
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or JsonException)
            {
                told = new Told("no answer", "", "");
            }

            _told.GetOrAdd(key, _ => []).Enqueue(told);
            if (told.Code == "sent" || (told.Code == "outcome_unknown" && tries > 0))
                return;
            await Task.Delay(TimeSpan.FromSeconds(1 << tries)); // as a flow waits: longer each time
        }
    }

    private async Task KillAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (var kill = 1; kill <= options.Kills; kill++)
            {
                while (_done < (long)options.Messages * kill / (options.Kills + 1))
                {
                    await Task.Delay(100, cancellationToken);
                    target.Look();
                }

                target.Kill();
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private int Report(string[] arguments, TimeSpan took)
    {
        var done = wassist.Deeds.GroupBy(deed => deed.IdempotencyKey).ToDictionary(deeds => deeds.Key, deeds => deeds.ToList());
        var twice = done.Values.Count(deeds => deeds.Count > 1);
        var resent = wassist.Posts.GroupBy(post => post.IdempotencyKey).Count(posts => posts.Count() > 1);
        var last = _told.ToDictionary(told => told.Key, told => told.Value.Last());
        var all = _told.SelectMany(told => told.Value.Select(one => (told.Key, Told: one))).ToList();
        var wrong = all.Where(one => one.Told.Code == "sent" && !(done.TryGetValue(one.Key, out var deeds) && deeds.Any(deed => deed.MessageId == one.Told.MessageId))).ToList();
        var different = _told.Count(told => told.Value.Where(one => one.Code == "sent").Select(one => one.MessageId).Distinct().Count() > 1);

        // Who was told every time that nothing was sent, must have had nothing sent.
        var denied = _told.Count(told => done.ContainsKey(told.Key) && told.Value.All(one => one.Code is not ("sent" or "outcome_unknown" or "no answer" or "action_in_progress" or "storage_unavailable")));
        Print($"sends {string.Join(' ', arguments)}");
        Print($"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors, .NET {Environment.Version}; target: {options.Target}; took {took.TotalSeconds:F0} s");
        Print($"messages                 {_told.Count,8:N0}, in {all.Count:N0} requests; {options.Kills} kills");
        Print($"POSTs that arrived       {wassist.Posts.Count,8:N0}, of which Wassist did {wassist.Deeds.Count:N0}");
        Print($"done twice               {twice,8:N0}");
        Print($"sent again               {resent,8:N0} keys, each after a 429 or another answer that says that nothing was done");
        Print($"told in the end          {string.Join(", ", last.Values.GroupBy(told => told.Code == "sent" ? $"sent, confirmed by {told.ConfirmedBy}" : told.Code).OrderByDescending(group => group.Count()).Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key} {group.Count():N0}")))}");
        Print($"told what is not so      {wrong.Count + denied + different,8:N0}");
        foreach (var (key, told) in wrong)
            Print($"  {key} was told of message {told.MessageId} ({told.ConfirmedBy}); Wassist did it {done.GetValueOrDefault(key)?.Count ?? 0} times");
        Print($"unknown, and it was done {last.Count(told => told.Value.Code == "outcome_unknown" && done.ContainsKey(told.Key)),8:N0}");
        Print($"app                      {target.MostMemory} MiB at most");
        return twice + wrong.Count + denied + different == 0 ? 0 : 1;
    }

    private int Chance(int index, string what) => Fates.Dice(options.Seed, $"{what} {index}");

    private sealed record Told(string Code, string MessageId, string ConfirmedBy);
}

/// <summary>How POSTs end.</summary>
internal static class Fates
{
    private static readonly Fate[] Bad =
    [
        new(true, FakeWassist.Never), new(true, FakeWassist.HangUp), new(false, FakeWassist.HangUp), new(true, FakeWassist.Status(500)), new(false, FakeWassist.Status(500)),
        new(false, FakeWassist.Status(429, """{"retry_after":1}""")), new(false, FakeWassist.Status(503)), new(true, FakeWassist.Status(504, "<html>")),
    ];

    public static Fate Of(SendsOptions options, int number) => Dice(options.Seed, $"fate {number}") < options.Faults ? Bad[Dice(options.Seed, $"which {number}") % Bad.Length] : Fate.Good;

    /// <summary>0 to 99, the same for the same words.</summary>
    public static int Dice(int seed, string words) => (int)(BitConverter.ToUInt32(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{seed} {words}"))) % 100);
}
