using ConversationLookup.FunctionsHost.Http;
using ConversationLookup.FunctionsHost.Queues;
using ConversationLookup.FunctionsHost.Timers;
using ConversationLookup.FunctionsHost.Worker;

namespace ConversationLookup.FunctionsHost;

/// <summary>One life of the host: from the start of a worker until it is stopped or gives up.</summary>
internal sealed class JobHost(FunctionsHostOptions options, RpcServer rpc, TimerSchedules schedules, HostOutput output)
{
    private static readonly TimeSpan ListenerStopTimeout = TimeSpan.FromSeconds(10);

    private readonly HostJson _settings = HostJson.Read(options.AppDirectory);

    public Dispatcher Dispatcher { get; } = new(
        cancellationToken => RunningWorker.StartAsync(options.AppDirectory, options.Environment, rpc, output, cancellationToken), output);

    public IReadOnlyList<Function> Functions { get; private set; } = [];

    public RouteTable Routes { get; private set; } = new([], "");

    public string RoutePrefix => _settings.RoutePrefix;

    /// <summary>Runs it to its end.</summary>
    /// <param name="running">Called when the functions are known and can be invoked.</param>
    /// <param name="closing">No worker is started any more.</param>
    /// <param name="stopping">Stops it gracefully.</param>
    public async Task RunAsync(Action running, CancellationToken closing, CancellationToken stopping)
    {
        // The worker outlives the listeners, which wait for what it does for them.
        using var stopDispatcher = new CancellationTokenSource();
        using var stopListeners = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var dispatching = Dispatcher.RunAsync(closing, stopDispatcher.Token);
        var listening = Task.CompletedTask;
        try
        {
            var starting = Dispatcher.WorkerAsync(stopping);
            if (await Task.WhenAny(starting, dispatching) == starting)
            {
                Functions = (await starting).Functions;
                Routes = new RouteTable(Functions, RoutePrefix);
                listening = Task.WhenAll(Listeners().Select(listener => listener(stopListeners.Token)));
                running();
                await dispatching.WaitAsync(stopping);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or TimeoutException or InvocationFailedException)
        {
            // Stopped, or the worker took too long or could not be started, which it said itself.
        }
        finally
        {
            await stopListeners.CancelAsync();
            await Task.WhenAny(listening, Task.Delay(ListenerStopTimeout, CancellationToken.None));
            await stopDispatcher.CancelAsync();
            await dispatching;
        }
    }

    private IEnumerable<Func<CancellationToken, Task>> Listeners()
    {
        options.Environment.TryGetValue("AzureWebJobsStorage", out var storage);
        if (string.IsNullOrEmpty(storage) && Functions.Any(function => function.Trigger is QueueTrigger))
            output.Say("AzureWebJobsStorage is not set to a connection string: no queue is listened to.");
        foreach (var function in Functions)
        {
            switch (function.Trigger)
            {
                case QueueTrigger trigger when !string.IsNullOrEmpty(storage):
                    yield return new QueueListener(function, trigger, storage, _settings.Queues, Dispatcher, output).RunAsync;
                    break;
                case TimerTrigger trigger:
                    yield return new TimerListener(function, trigger, schedules, Dispatcher, options.Environment, output).RunAsync;
                    break;
            }
        }
    }
}
