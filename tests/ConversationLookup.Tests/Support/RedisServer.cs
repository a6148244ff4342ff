using System.Diagnostics;
using System.Globalization;
using ConversationLookup.Redis;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ConversationLookup.Tests.Support;

/// <summary>Debian's Redis, as a process of its own that keeps nothing on disk.</summary>
internal sealed partial class RedisServer : IAsyncDisposable
{
    private const string Program = "redis-server";

    private const string Password = "of-this-run";

    private readonly int _port = LocalServer.FreePort();
    private Process? _process;
    private string _signIn = "";

    /// <summary>For <c>ConnectionStrings:Redis</c>.</summary>
    public string Address => $"127.0.0.1:{Text(_port)}";

    /// <summary>The same for an app that waits for it however slow this machine is.</summary>
    public string PatientAddress => $"{Address},asyncTimeout=60000";

    /// <summary>What an instance of the app keeps in it, without the app.</summary>
    public SharedState Connect() =>
        new(Options.Create(new RedisOptions { Redis = PatientAddress }), null!, TimeProvider.System, NullLogger<SharedState>.Instance); // no identity: it has no user

    /// <summary>Starts one and waits until it listens.</summary>
    public static async Task<RedisServer> StartAsync()
    {
        var server = new RedisServer();
        await server.RestartAsync();
        return server;
    }

    /// <summary>Starts it again, empty, at the same address.</summary>
    public async Task RestartAsync()
    {
        _process = Process.Start(new ProcessStartInfo(Program)
        {
            ArgumentList = { "--port", Text(_port), "--bind", "127.0.0.1", "--save", "", "--loglevel", "warning", "--set-proc-title", "no" },
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
        })!;
        while (!await LocalServer.ListensAsync(_port))
        {
            if (_process.HasExited)
                throw new InvalidOperationException("Redis ended.");
            await Task.Delay(20);
        }
    }

    public async Task KillAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _process = null;
    }

    /// <summary>It keeps its connections and answers nothing.</summary>
    public Task FreezeAsync() => SignalAsync("-STOP");

    public Task ThawAsync() => SignalAsync("-CONT");

    /// <summary>Lets nobody in but who signs in as a user of its own.</summary>
    public async Task RequireSignInAsync()
    {
        await ExecuteAsync("ACL", "SETUSER", "test", "on", $">{Password}", "~*", "&*", "+@all");
        _signIn = $",user=test,password={Password}";
        await ExecuteAsync("ACL", "SETUSER", "default", "off");
    }

    public Task ExecuteAsync(string command, params object[] arguments) => AskAsync((_, server) => server.ExecuteAsync(command, arguments));

    /// <summary>Asks it something.</summary>
    public async Task<T> AskAsync<T>(Func<IDatabase, IServer, Task<T>> ask)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{Address},allowAdmin=true{_signIn}");
        return await ask(connection.GetDatabase(), connection.GetServers().Single());
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [signal, Text(_process!.Id)]);
        await kill.WaitForExitAsync();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
