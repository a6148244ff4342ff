using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Benchmarks;

/// <summary>
/// What a lookup costs a caller on top of the bare upstream call, and how long the app takes from process start to its first
/// answer. The upstream answers at once, from this process; the app is a process of its own, with its cache off.
/// </summary>
internal static class HttpCost
{
    private const int Lookups = 20_000;
    private const int ColdStarts = 7;
    private const string Key = "benchmark-key";

    public static async Task MeasureAsync()
    {
        await using var upstream = await StartUpstreamAsync();
        var upstreamUrl = upstream.Urls.Single();
        await MeasureColdStartAsync(upstreamUrl);

        using var app = StartApp(upstreamUrl, out var appUrl);
        try
        {
            await FirstAnswerAsync(appUrl);
            foreach (var connections in (int[])[1, 16])
            {
                var direct = await MeasureAsync(connections, () => $"{upstreamUrl}/api/v1/conversations/{Guid.NewGuid()}/");
                var through = await MeasureAsync(connections, () => $"{appUrl}/api/conversations/{Guid.NewGuid()}");
                Print($"{connections,2} connections: upstream alone   median {direct.Median,6:F0} µs   p99 {direct.P99,6:F0} µs");
                Print($"{connections,2} connections: through the app  median {through.Median,6:F0} µs   p99 {through.P99,6:F0} µs");
                Print($"{connections,2} connections: added            median {through.Median - direct.Median,6:F0} µs   p99 {through.P99 - direct.P99,6:F0} µs");
            }

            Print($"memory of the app after {4 * Lookups:N0} requests: {WorkingSet(app) / 1024 / 1024} MiB");
        }
        finally
        {
            app.Kill();
        }
    }

    private static async Task MeasureColdStartAsync(string upstreamUrl)
    {
        var times = new List<double>();
        for (var start = 0; start < ColdStarts; start++)
        {
            var started = Stopwatch.GetTimestamp();
            using var app = StartApp(upstreamUrl, out var appUrl);
            await FirstAnswerAsync(appUrl);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            app.Kill();
            await app.WaitForExitAsync();
        }

        times.Sort();
        Print($"cold start, process start to first 200: median {times[times.Count / 2]:F0} ms of {ColdStarts}, from {times[0]:F0} to {times[^1]:F0} ms");
    }

    private static async Task<(double Median, double P99)> MeasureAsync(int connections, Func<string> nextUrl)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = connections };
        using var http = new HttpClient(handler);
        http.DefaultRequestHeaders.Add("X-API-Key", Key);
        await RunAsync(Lookups / 10); // warm
        var times = await RunAsync(Lookups);
        Array.Sort(times);
        return (times[times.Length / 2], times[(int)(times.Length * 0.99)]);

        async Task<double[]> RunAsync(int requests)
        {
            var taken = new double[requests];
            var next = -1;
            await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
            {
                for (var request = Interlocked.Increment(ref next); request < requests; request = Interlocked.Increment(ref next))
                {
                    var url = nextUrl();
                    var started = Stopwatch.GetTimestamp();
                    using var response = await http.GetAsync(new Uri(url));
                    await response.Content.ReadAsByteArrayAsync();
                    taken[request] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
                    response.EnsureSuccessStatusCode();
                }
            }));
            return taken;
        }
    }

    private static async Task<WebApplication> StartUpstreamAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(context =>
        {
            var id = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries)[^1];
            return context.Response.WriteAsync(
                $$"""
                {"id":"{{id}}","contact":{"id":"c0a80001-0000-4000-8000-00000000000a","phoneNumber":"447700900222","name":"Amara Osei"},
                "activeAgent":{"id":"b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55","name":"Orders assistant"},"chatWindowRemainingTime":41230,
                "lastMessage":{"type":"text","body":"Can I change the delivery address?","createdAt":"2026-11-21T18:04:09.512Z","role":"user"},
                "whatsappNumber":{"id":"0f6d2c1b-9a8e-4b7c-a6d5-e4f3c2b1a099","number":"447700900111","isSandbox":false},
                "isHumanTakeover":false,"active":true,"routing":"agent"}
                """);
        });
        await app.StartAsync();
        return app;
    }

    private static Process StartApp(string upstreamUrl, out string url)
    {
        url = $"http://127.0.0.1:{FreePort()}";
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ConversationLookup.LocalHost.dll"), "--urls", url])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["Wassist__BaseUrl"] = upstreamUrl;
        start.Environment["Wassist__ApiKey"] = Key;
        start.Environment["Wassist__RequestsPerMinute"] = "0";
        start.Environment["Lookup__CacheSeconds"] = "0";
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static async Task FirstAnswerAsync(string appUrl)
    {
        using var http = new HttpClient();
        while (true)
        {
            try
            {
                using var response = await http.GetAsync(new Uri($"{appUrl}/api/conversations/{Guid.NewGuid()}"));
                if (response.StatusCode == HttpStatusCode.OK)
                    return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(5);
            }
        }
    }

    private static long WorkingSet(Process app)
    {
        app.Refresh();
        return app.WorkingSet64;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
