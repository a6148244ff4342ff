using System.Buffers.Binary;
using System.Net.Sockets;

namespace ConversationLookup.AllocationProbe;

/// <summary>Asks a process that has the <see cref="StartupHook"/> how much it has allocated.</summary>
public sealed class Probe : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"allocation-probe-{Path.GetRandomFileName()}");

    /// <summary>What the environment of the process must have when it starts.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["DOTNET_STARTUP_HOOKS"] = typeof(Probe).Assembly.Location,
        [StartupHook.Path] = _path,
    };

    /// <summary>In bytes since its start; null for a process without the hook, such as one that is no .NET program.</summary>
    public long? Read()
    {
        if (!File.Exists(_path))
            return null;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_path));
        using var stream = new NetworkStream(socket);
        var bytes = new byte[sizeof(long)];
        stream.ReadExactly(bytes);
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }

    public void Dispose() => File.Delete(_path);
}
