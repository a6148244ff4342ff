using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ConversationLookup.Load;

/// <summary>
/// Many connections that claim a large webhook and send little of it, against the local host in a process of its own. Meanwhile
/// another process looks conversations up and sends honest webhooks, one after another.
/// </summary>
internal static class Crowd
{
    private const string Secret = "load-webhook-secret";

    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = CrowdOptions.Parse(arguments);
        if (MostFiles() is { } files && files < options.Connections + 500)
            throw new ArgumentException($"A process may open {files} files here, which is too few for {options.Connections} connections: raise `ulimit -n`.");

        var (upstreamUrl, appUrl) = (Comparison.FreeUrl(), Comparison.FreeUrl());
        using var upstream = Peer.Start("upstream", upstreamUrl, "dotnet", [Comparison.Own, "upstream", $"{upstreamUrl}"]);
        using var app = Peer.StartApp(
            appUrl,
            ("Wassist__BaseUrl", $"{upstreamUrl}"),
            ("Wassist__ApiKey", "load-key"),
            ("Wassist__WebhookSecret", Secret),
            ("Wassist__RequestsPerMinute", "10000000"),
            ("AzureWebJobsStorage", options.Storage),
            ("Lookup__CacheSeconds", "0"));
        await upstream.ReadyAsync();
        await app.ReadyAsync();
        Print($"{options}");

        using (var quiet = Witness.Start(appUrl, upstreamUrl, Secret, seconds: 5))
            Print($"before     {await quiet.ReportAsync()}");
        Print($"           {app.WorkingSet} MiB resident");

        var worked = app.Worked;
        using var end = new CancellationTokenSource();
        using var witness = Witness.Start(appUrl, upstreamUrl, Secret, options.Seconds);
        using var crowd = new Senders(options, appUrl);
        var largest = WatchAsync(app, crowd, end.Token);
        var crowding = crowd.RunAsync(end.Token);
        Print($"meanwhile  {await witness.ReportAsync()}");
        await end.CancelAsync();
        await crowding;
        Print($"           {app.Peak} MiB resident at most; {await largest} connections open at once at most, {crowd.Opened} in all");
        Print($"           the crowd was answered {crowd.Answers}");
        if (!app.HasExited)
            Print($"           the app's processors worked {(app.Worked - worked).TotalSeconds:F1} s in {options.Seconds} s");
        Print($"afterwards {(app.HasExited ? "the process is dead" : $"the process is alive, {app.WorkingSet} MiB resident")}");
        return app.HasExited ? 1 : 0;
    }

    private static async Task<int> WatchAsync(Peer app, Senders crowd, CancellationToken end)
    {
        var most = 0;
        while (!end.IsCancellationRequested && !app.HasExited)
        {
            most = Math.Max(most, crowd.Open);
            _ = app.Peak; // a process that is dead cannot tell
            await Task.Delay(50, CancellationToken.None);
        }

        return most;
    }

    /// <summary>Null where the system does not say.</summary>
    private static int? MostFiles() =>
        File.Exists("/proc/self/limits")
        && File.ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal)) is { } line
        && int.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4], CultureInfo.InvariantCulture, out var most)
            ? most
            : null;

    /// <summary>The connections. Each one that ends is opened again until the time is up.</summary>
    private sealed class Senders(CrowdOptions options, Uri url) : IDisposable
    {
        private readonly ConcurrentDictionary<string, int> _answers = new();
        private readonly byte[] _body = new byte[Math.Max(options.Send, options.Trickle)];
        private readonly SemaphoreSlim _mayOpen = new(0);
        private int _open;
        private int _opened;

        public int Open => Volatile.Read(ref _open);

        public int Opened => Volatile.Read(ref _opened);

        public string Answers => string.Join(", ", _answers.OrderByDescending(answer => answer.Value).Select(answer => $"{answer.Key} {answer.Value} times"));

        public async Task RunAsync(CancellationToken end)
        {
            var opening = OpenAsync(end);
            await Task.WhenAll(Enumerable.Range(0, options.Connections).Select(_ => HoldAsync(end)));
            await opening;
        }

        public void Dispose() => _mayOpen.Dispose();

        /// <summary>Lets connections be opened at the rate that is asked for, however they end.</summary>
        private async Task OpenAsync(CancellationToken end)
        {
            var (started, let) = (Stopwatch.GetTimestamp(), 0L);
            while (!end.IsCancellationRequested)
            {
                var due = (long)(Stopwatch.GetElapsedTime(started).TotalSeconds * options.PerSecond);
                if (due > let && _mayOpen.CurrentCount < options.PerSecond / 10)
                    _mayOpen.Release((int)(due - let));
                let = due;
                await Task.Delay(10, CancellationToken.None);
            }
        }

        private async Task HoldAsync(CancellationToken end)
        {
            while (!end.IsCancellationRequested)
            {
                try
                {
                    await _mayOpen.WaitAsync(end);
                    var answer = await SendOneAsync(end);
                    _answers.AddOrUpdate(answer, 1, (_, count) => count + 1);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
                catch (SocketException exception)
                {
                    _answers.AddOrUpdate($"{exception.SocketErrorCode}", 1, (_, count) => count + 1);
                }
            }
        }

        /// <returns>The status, or that there was none.</returns>
        private async Task<string> SendOneAsync(CancellationToken end)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.LingerState = new LingerOption(true, 0); // so that no port waits for its second use
            await socket.ConnectAsync(IPAddress.Loopback, url.Port, end);
            Interlocked.Increment(ref _opened);
            Interlocked.Increment(ref _open);
            try
            {
                await socket.SendAsync(Encoding.ASCII.GetBytes(Head()), end);
                await socket.SendAsync(_body.AsMemory(0, options.Send), end);
                var answer = new byte[2048];
                var read = socket.ReceiveAsync(answer, end).AsTask();
                while (options.Trickle > 0 && await Task.WhenAny(read, Task.Delay(1000, end)) != read)
                {
                    end.ThrowIfCancellationRequested();
                    await socket.SendAsync(_body.AsMemory(0, options.Trickle), end);
                }

                return await read is > 12 and var length ? Encoding.ASCII.GetString(answer, 9, Math.Min(3, length - 9)) : "nothing";
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        }

        private string Head()
        {
            var signature = options.IsSigned ? $"X-Wassist-Signature: t={DateTimeOffset.UtcNow.ToUnixTimeSeconds()},v1={new string('a', 64)}\r\n" : "";
            return $"POST /api/webhooks/wassist HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: application/json\r\n{signature}Content-Length: {options.Claim}\r\n\r\n";
        }
    }
}

/// <summary>What the crowd does; every number may be given as <c>--name value</c>.</summary>
internal sealed record CrowdOptions
{
    /// <summary>How many are held open at once.</summary>
    public int Connections { get; private init; } = 10_000;

    /// <summary>What each says it will send, in bytes.</summary>
    public int Claim { get; private init; } = 512 * 1024;

    /// <summary>What each sends at once, in bytes.</summary>
    public int Send { get; private init; } = 1024;

    /// <summary>What each sends every second from then on, in bytes: over 240 the web server does not find it slow.</summary>
    public int Trickle { get; private init; }

    /// <summary>How many are opened a second, instead of those that have ended too.</summary>
    public int PerSecond { get; private init; } = 1_000;

    /// <summary>For how long.</summary>
    public int Seconds { get; private init; } = 30;

    /// <summary>Whether each shows a signature that only its body can give away.</summary>
    public bool IsSigned { get; private init; }

    /// <summary>A connection string; webhooks are off without one, and where nobody listens honest ones are answered 503.</summary>
    public string Storage { get; private init; } = "UseDevelopmentStorage=true";

    public static CrowdOptions Parse(string[] arguments)
    {
        var options = new CrowdOptions();
        foreach (var pair in arguments.Chunk(2))
        {
            options = pair switch
            {
                ["--connections", var number] => options with { Connections = Number(number, 1, 50_000) },
                ["--claim", var number] => options with { Claim = Number(number, 0, int.MaxValue) },
                ["--send", var number] => options with { Send = Number(number, 0, 1024 * 1024) },
                ["--trickle", var number] => options with { Trickle = Number(number, 0, 1024 * 1024) },
                ["--per-second", var number] => options with { PerSecond = Number(number, 1, 100_000) },
                ["--seconds", var number] => options with { Seconds = Number(number, 1, 600) },
                ["--signed", var flag] => options with { IsSigned = bool.Parse(flag) },
                ["--storage", var connectionString] => options with { Storage = connectionString },
                _ => throw new ArgumentException($"'{pair[0]}' is none of --connections, --claim, --send, --trickle, --per-second, --seconds, --signed, --storage, with a value."),
            };
        }

        return options;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Connections} connections, each claims {Claim} bytes and sends {Send}, then {Trickle} a second; {PerSecond} opened a second; {(IsSigned ? "with a fresh signature" : "unsigned")}; {Seconds} s; {Environment.ProcessorCount} processors");

    private static int Number(string text, int smallest, int largest) =>
        int.Parse(text, CultureInfo.InvariantCulture) is var number && number >= smallest && number <= largest
            ? number
            : throw new ArgumentException($"{number} is not from {smallest} to {largest}.");
}
