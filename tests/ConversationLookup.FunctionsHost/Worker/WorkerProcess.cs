using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.FunctionsHost.Worker;

/// <summary>A worker's process, started as the real host starts it.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private const string ConsoleLogPrefix = "LanguageWorkerConsoleLog";

    private readonly Process _process;
    private readonly HostOutput _output;

    private WorkerProcess(Process process, HostOutput output) => (_process, _output) = (process, output);

    public int Id => _process.Id;

    /// <summary>Its exit code, once it has one and all that it printed was read.</summary>
    public Task<int> Exited { get; private set; } = null!;

    /// <remarks>Arguments and variables: RpcWorkerContext.cs and RpcWorkerProcess.cs of https://github.com/Azure/azure-functions-host.</remarks>
    public static WorkerProcess Start(string appDirectory, IReadOnlyDictionary<string, string> environment, Uri server, string workerId, HostOutput output)
    {
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(appDirectory, "worker.config.json")));
        var description = config.RootElement.GetProperty("description");
        var start = new ProcessStartInfo(description.GetProperty("defaultExecutablePath").GetString()!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = appDirectory,
        };
        var (requestId, longest) = (Guid.NewGuid().ToString(), $"{int.MaxValue}");
        string[] arguments =
        [
            Path.Combine(appDirectory, description.GetProperty("defaultWorkerPath").GetString()!),
            "--host", server.Host, "--port", $"{server.Port}", "--workerId", workerId, "--requestId", requestId, "--grpcMaxMessageLength", longest,
            "--functions-uri", server.AbsoluteUri, "--functions-worker-id", workerId, "--functions-request-id", requestId,
            "--functions-grpc-max-message-length", longest,
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["FUNCTIONS_WORKER_RUNTIME"] = description.GetProperty("language").GetString();
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        start.Environment["FUNCTIONS_WORKER_DIRECTORY"] = appDirectory;
        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = appDirectory;

        var worker = new WorkerProcess(new Process { StartInfo = start }, output);
        worker._process.OutputDataReceived += (_, line) => worker.Print(line.Data, LogLevel.Information);
        worker._process.ErrorDataReceived += (_, line) => worker.Print(line.Data, ErrorLevel(line.Data));
        worker._process.Start();
        worker._process.BeginOutputReadLine();
        worker._process.BeginErrorReadLine();
        worker.Exited = worker.ExitAsync();
        return worker;
    }

    /// <summary>At once, as <c>kill -9</c> does.</summary>
    public void Kill() => _process.Kill(entireProcessTree: true);

    public void Dispose() => _process.Dispose();

    private async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(CancellationToken.None);
        return _process.ExitCode;
    }

    /// <summary>The real host guesses the level of what comes on the error stream: WorkerProcess.cs.</summary>
    private static LogLevel ErrorLevel(string? line)
    {
        string[] errors = ["error", "fail", "severe", "unhandled exception"];
        return line is null || errors.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase)) ? LogLevel.Error
            : line.Contains("warn", StringComparison.OrdinalIgnoreCase) ? LogLevel.Warning
            : LogLevel.Information;
    }

    private void Print(string? line, LogLevel level)
    {
        if (line is null)
            return;
        if (line.StartsWith(ConsoleLogPrefix, StringComparison.OrdinalIgnoreCase))
            _output.Write(level, "Worker", line[ConsoleLogPrefix.Length..]);
        else
            _output.Write(level, "Host.Function.Console", line);
    }
}
