using System.Collections.Concurrent;
using System.Threading.Channels;
using ConversationLookup.FunctionsHost.Protocol;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Content = ConversationLookup.FunctionsHost.Protocol.StreamingMessage.ContentOneofCase;

namespace ConversationLookup.FunctionsHost.Worker;

/// <summary>The stream of messages to and from one worker.</summary>
internal sealed class WorkerConnection(HostOutput output)
{
    private readonly Channel<StreamingMessage> _outbound = Channel.CreateUnbounded<StreamingMessage>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> _asked = [];
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _closed;

    public string WorkerId { get; } = Guid.NewGuid().ToString();

    /// <summary>Completes with the worker's first message.</summary>
    public Task Started => _started.Task;

    /// <summary>Questions without an answer so far.</summary>
    public int UnderWay => _asked.Count;

    public void Send(StreamingMessage message) => _outbound.Writer.TryWrite(message);

    /// <summary>Sends a message and waits for the answer to it, which bears the same request id.</summary>
    public async Task<StreamingMessage> AskAsync(StreamingMessage question)
    {
        question.RequestId = Guid.NewGuid().ToString();
        var answer = new TaskCompletionSource<StreamingMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[question.RequestId] = answer;
        try
        {
            Send(question);
            if (_closed is { } reason)
                throw new InvocationFailedException(reason);
            return await answer.Task;
        }
        finally
        {
            _asked.TryRemove(question.RequestId, out _);
        }
    }

    /// <summary>Fails every question that has no answer, and those to come.</summary>
    public void Close(string reason)
    {
        _closed = reason;
        foreach (var answer in _asked.Values)
            answer.TrySetException(new InvocationFailedException(reason));
    }

    /// <summary>Carries messages both ways until the worker or the host ends the stream.</summary>
    public async Task CarryAsync(
        IAsyncStreamReader<StreamingMessage> inbound, IServerStreamWriter<StreamingMessage> outbound, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _started.TrySetResult();
        var sending = SendAllAsync(outbound, ended.Token);
        try
        {
            while (await inbound.MoveNext(ended.Token))
                Receive(inbound.Current);
        }
        finally
        {
            await ended.CancelAsync();
            await sending;
        }
    }

    private async Task SendAllAsync(IServerStreamWriter<StreamingMessage> outbound, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in _outbound.Reader.ReadAllAsync(cancellationToken))
                await outbound.WriteAsync(message, cancellationToken);
        }
        catch (Exception ended) when (ended is OperationCanceledException or InvalidOperationException or IOException)
        {
            // The stream is over; whoever waits for an answer is told when the process ends.
        }
    }

    private void Receive(StreamingMessage message)
    {
        if (message.ContentCase == Content.RpcLog)
            Print(message.RpcLog);
        else if (_asked.TryGetValue(message.RequestId, out var answer))
            answer.TrySetResult(message);
    }

    /// <summary>The real host drops what the app logs outside an invocation: GrpcWorkerChannel.cs.</summary>
    private void Print(RpcLog log) => output.Write(
        (LogLevel)log.Level,
        log.Category,
        log.Exception is { } exception ? $"{log.Message}{Environment.NewLine}{exception.Message}{Environment.NewLine}{exception.StackTrace}" : log.Message,
        isShown: log.InvocationId.Length > 0 || log.LogCategory != RpcLog.Types.Kind.User);
}
