using System.Diagnostics;
using System.Globalization;
using ConversationLookup.AllocationProbe;

namespace ConversationLookup.Load;

/// <summary>One of the programs that are compared, as a process of its own.</summary>
internal sealed class Peer : IDisposable
{
    private readonly Process _process;
    private readonly Probe _probe;
    private long _peak;

    private Peer(string name, Uri url, Process process, Probe probe) => (Name, Url, _process, _probe) = (name, url, process, probe);

    public string Name { get; }

    public Uri Url { get; }

    /// <summary>In MiB.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1024 / 1024;
        }
    }

    /// <summary>The most it ever was, in MiB. Linux only.</summary>
    public long Peak => HasExited ? _peak : _peak = long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    /// <summary>How long processors have worked for it.</summary>
    public TimeSpan Worked
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public bool HasExited => _process.HasExited;

    /// <summary>In bytes since its start; null for one that is no .NET program.</summary>
    public long? Allocated => _probe.Read();

    public static Peer Start(string name, Uri url, string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var probe = new Probe();
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        foreach (var (variable, value) in environment.Concat(probe.Environment.Select(variable => (variable.Key, variable.Value))))
            start.Environment[variable] = value;
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return new Peer(name, url, process, probe);
    }

    /// <summary>Starts the local host, with settings as in its environment.</summary>
    public static Peer StartApp(Uri url, params (string Name, string Value)[] settings) =>
        Start("this app", url, "dotnet", [Path.Combine(AppContext.BaseDirectory, "ConversationLookup.LocalHost.dll"), "--urls", $"{url}"], settings);

    /// <summary>Waits until it listens.</summary>
    public async Task ReadyAsync()
    {
        using var client = new HttpClient();
        while (!_process.HasExited)
        {
            try
            {
                using var response = await client.GetAsync(new Uri(Url, $"/api/conversations/{Guid.NewGuid()}"));
                response.EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.ConnectionError)
            {
                await Task.Delay(20);
            }
        }

        throw new InvalidOperationException($"{Name} ended with exit code {_process.ExitCode}.");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
        _probe.Dispose();
    }
}
