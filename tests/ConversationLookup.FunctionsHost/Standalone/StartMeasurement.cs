using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.FunctionsHost.Standalone;

/// <summary>
/// Measures how long a worker takes from its process's start to its first answers, and how much processor time and memory it then has
/// used. Processor time varies least on a busy machine.
/// </summary>
internal static class StartMeasurement
{
    private const string ConversationId = "7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33";

    /// <summary>Starts the app some times and prints the medians; the first start, which fills the file cache, does not count.</summary>
    public static async Task RunAsync(string appDirectory, int starts, CancellationToken cancellationToken)
    {
        await using var upstream = await StartUpstreamAsync(cancellationToken);
        var measured = new List<Start>();
        for (var start = 0; start <= starts; start++)
        {
            var one = await MeasureAsync(appDirectory, upstream.Urls.Single(), cancellationToken);
            if (start > 0)
                measured.Add(one);
        }

        Console.WriteLine(
            $"Medians of {starts} starts: running after {Median(start => start.Running)} ms, first health after {Median(start => start.Health)} ms, "
            + $"first lookup after {Median(start => start.Lookup)} ms; until then "
            + $"{Median(start => start.ProcessorTime)} ms of processor time, working set {Median(start => start.WorkingSet)} MB.");

        long Median(Func<Start, long> value) => measured.Select(value).Order().ElementAt(measured.Count / 2);
    }

    private static async Task<Start> MeasureAsync(string appDirectory, string upstream, CancellationToken cancellationToken)
    {
        var options = new FunctionsHostOptions
        {
            AppDirectory = appDirectory,
            Environment = new Dictionary<string, string> { ["Wassist__BaseUrl"] = upstream, ["Wassist__ApiKey"] = "key" },
        };
        using var http = new HttpClient();
        var clock = Stopwatch.StartNew();
        await using var host = await FunctionsHost.StartAsync(options, cancellationToken);
        var running = clock.ElapsedMilliseconds;
        await http.GetStringAsync($"{host.Url}/api/health", cancellationToken);
        var health = clock.ElapsedMilliseconds;
        await http.GetStringAsync($"{host.Url}/api/conversations/{ConversationId}", cancellationToken);
        var lookup = clock.ElapsedMilliseconds;
        using var worker = Process.GetProcessById(host.WorkerProcessId!.Value);
        return new Start(running, health, lookup, (long)worker.TotalProcessorTime.TotalMilliseconds, worker.WorkingSet64 >> 20);
    }

    private static async Task<WebApplication> StartUpstreamAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var upstream = builder.Build();
        upstream.Run(context => context.Response.WriteAsync($$"""{"id":"{{ConversationId}}","contact":{"phoneNumber":"447700900222","name":"Amara Osei"},"active":true}""", cancellationToken));
        await upstream.StartAsync(cancellationToken);
        return upstream;
    }

    /// <summary>Milliseconds since the start, and megabytes.</summary>
    private sealed record Start(long Running, long Health, long Lookup, long ProcessorTime, long WorkingSet);
}
