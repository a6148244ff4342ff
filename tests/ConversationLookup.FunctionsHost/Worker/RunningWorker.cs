using System.Diagnostics;
using ConversationLookup.FunctionsHost.Protocol;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.FunctionsHost.Worker;

/// <summary>A worker that started, told its functions and can be given invocations.</summary>
/// <remarks>The order of messages and the times: GrpcWorkerChannel.cs and WorkerConstants.cs of https://github.com/Azure/azure-functions-host.</remarks>
internal sealed class RunningWorker : IAsyncDisposable
{
    private const string HostVersion = "4.1037.0";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(5);

    private readonly WorkerProcess _process;
    private readonly WorkerConnection _connection;
    private readonly HostOutput _output;
    private readonly Task _closedAtExit;
    private bool _stopping;

    private RunningWorker(WorkerProcess process, WorkerConnection connection, HostOutput output)
    {
        (_process, _connection, _output) = (process, connection, output);
        _closedAtExit = CloseAtExitAsync();
    }

    public IReadOnlyList<Function> Functions { get; private set; } = [];

    /// <summary>Where it takes the requests that start its functions.</summary>
    public string HttpUri { get; private set; } = "";

    public int ProcessId => _process.Id;

    public Task<int> Exited => _process.Exited;

    /// <exception cref="WorkerFailedException">It ended, or did not do as it should.</exception>
    public static async Task<RunningWorker> StartAsync(
        string appDirectory, IReadOnlyDictionary<string, string> environment, RpcServer server, HostOutput output, CancellationToken cancellationToken)
    {
        var connection = server.Expect(output);
        var worker = new RunningWorker(WorkerProcess.Start(appDirectory, environment, server.Address, connection.WorkerId, output), connection, output);
        try
        {
            await worker.BeginAsync(appDirectory).WaitAsync(StartTimeout, cancellationToken);
            return worker;
        }
        catch (Exception failed)
        {
            worker._stopping = failed is OperationCanceledException;
            worker.Kill();
            await worker.DisposeAsync();
            if (failed is InvocationFailedException or TimeoutException)
                throw new WorkerFailedException(failed.Message);
            throw;
        }
    }

    /// <summary>Has it run a function.</summary>
    /// <exception cref="InvocationFailedException">The function did not succeed.</exception>
    public async Task InvokeAsync(
        Function function, string invocationId, TypedData input, IDictionary<string, TypedData> triggerMetadata, CancellationToken cancellationToken)
    {
        var request = new InvocationRequest
        {
            InvocationId = invocationId,
            FunctionId = function.Id,
            InputData = { new ParameterBinding { Name = function.Trigger.Parameter, Data = input } },
            TriggerMetadata = { triggerMetadata },
            TraceContext = new TraceContext
            {
                TraceParent = Activity.Current?.Id ?? "",
                TraceState = Activity.Current?.TraceStateString ?? "",
                Baggage = { Activity.Current?.Baggage.ToDictionary(item => item.Key, item => item.Value ?? "") ?? [] },
            },
        };
        var answer = _connection.AskAsync(new StreamingMessage { InvocationRequest = request });
        using var cancel = cancellationToken.Register(
            () => _connection.Send(new StreamingMessage { InvocationCancel = new InvocationCancel { InvocationId = invocationId } }));
        Check((await answer).InvocationResponse.Result, $"Function '{function.Name}'");
    }

    /// <summary>Lets it finish what is under way, asks it to end, and kills it when it does not.</summary>
    public async Task StopAsync()
    {
        _stopping = true;
        var patience = Stopwatch.StartNew();
        while (_connection.UnderWay > 0 && !Exited.IsCompleted && patience.Elapsed < DrainTimeout)
            await Task.Delay(25);
        _connection.Send(new StreamingMessage { WorkerTerminate = new WorkerTerminate { GracePeriod = Duration.FromTimeSpan(GracePeriod) } });
        try
        {
            _output.Say($"The worker ended when asked to, with exit code {await Exited.WaitAsync(GracePeriod)}.");
        }
        catch (TimeoutException)
        {
            _output.Write(LogLevel.Warning, "Host", $"The worker did not end within {GracePeriod.TotalSeconds} seconds and was killed.");
            Kill();
        }
    }

    public void Kill()
    {
        if (!Exited.IsCompleted)
            _process.Kill();
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _closedAtExit;
        _process.Dispose();
    }

    private async Task BeginAsync(string appDirectory)
    {
        if (await Task.WhenAny(_connection.Started, _closedAtExit) == _closedAtExit)
            throw new InvocationFailedException("The worker ended before it connected.");

        var initialized = (await _connection.AskAsync(new StreamingMessage
        {
            WorkerInitRequest = new WorkerInitRequest { HostVersion = HostVersion, WorkerDirectory = appDirectory, FunctionAppDirectory = appDirectory },
        })).WorkerInitResponse;
        Check(initialized.Result, "The worker's start");
        HttpUri = initialized.Capabilities["HttpUri"];

        var indexed = (await _connection.AskAsync(new StreamingMessage
        {
            FunctionsMetadataRequest = new FunctionsMetadataRequest { FunctionAppDirectory = appDirectory },
        })).FunctionMetadataResponse;
        Check(indexed.Result, "The worker's list of functions");
        Functions = [.. indexed.Functions.Select(Function.From)];

        await Task.WhenAll(Functions.Select(LoadAsync));
    }

    private async Task LoadAsync(Function function)
    {
        var load = new FunctionLoadRequest { FunctionId = function.Id, Metadata = function.Metadata };
        Check((await _connection.AskAsync(new StreamingMessage { FunctionLoadRequest = load })).FunctionLoadResponse.Result, $"Loading '{function.Name}'");
    }

    private static void Check(StatusResult result, string what)
    {
        if (result.Status != StatusResult.Types.Status.Success)
            throw new InvocationFailedException($"{what}: {result.Status}. {result.Exception?.Message}");
    }

    private async Task CloseAtExitAsync()
    {
        var code = await Exited;
        var reason = $"The worker process {ProcessId} exited with code {code}.";
        if (!_stopping)
            _output.Write(code == 0 ? LogLevel.Warning : LogLevel.Error, "Host", reason);
        _connection.Close(reason);
    }
}
