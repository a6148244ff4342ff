using System.Buffers.Binary;
using System.Net.Sockets;

/// <summary>
/// Tells how much a process has allocated, without a change to it: .NET runs this before its <c>Main</c> where
/// <c>DOTNET_STARTUP_HOOKS</c> names this assembly.
/// </summary>
/// <remarks>
/// https://github.com/dotnet/runtime/blob/main/docs/design/features/host-startup-hook.md demands this name, no namespace and this method.
/// Each connection to the Unix socket is answered with the bytes allocated so far, as 8 bytes, big-endian.
/// </remarks>
internal static class StartupHook
{
    /// <summary>The variable that says where to listen.</summary>
    public const string Path = "ALLOCATION_PROBE";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Path) is not { Length: > 0 } path)
            return;
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        new Thread(() => Answer(listener)) { IsBackground = true, Name = "Allocation probe" }.Start();
    }

    private static void Answer(Socket listener)
    {
        var bytes = new byte[sizeof(long)];
        while (true)
        {
            using var asker = listener.Accept();
            BinaryPrimitives.WriteInt64BigEndian(bytes, GC.GetTotalAllocatedBytes(precise: true));
            asker.Send(bytes);
        }
    }
}
