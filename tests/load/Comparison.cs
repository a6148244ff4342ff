using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Load;

/// <summary>
/// The app beside a pass-through and a hand-written server, under the same load in turns: 16 connections, every lookup for another
/// conversation, the app with everything on.
/// </summary>
internal static partial class Comparison
{
    private const int Connections = 16;

    public static async Task<int> RunAsync(int rounds, int seconds)
    {
        var upstreamUrl = FreeUrl();
        using var upstream = Peer.Start("upstream", upstreamUrl, "dotnet", [Own, "upstream", $"{upstreamUrl}"]);
        var (yarpUrl, appUrl, nodeUrl) = (FreeUrl(), FreeUrl(), FreeUrl());
        using var yarp = Peer.Start("YARP, passes through", yarpUrl, "dotnet", [Own, "yarp", $"{yarpUrl}", $"{upstreamUrl}"]);
        using var app = Peer.StartApp(
            appUrl,
            ("Wassist__BaseUrl", $"{upstreamUrl}"),
            ("Wassist__ApiKey", "load-key"),
            ("Wassist__RequestsPerMinute", "10000000"),
            ("Lookup__CacheSeconds", "0"));
        using var node = Peer.Start("Node, hand-written", nodeUrl, "node", [Path.Combine(AppContext.BaseDirectory, "peer.mjs"), $"{nodeUrl}", $"{upstreamUrl}"]);

        Peer[] peers = [yarp, app, node];
        await upstream.ReadyAsync();
        foreach (var peer in peers)
        {
            await peer.ReadyAsync();
            Measure(peer, seconds); // to the JIT's last word
        }

        var measured = peers.ToDictionary(peer => peer, _ => new List<Measurement>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var peer in peers)
                measured[peer].Add(Measure(peer, seconds));
        }

        Print($"{Environment.ProcessorCount} processors, {Connections} connections, {rounds} rounds of {seconds} s, medians; .NET {Environment.Version}, {DateTime.UtcNow:yyyy-MM-dd}");
        Print($"{"",-22} {"lookups/s",10} {"of YARP",8} {"p50 ms",8} {"p99 ms",8} {"bytes each",11} {"MiB",5}");
        var floor = Median(measured[yarp], measurement => measurement.PerSecond);
        foreach (var (peer, all) in measured)
        {
            var perSecond = Median(all, measurement => measurement.PerSecond);
            var bytes = all[0].Bytes is null ? "" : Median(all, measurement => measurement.Bytes!.Value).ToString("N0", CultureInfo.InvariantCulture);
            Print($"{peer.Name,-22} {perSecond,10:N0} {perSecond / floor,8:F2} {Median(all, m => m.P50),8:F2} {Median(all, m => m.P99),8:F2} {bytes,11} {peer.WorkingSet,5}");
        }

        var spread = measured[yarp].Max(measurement => measurement.PerSecond) / measured[yarp].Min(measurement => measurement.PerSecond);
        Print($"Noise: YARP's best round is {100 * (spread - 1):F0}% over its worst.");
        return 0;
    }

    /// <summary>This program.</summary>
    public static string Own => Path.Combine(AppContext.BaseDirectory, "ConversationLookup.Load.dll");

    private static Measurement Measure(Peer peer, int seconds)
    {
        var before = peer.Allocated;
        var start = new ProcessStartInfo(
            "wrk",
            ["-t2", $"-c{Connections}", $"-d{seconds}s", "-s", Path.Combine(AppContext.BaseDirectory, "distinct-ids.lua"), "--latency", $"{peer.Url}"])
        { RedirectStandardOutput = true };
        using var wrk = Process.Start(start)!;
        var output = wrk.StandardOutput.ReadToEnd();
        wrk.WaitForExit();
        if (output.Contains("Non-2xx", StringComparison.Ordinal) || output.Contains("Socket errors", StringComparison.Ordinal))
            throw new InvalidOperationException($"{peer.Name} failed: {output}");
        var requests = double.Parse(Requests().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
        return new Measurement(
            double.Parse(PerSecond().Match(output).Groups[1].Value, CultureInfo.InvariantCulture),
            Milliseconds(P50().Match(output)),
            Milliseconds(P99().Match(output)),
            (peer.Allocated - before) / requests);
    }

    private static double Milliseconds(Match match) => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * match.Groups[2].Value switch
    {
        "us" => 0.001,
        "ms" => 1,
        _ => 1000,
    };

    private static double Median(IEnumerable<Measurement> all, Func<Measurement, double> value)
    {
        var sorted = all.Select(value).Order().ToList();
        return sorted[sorted.Count / 2];
    }

    /// <summary>An address on this machine that nobody listens at.</summary>
    public static Uri FreeUrl() => new($"http://127.0.0.1:{LocalServer.FreePort()}");

    [GeneratedRegex(@"([0-9]+) requests in")]
    private static partial Regex Requests();

    [GeneratedRegex(@"Requests/sec:\s+([0-9.]+)")]
    private static partial Regex PerSecond();

    [GeneratedRegex(@"50%\s+([0-9.]+)(us|ms|s)")]
    private static partial Regex P50();

    [GeneratedRegex(@"99%\s+([0-9.]+)(us|ms|s)")]
    private static partial Regex P99();

    private sealed record Measurement(double PerSecond, double P50, double P99, double? Bytes);
}
