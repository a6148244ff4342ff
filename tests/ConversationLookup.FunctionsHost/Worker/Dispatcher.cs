using System.Diagnostics;
using ConversationLookup.FunctionsHost.Protocol;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.FunctionsHost.Worker;

/// <summary>Keeps one worker running, gives it invocations, and says when to give up.</summary>
/// <remarks>
/// As RpcFunctionInvocationDispatcher.cs of https://github.com/Azure/azure-functions-host does: a worker that dies is started anew, but not
/// twice within ten seconds; with the third death, when none came half an hour after the one before, the host gives up. It also gives up
/// when the very first worker dies before its functions are known, because the number of deaths that it bears is set only then.
/// </remarks>
internal sealed class Dispatcher(Func<CancellationToken, Task<RunningWorker>> start, HostOutput output)
{
    private const int MostDeaths = 3;

    private static readonly TimeSpan RestartInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DeathsAreForgottenAfter = TimeSpan.FromMinutes(30);

    /// <summary>Four times the ten seconds that a worker has to initialize: WorkerFunctionInvoker.cs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private volatile TaskCompletionSource<RunningWorker> _worker = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The worker, if there is one now.</summary>
    public RunningWorker? Current => _worker.Task is { IsCompletedSuccessfully: true } task ? task.Result : null;

    /// <summary>The worker; while one is being started anew, waits for it.</summary>
    public Task<RunningWorker> WorkerAsync(CancellationToken cancellationToken) => _worker.Task.WaitAsync(Patience, cancellationToken);

    /// <summary>Runs a function that takes no HTTP request, on whatever worker there is then.</summary>
    /// <exception cref="InvocationFailedException">The function did not succeed.</exception>
    public async Task InvokeAsync(
        Function function, TypedData input, IDictionary<string, TypedData> triggerMetadata, CancellationToken cancellationToken)
    {
        using var activity = new Activity(function.Name).Start();
        await ReportAsync(function, async invocationId =>
            await (await WorkerAsync(cancellationToken)).InvokeAsync(function, invocationId, input, triggerMetadata, cancellationToken));
    }

    /// <summary>Tells that an invocation begins, and how it ended.</summary>
    public async Task ReportAsync(Function function, Func<string, Task> invoke)
    {
        var invocationId = Guid.NewGuid().ToString();
        output.Write(LogLevel.Information, $"Function.{function.Name}", $"Executing 'Functions.{function.Name}' (Id={invocationId})");
        try
        {
            await invoke(invocationId);
            output.Write(LogLevel.Information, $"Function.{function.Name}", $"Executed 'Functions.{function.Name}' (Succeeded, Id={invocationId})");
        }
        catch (Exception failed)
        {
            output.Write(LogLevel.Error, $"Function.{function.Name}", $"Executed 'Functions.{function.Name}' (Failed, Id={invocationId}). {failed.Message}");
            throw;
        }
    }

    /// <summary>Starts workers until it has to give up, or is stopped and has stopped the last one.</summary>
    /// <param name="closing">No worker is started any more.</param>
    /// <param name="stopping">The last one is stopped.</param>
    public async Task RunAsync(CancellationToken closing, CancellationToken stopping)
    {
        var (deaths, lastDeath, restart, hasRun) = (0, DateTimeOffset.UtcNow, Task.CompletedTask, false);
        try
        {
            while (true)
            {
                hasRun |= await RunOneAsync(closing, stopping);
                if (DateTimeOffset.UtcNow - lastDeath > DeathsAreForgottenAfter)
                    deaths = 0;
                (deaths, lastDeath) = (deaths + 1, DateTimeOffset.UtcNow);
                if (!hasRun || deaths == MostDeaths)
                    break;
                await restart;
                restart = Task.Delay(RestartInterval, closing);
                closing.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested)
        {
            _worker.TrySetException(new InvocationFailedException("The host is stopping."));
            return;
        }

        output.Write(LogLevel.Error, "Host", "The worker died too often. The host gives up and is started over.");
        _worker.TrySetException(new InvocationFailedException("There is no worker."));
    }

    /// <returns>Whether it could be started.</returns>
    private async Task<bool> RunOneAsync(CancellationToken closing, CancellationToken stopping)
    {
        try
        {
            await using var worker = await start(closing);
            _worker.SetResult(worker);
            try
            {
                if (await worker.Exited.WaitAsync(stopping) == 0)
                {
                    if (!closing.IsCancellationRequested)
                        output.Write(LogLevel.Warning, "Host", "A worker that ends without an error is not replaced, here as in the real host.");
                    await Task.Delay(Timeout.Infinite, stopping);
                }
            }
            catch (OperationCanceledException)
            {
                await worker.StopAsync();
                throw;
            }

            _worker = new TaskCompletionSource<RunningWorker>(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
        catch (WorkerFailedException failed)
        {
            output.Write(LogLevel.Error, "Host", $"The worker could not be started: {failed.Message}");
            return false;
        }
    }
}
