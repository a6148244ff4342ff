using System.Text.Json;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using ConversationLookup.FunctionsHost.Protocol;
using ConversationLookup.FunctionsHost.Worker;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.FunctionsHost.Queues;

/// <summary>What becomes of a message: it is handled and deleted, comes back, or is set aside.</summary>
/// <remarks>
/// QueueListener.cs and QueueProcessor.cs of https://github.com/Azure/azure-sdk-for-net,
/// sdk/storage/Microsoft.Azure.WebJobs.Extensions.Storage.Common; what the worker gets: QueueTriggerBinding.cs and
/// StorageQueueMessageToParameterBindingDataConverter.cs beside it.
/// </remarks>
internal sealed class MessageHandling(Function function, QueueClient queue, QueueClient poison, QueueSettings settings, Dispatcher dispatcher, HostOutput output)
{
    /// <summary>How long a message is invisible to others; renewed at half time while it is handled.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    /// <param name="message">As it was received.</param>
    /// <param name="stopping">Cancels the function; what is then to be done with the message is done all the same.</param>
    public async Task HandleAsync(QueueMessage message, CancellationToken stopping)
    {
        try
        {
            if (message.DequeueCount > settings.MaxDequeueCount)
            {
                await SetAsideAsync(message);
                return;
            }

            var succeeded = await InvokeAsync(message, renewed => message = renewed, stopping);
            if (succeeded)
                await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, CancellationToken.None);
            else if (message.DequeueCount >= settings.MaxDequeueCount)
                await SetAsideAsync(message);
            else
                await queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: settings.VisibilityTimeout, cancellationToken: CancellationToken.None);
        }
        catch (RequestFailedException gone) when (gone.Status is 400 or 404)
        {
            // The function changed the message itself, or somebody else has it now.
        }
        catch (Exception failed) when (failed is RequestFailedException or AggregateException)
        {
            output.Write(LogLevel.Error, "Host.Queues", $"The message '{message.MessageId}' of '{queue.Name}' cannot be completed: {failed.Message.Split('\n')[0]}");
        }
    }

    private async Task<bool> InvokeAsync(QueueMessage message, Action<QueueMessage> onRenewed, CancellationToken stopping)
    {
        using var handled = new CancellationTokenSource();
        var renewing = RenewAsync(message, onRenewed, handled.Token);
        try
        {
            await dispatcher.InvokeAsync(function, Input(message), Metadata(message), stopping);
            return true;
        }
        catch (Exception failed) when (failed is InvocationFailedException or TimeoutException or OperationCanceledException)
        {
            return false;
        }
        finally
        {
            await handled.CancelAsync();
            await renewing;
        }
    }

    private async Task RenewAsync(QueueMessage message, Action<QueueMessage> onRenewed, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Lease / 2);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                onRenewed(message = message.Update(await queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: Lease, cancellationToken: cancellationToken)));
        }
        catch (Exception ended) when (ended is OperationCanceledException or RequestFailedException)
        {
            // The function is done, or changed the message itself.
        }
    }

    private async Task SetAsideAsync(QueueMessage message)
    {
        output.Write(LogLevel.Warning, "Host.Queues", $"Message has reached MaxDequeueCount of {settings.MaxDequeueCount}. Moving message to queue '{poison.Name}'.");
        await poison.CreateIfNotExistsAsync();
        await poison.SendMessageAsync(message.Body);
        await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt);
    }

    /// <summary>The whole message, for a function that binds <c>QueueMessage</c>.</summary>
    private static TypedData Input(QueueMessage message) => new()
    {
        ModelBindingData = new ModelBindingData
        {
            Version = "1.0",
            Source = "AzureStorageQueues",
            ContentType = "application/json",
            Content = ByteString.CopyFrom(new BinaryData(message).ToMemory().Span),
        },
    };

    private static Dictionary<string, TypedData> Metadata(QueueMessage message) => new()
    {
        ["QueueTrigger"] = new TypedData { String = message.Body.ToString() },
        ["Id"] = new TypedData { String = message.MessageId },
        ["PopReceipt"] = new TypedData { String = message.PopReceipt },
        ["DequeueCount"] = Json(message.DequeueCount),
        ["InsertionTime"] = Json(message.InsertedOn),
        ["ExpirationTime"] = Json(message.ExpiresOn),
        ["NextVisibleTime"] = Json(message.NextVisibleOn),
    };

    private static TypedData Json<T>(T value) => new() { Json = JsonSerializer.Serialize(value) };
}
