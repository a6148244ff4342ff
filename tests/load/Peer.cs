using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;

namespace ConversationLookup.Load;

/// <summary>One of the programs that are compared, as a process of its own.</summary>
internal sealed class Peer : IDisposable
{
    private readonly Process _process;
    private readonly string _probe;

    private Peer(string name, Uri url, Process process, string probe) => (Name, Url, _process, _probe) = (name, url, process, probe);

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

    public static Peer Start(string name, Uri url, string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var probe = Path.Combine(Path.GetTempPath(), $"probe-{Guid.NewGuid():N}");
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;
        start.Environment["DOTNET_STARTUP_HOOKS"] = Path.Combine(AppContext.BaseDirectory, "ConversationLookup.AllocationProbe.dll");
        start.Environment["ALLOCATION_PROBE"] = probe;
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return new Peer(name, url, process, probe);
    }

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

    /// <summary>In bytes since its start; null for one that is no .NET program.</summary>
    public long? Allocated()
    {
        if (!File.Exists(_probe))
            return null;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_probe));
        var bytes = new byte[sizeof(long)];
        var read = 0;
        while (read < bytes.Length)
            read += socket.Receive(bytes.AsSpan(read));
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
        File.Delete(_probe);
    }
}
