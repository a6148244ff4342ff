using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ConversationLookup.Problems;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Load.Faults;

/// <summary>
/// Looks many conversations up while the upstream fails in every way, and checks every answer: the payload that is due, or a problem of
/// the catalogue that is not <c>internal_error</c>.
/// </summary>
internal sealed class FaultsRun(FaultsOptions options, IReadOnlyList<Sample> samples, Peer app) : IDisposable
{
    /// <summary>How old an answer may be: 2 seconds in the cache, up to one that its time is cut by, and one for a busy machine.</summary>
    private static readonly TimeSpan OldestCached = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan OldestFresh = TimeSpan.FromSeconds(2);

    /// <summary>Everything a lookup can be answered, with its status; nothing else will do.</summary>
    private static readonly Dictionary<string, int> Documented = new Problem[]
    {
        Catalogue.ConversationNotFound(""),
        Catalogue.UpstreamRejectedCredentials(""),
        Catalogue.UpstreamRejectedRequest(400, ""),
        Catalogue.UpstreamRateLimited(null, ""),
        Catalogue.UpstreamInvalidResponse(""),
        Catalogue.UpstreamUnavailable(""),
        Catalogue.UpstreamTimeout(""),
        Catalogue.CircuitOpen(TimeSpan.Zero),
        Catalogue.SecretUnavailable("", ""),
    }.ToDictionary(problem => problem.Code, problem => problem.Status);

    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 2 * options.Connections }) { BaseAddress = app.Url, Timeout = TimeSpan.FromMinutes(2) };
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private readonly ConcurrentDictionary<string, int> _wrong = new();
    private readonly ConcurrentBag<double> _took = [];
    private readonly List<(int Percent, long Memory)> _memory = [];
    private int _begun;
    private int _ended;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = CommandLine.Parse<FaultsOptions>(arguments);
        var samples = Enumerable.Range(0, options.Conversations).Select(index => new Sample(index)).ToList();
        await using var vault = await KeyVaultStandIn.StartAsync();
        await using var wassist = await FaultyWassist.StartAsync(samples.ToDictionary(sample => sample.Id), vault, options.Seed);
        await using var identity = await ManagedIdentity.StartAsync(KeyVaultStandIn.Token);
        using var app = Peer.StartApp(
            Comparison.FreeUrl(),
            [
                ("Wassist__BaseUrl", wassist.Url),
                ("KeyVault__Uri", vault.Url),
                ("SSL_CERT_FILE", LocalServer.CertificateFile),
                ("Wassist__RequestsPerMinute", "0"),
                .. identity.Environment.Select(variable => (variable.Key, variable.Value)),
            ]);
        await app.ReadyAsync();
        wassist.IsCalm = false;

        Print($"faults {string.Join(' ', arguments)}");
        using var run = new FaultsRun(options, samples, app);
        var started = Stopwatch.GetTimestamp();
        await run.RunAsync(wassist, vault);
        return run.Report(wassist, Stopwatch.GetElapsedTime(started));
    }

    public void Dispose() => _http.Dispose();

    private async Task RunAsync(FaultyWassist wassist, KeyVaultStandIn vault)
    {
        using var end = new CancellationTokenSource();
        var beside = Task.WhenAll(WatchAsync(end.Token), RotateAsync(vault, end.Token), FailAsync(wassist, end.Token));
        await Task.WhenAll(Enumerable.Range(0, options.Connections).Select(caller => CallAsync(new Random((options.Seed * 100_003) + caller))));
        await end.CancelAsync();
        await beside;
    }

    private async Task CallAsync(Random random)
    {
        while (Interlocked.Increment(ref _begun) <= options.Lookups)
        {
            var answer = await LookUpAsync(random);
            _answers.AddOrUpdate(answer, 1, (_, before) => before + 1);
            Interlocked.Increment(ref _ended);
            if (answer is ProblemCodes.CircuitOpen or ProblemCodes.UpstreamRateLimited)
                await Task.Delay(500); // or nearly all would be answered so
        }
    }

    /// <returns>The code of the problem, or what else it came to.</returns>
    private async Task<string> LookUpAsync(Random random)
    {
        var sample = samples[random.Next(samples.Count)];
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/conversations/{sample.Id:D}");
        var isFresh = random.Next(100) < options.FreshPercent;
        if (isFresh)
            request.Headers.CacheControl = new() { NoCache = true };
        using var leaving = new CancellationTokenSource();
        if (random.Next(100) < options.LeavePercent)
            leaving.CancelAfter(random.Next(random.Next(2) == 0 ? 10 : 300)); // what is shared and kept is there at once
        var (sentAt, started) = (DateTimeOffset.UtcNow, Stopwatch.GetTimestamp());
        try
        {
            using var response = await _http.SendAsync(request, leaving.Token);
            var body = await response.Content.ReadAsByteArrayAsync(leaving.Token);
            _took.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            return response.IsSuccessStatusCode
                ? Check(response, sample.Check(body, sentAt - (isFresh ? OldestFresh : OldestCached), DateTimeOffset.UtcNow))
                : Check(response, body);
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            return "(the caller left)";
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return Wrong($"no answer: {exception.GetType().Name}");
        }
    }

    private string Check(HttpResponseMessage response, string? fault) =>
        fault is not null ? Wrong(fault)
        : $"{response.Content.Headers.ContentType}" != "application/json; charset=utf-8" ? Wrong($"a payload of the type '{response.Content.Headers.ContentType}'")
        : "a right payload";

    private string Check(HttpResponseMessage response, byte[] body)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
            return Wrong($"{(int)response.StatusCode} that is no problem");
        using var problem = JsonDocument.Parse(body);
        var code = problem.RootElement.GetProperty("code").GetString()!;
        if (!Documented.TryGetValue(code, out var status) || (int)response.StatusCode != status || problem.RootElement.GetProperty("status").GetInt32() != status)
            return Wrong($"{(int)response.StatusCode} {code}");
        return status is 429 or 503 && response.Headers.RetryAfter?.Delta is null ? Wrong($"{code} without Retry-After") : code;
    }

    private string Wrong(string what)
    {
        _wrong.AddOrUpdate(what, 1, (_, before) => before + 1);
        return $"WRONG: {what}";
    }

    private async Task WatchAsync(CancellationToken end)
    {
        foreach (var percent in (int[])[0, 10, 25, 50, 75, 90])
        {
            await ReachAsync(percent, end);
            _memory.Add((percent, app.WorkingSet));
            await Console.Error.WriteLineAsync($"{percent}%: {app.WorkingSet} MiB, {string.Join(", ", _wrong)}");
        }
    }

    private async Task RotateAsync(KeyVaultStandIn vault, CancellationToken end)
    {
        for (var key = 1; options.RotateEvery > 0 && !end.IsCancellationRequested; key++)
        {
            await Task.Delay(TimeSpan.FromSeconds(options.RotateEvery), end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            vault.Secrets[KeyVaultStandIn.ApiKey] = $"faults-key-{key}";
        }
    }

    /// <summary>Waits until so many of a hundred lookups have ended.</summary>
    private async Task ReachAsync(int percent, CancellationToken end)
    {
        while (100L * Volatile.Read(ref _ended) < (long)percent * options.Lookups && !end.IsCancellationRequested)
            await Task.Delay(50, CancellationToken.None);
    }

    private async Task FailAsync(FaultyWassist wassist, CancellationToken end)
    {
        await ReachAsync(25, end);
        wassist.Limit();
        await ReachAsync(50, end);
        wassist.IsOut = options.Outage > 0;
        await Task.Delay(TimeSpan.FromSeconds(options.Outage), end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        wassist.IsOut = false;
    }

    private int Report(FaultyWassist wassist, TimeSpan took)
    {
        _memory.Add((100, app.WorkingSet));
        var seconds = _took.Order().ToList();
        string At(double part) => seconds[Math.Min(seconds.Count - 1, (int)(part * seconds.Count))].ToString("F3", CultureInfo.InvariantCulture);
        Print($"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors, .NET {Environment.Version}; took {took.TotalSeconds:F0} s; an answer took p50 {At(0.5)} s, p99 {At(0.99)} s, at most {At(1)} s");
        Print($"");
        Print($"{"what a lookup was answered",-40} {"times",9}");
        foreach (var (answer, times) in _answers.OrderByDescending(answer => answer.Value))
            Print($"{(Documented.TryGetValue(answer, out var status) ? $"{status} {answer}" : answer),-40} {times,9:N0}");
        Print($"{"all",-40} {_answers.Values.Sum(),9:N0}");
        Print($"");
        Print($"{"what Wassist answered",-40} {"times",9}");
        foreach (var (answer, times) in wassist.Answers.OrderByDescending(answer => answer.Value))
            Print($"{answer,-40} {times,9:N0}");
        Print($"");
        Print($"{"part done",-12} {string.Join(' ', _memory.Select(sample => $"{$"{sample.Percent}%",6}"))}");
        Print($"{"MiB resident",-12} {string.Join(' ', _memory.Select(sample => $"{sample.Memory,6}"))}, at most {app.Peak}");
        Print($"{(_wrong.IsEmpty && !app.HasExited ? "Every answer was right." : $"WRONG: {_wrong.Values.Sum():N0} answers{(app.HasExited ? ", and the process is dead" : "")}")}");
        return _wrong.IsEmpty && !app.HasExited ? 0 : 1;
    }
}
