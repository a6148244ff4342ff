using System.Diagnostics;
using ConversationLookup.FunctionsHost;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Load.Storm;

/// <summary>The app as a process that can be killed, and is started again.</summary>
internal abstract class Target : IAsyncDisposable
{
    private readonly Dictionary<int, TimeSpan> _processorTime = [];

    /// <summary>Where it listens, with a slash at the end.</summary>
    public abstract Uri Url { get; }

    /// <summary>The most memory it was seen to have, in MiB.</summary>
    public long MostMemory { get; private set; }

    /// <summary>The memory it has now, in MiB.</summary>
    public long Memory { get; private set; }

    /// <summary>Of all its processes.</summary>
    public TimeSpan ProcessorTime => _processorTime.Values.Aggregate(TimeSpan.Zero, (sum, one) => sum + one);

    /// <summary>Its process; null while there is none.</summary>
    protected abstract int? ProcessId { get; }

    public static async Task<Target> StartAsync(string kind, IReadOnlyDictionary<string, string> settings) => kind == "worker"
        ? new Worker(await FunctionsHost.FunctionsHost.StartAsync(new FunctionsHostOptions { Environment = settings }, CancellationToken.None))
        : await LocalHost.StartAsync(settings);

    /// <summary>Kills it without warning.</summary>
    public abstract void Kill();

    /// <summary>Looks at memory and processor time.</summary>
    public void Look()
    {
        try
        {
            if (ProcessId is not { } id)
                return;
            using var process = Process.GetProcessById(id);
            _processorTime[id] = process.TotalProcessorTime;
            Memory = process.WorkingSet64 >> 20;
            MostMemory = Math.Max(MostMemory, Memory);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It was killed just now.
        }
    }

    public abstract ValueTask DisposeAsync();

    private sealed class Worker(FunctionsHost.FunctionsHost host) : Target
    {
        public override Uri Url { get; } = new($"{host.Url}/");

        protected override int? ProcessId => host.WorkerProcessId;

        public override void Kill() => host.KillWorker();

        public override ValueTask DisposeAsync() => host.DisposeAsync();
    }

    private sealed class LocalHost(Uri url, IReadOnlyDictionary<string, string> settings) : Target
    {
        private Process _process = Run(url, settings);

        public override Uri Url => url;

        protected override int? ProcessId => _process.HasExited ? null : _process.Id;

        public static async Task<LocalHost> StartAsync(IReadOnlyDictionary<string, string> settings)
        {
            var host = new LocalHost(new Uri($"http://127.0.0.1:{LocalServer.FreePort()}/"), settings);
            using var http = new HttpClient();
            while (true)
            {
                try
                {
                    using var answer = await http.GetAsync(new Uri(host.Url, "api/health"));
                    return host;
                }
                catch (HttpRequestException) when (!host._process.HasExited)
                {
                    await Task.Delay(50);
                }
            }
        }

        public override void Kill()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
            _process = Run(url, settings);
        }

        public override async ValueTask DisposeAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        private static Process Run(Uri url, IReadOnlyDictionary<string, string> settings)
        {
            var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ConversationLookup.LocalHost.dll"), "--urls", $"{url}"]) { RedirectStandardOutput = true };
            foreach (var (name, value) in settings)
                start.Environment[name] = value;
            var process = Process.Start(start)!;
            process.OutputDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            return process;
        }
    }
}
