using ConversationLookup.FunctionsHost.Http;
using ConversationLookup.FunctionsHost.Timers;
using ConversationLookup.FunctionsHost.Worker;

namespace ConversationLookup.FunctionsHost;

/// <summary>
/// Stands in for the Azure Functions host: speaks the worker's public protocol with the real, published worker process, serves its HTTP
/// triggers, and feeds its queue and timer triggers. The real host cannot be had from a package registry.
/// </summary>
public sealed class FunctionsHost : IAsyncDisposable
{
    /// <summary>The real host ends here and is started by the platform.</summary>
    private static readonly TimeSpan PauseBeforeStartingOver = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly HostOutput _output;
    private readonly RpcServer _rpc;
    private HttpServer _http = null!;
    private Task _running = Task.CompletedTask;
    private volatile TaskCompletionSource<JobHost?> _jobHost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FunctionsHost(RpcServer rpc, HostOutput output) => (_rpc, _output) = (rpc, output);

    /// <summary>Where it serves, without a slash at the end.</summary>
    public string Url => _http.Url;

    /// <summary>Everything that the worker and this host said so far.</summary>
    public IReadOnlyList<string> Output => _output.Lines;

    /// <summary>The worker's process; null while there is none.</summary>
    public int? WorkerProcessId => Dispatcher?.Current?.ProcessId;

    internal JobHost? JobHost => _jobHost.Task is { IsCompletedSuccessfully: true } task ? task.Result : null;

    private Dispatcher? Dispatcher => JobHost?.Dispatcher;

    /// <summary>Starts it, and returns when the worker runs or could not be started: then <see cref="WorkerProcessId"/> is null.</summary>
    public static async Task<FunctionsHost> StartAsync(FunctionsHostOptions options, CancellationToken cancellationToken)
    {
        var output = new HostOutput(options.OnOutput);
        var host = new FunctionsHost(await RpcServer.StartAsync(cancellationToken), output);
        try
        {
            host._http = await HttpServer.StartAsync(options.Url, options.Key, () => host._jobHost.Task, cancellationToken);
            host._running = host.RunAsync(options);
            await host._jobHost.Task.WaitAsync(cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the worker without warning.</summary>
    /// <exception cref="InvalidOperationException">There is none now.</exception>
    public void KillWorker() => (Dispatcher?.Current ?? throw new InvalidOperationException("There is no worker.")).Kill();

    /// <summary>Fires a timer now.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="cancellationToken">Cancels the function.</param>
    /// <returns>Whether it succeeded.</returns>
    public Task<bool> RunTimerAsync(string name, CancellationToken cancellationToken)
    {
        var jobHost = JobHost ?? throw new InvalidOperationException("The host is not running.");
        return TimerListener.FireAsync(
            jobHost.Dispatcher, jobHost.Functions.Single(function => function.Name == name && function.Trigger is TimerTrigger), isPastDue: false, cancellationToken);
    }

    /// <summary>
    /// Stops as the real host does: requests under way are answered, queue functions are cancelled and their messages come back, and the
    /// worker has a few seconds to end before it is killed.
    /// </summary>
    public async Task StopAsync()
    {
        await _closing.CancelAsync();
        await _http.StopAsync();
        await _stopping.CancelAsync();
        await _running;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        if (!_stopping.IsCancellationRequested)
            Dispatcher?.Current?.Kill();
        await _stopping.CancelAsync();
        await _running;
        if (_http is not null)
            await _http.DisposeAsync();
        await _rpc.DisposeAsync();
        _closing.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync(FunctionsHostOptions options)
    {
        var schedules = new TimerSchedules();
        while (true)
        {
            var jobHost = new JobHost(options, _rpc, schedules, _output);
            await jobHost.RunAsync(() => _jobHost.SetResult(jobHost), _closing.Token, _stopping.Token);
            if (_closing.IsCancellationRequested)
                break;

            // Whoever asks now is told at once that nothing runs; whoever asks after the pause waits for the start.
            var given = _jobHost;
            _jobHost = new TaskCompletionSource<JobHost?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _jobHost.SetResult(null);
            given.TrySetResult(null);
            try
            {
                await Task.Delay(PauseBeforeStartingOver, _closing.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            _jobHost = new TaskCompletionSource<JobHost?>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _jobHost.TrySetResult(null);
    }
}
