using System.Runtime.InteropServices;
using ConversationLookup.FunctionsHost;
using ConversationLookup.FunctionsHost.Standalone;
using Microsoft.Extensions.Configuration;

// --urls ADDRESS    where to serve, http://localhost:7071 unless given
// --app FOLDER      another published app than this project's own
// --measure-start N measures N starts instead of serving
var arguments = new ConfigurationBuilder().AddCommandLine(args).Build();
var appDirectory = Path.GetFullPath(arguments["app"] ?? PublishedApp.Directory);

using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

if (arguments.GetValue<int>("measure-start") is var starts and > 0)
{
    await StartMeasurement.RunAsync(appDirectory, starts, stop.Token);
    return 0;
}

var (file, settings) = LocalSettings.Read(PublishedApp.RepositoryRoot);
var options = new FunctionsHostOptions
{
    Url = arguments["urls"] ?? "http://localhost:7071",
    AppDirectory = appDirectory,
    Environment = settings,
    OnOutput = line => Console.WriteLine($"[{DateTime.Now:HH:mm:ss}] {line}"),
};
try
{
    await using var host = await FunctionsHost.StartAsync(options, stop.Token);
    Console.WriteLine(Banner.For(host, file));
    await Task.Delay(Timeout.Infinite, stop.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    await host.StopAsync();
    return 0;
}
catch (IOException taken) when (taken.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    Console.Error.WriteLine($"{options.Url} is taken by another process. Choose another address with --urls.");
    return 1;
}
catch (OperationCanceledException)
{
    return 0;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
