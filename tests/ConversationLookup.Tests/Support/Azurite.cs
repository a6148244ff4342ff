using System.Diagnostics;
using System.Globalization;

namespace ConversationLookup.Tests.Support;

/// <summary>Azurite, the storage emulator, as a process of its own: npm's package, pinned as in the README.</summary>
internal sealed partial class Azurite : IAsyncDisposable
{
    private const int Accounts = 1500;

    /// <summary>Any key will do.</summary>
    private static readonly string Key = Convert.ToBase64String(new byte[32]);

    private readonly Process _process;
    private readonly int[] _ports;
    private int _accounts;

    private Azurite(Process process, int[] ports) => (_process, _ports) = (process, ports);

    public string TablesUrl => $"http://127.0.0.1:{Text(_ports[2])}/";

    /// <summary>Starts one and waits until it listens.</summary>
    public static async Task<Azurite> StartAsync()
    {
        int[] ports = [LocalServer.FreePort(), LocalServer.FreePort(), LocalServer.FreePort()];
        var package = Repository.Read("README.md").Split(' ', '\n').First(word => word.StartsWith("azurite@", StringComparison.Ordinal));
        var start = new ProcessStartInfo("npx")
        {
            ArgumentList =
            {
                "--yes", package, "--silent", "--disableTelemetry", "--inMemoryPersistence",
                "--blobPort", Text(ports[0]), "--queuePort", Text(ports[1]), "--tablePort", Text(ports[2]),
            },
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["AZURITE_ACCOUNTS"] = string.Join(';', Enumerable.Range(0, Accounts).Select(account => $"t{account}:{Key}")) },
        };
        var process = Process.Start(start)!;
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));
        var azurite = new Azurite(process, ports);
        while (!await azurite.ListensAsync())
        {
            if (process.HasExited)
                throw new InvalidOperationException($"Azurite ended: {string.Join('\n', await output)}");
            await Task.Delay(50, CancellationToken.None);
        }

        return azurite;
    }

    /// <summary>A connection string to an account nobody else uses.</summary>
    public string NewAccount()
    {
        var account = Interlocked.Increment(ref _accounts) - 1;
        if (account >= Accounts)
            throw new InvalidOperationException("There are more tests than accounts.");
        return $"DefaultEndpointsProtocol=http;AccountName=t{account};AccountKey={Key};"
            + $"BlobEndpoint=http://127.0.0.1:{_ports[0]}/t{account};QueueEndpoint=http://127.0.0.1:{_ports[1]}/t{account};TableEndpoint=http://127.0.0.1:{_ports[2]}/t{account};";
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private async Task<bool> ListensAsync()
    {
        foreach (var port in _ports)
        {
            if (!await LocalServer.ListensAsync(port))
                return false;
        }

        return true;
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
