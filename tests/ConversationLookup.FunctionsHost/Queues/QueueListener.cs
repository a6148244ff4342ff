using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using ConversationLookup.FunctionsHost.Worker;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.FunctionsHost.Queues;

/// <summary>Takes messages from one queue in batches and has the worker handle them.</summary>
/// <remarks>
/// QueueListener.cs of https://github.com/Azure/azure-sdk-for-net, sdk/storage/Microsoft.Azure.WebJobs.Extensions.Storage.Common: a queue
/// that does not exist is waited for; the next batch is taken when few enough messages are under way.
/// </remarks>
internal sealed class QueueListener
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);

    private readonly QueueSettings _settings;
    private readonly QueueClient _queue;
    private readonly MessageHandling _handling;
    private readonly HostOutput _output;

    public QueueListener(Function function, QueueTrigger trigger, string storage, QueueSettings settings, Dispatcher dispatcher, HostOutput output)
    {
        (_settings, _output) = (settings, output);
        var poison = new QueueClient(storage, $"{trigger.Queue}-poison", Options(settings.Encoding));
        var rawPoison = new QueueClient(storage, poison.Name, Options(QueueMessageEncoding.None));
        var options = Options(settings.Encoding);
        options.MessageDecodingFailed += async failed => // in another encoding than host.json says: nobody can read it
        {
            await rawPoison.CreateIfNotExistsAsync(cancellationToken: failed.CancellationToken);
            await rawPoison.SendMessageAsync(failed.ReceivedMessage.Body, cancellationToken: failed.CancellationToken);
            await failed.Queue.DeleteMessageAsync(failed.ReceivedMessage.MessageId, failed.ReceivedMessage.PopReceipt, failed.CancellationToken);
        };
        _queue = new QueueClient(storage, trigger.Queue, options);
        _handling = new MessageHandling(function, _queue, poison, settings, dispatcher, output);
    }

    /// <summary>Listens until it is stopped and nothing is under way any more.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var underWay = new List<Task>();
        var pause = ShortestPause;
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                var messages = await ReceiveAsync(stopping);
                underWay.AddRange(messages.Select(message => _handling.HandleAsync(message, stopping)));
                if (messages.Length == 0)
                {
                    await Task.Delay(pause, stopping);
                    pause = pause * 2 < _settings.MaxPollingInterval ? pause * 2 : _settings.MaxPollingInterval;
                    continue;
                }

                pause = ShortestPause;
                while (underWay.Count > _settings.NewBatchThreshold)
                    underWay.Remove(await Task.WhenAny(underWay));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }

        await Task.WhenAll(underWay);
    }

    /// <summary>Not the newest version of the service: Azurite refuses those it does not know yet.</summary>
    private static QueueClientOptions Options(QueueMessageEncoding encoding) =>
        new(QueueClientOptions.ServiceVersion.V2025_11_05) { MessageEncoding = encoding };

    private async Task<QueueMessage[]> ReceiveAsync(CancellationToken stopping)
    {
        try
        {
            return await _queue.ReceiveMessagesAsync(_settings.BatchSize, MessageHandling.Lease, stopping);
        }
        catch (Exception failed) when (failed is RequestFailedException or AggregateException)
        {
            if (failed is not RequestFailedException { Status: 404 })
                _output.Write(LogLevel.Warning, "Host.Queues", $"The queue '{_queue.Name}' cannot be read: {failed.Message.Split('\n')[0]}");
            return [];
        }
    }
}
