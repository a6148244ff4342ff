using System.Diagnostics.CodeAnalysis;
using Azure.Storage.Queues.Models;
using ConversationLookup.Delivery;
using ConversationLookup.Guardian;
using ConversationLookup.Storage;
using Microsoft.Azure.Functions.Worker;

namespace ConversationLookup.Functions;

/// <summary>
/// The triggers of the two queues, on the storage of <c>AzureWebJobsStorage</c>. They bind the message itself: with a string, the
/// payload's own properties would overwrite the trigger's.
/// </summary>
public sealed class QueueFunctions(EventFanOut fanOut, FlowDelivery delivery)
{
    /// <summary>Turns one event into a notification for each flow.</summary>
    [Function(nameof(FanOutEvent))]
    public Task FanOutEvent(
        [QueueTrigger(StorageNames.Events)] QueueMessage message,
        CancellationToken cancellationToken) => fanOut.HandleAsync(message, cancellationToken);

    /// <summary>Takes one notification to its flow.</summary>
    [Function(nameof(DeliverNotification))]
    public Task DeliverNotification(
        [QueueTrigger(StorageNames.Notifications)] QueueMessage message,
        CancellationToken cancellationToken) => delivery.HandleAsync(message, cancellationToken);
}

/// <summary>What has to be done by the clock.</summary>
public sealed class MaintenanceFunctions(Maintenance maintenance, DeliveryTable deliveries, WebhookGuardian guardian)
{
    /// <summary>Reminds of poison messages, and purges: every day at 3:00 UTC.</summary>
    [Function(nameof(RunMaintenance))]
    [SuppressMessage("Style", "IDE0060", Justification = "The trigger needs a parameter to sit on.")]
    public Task RunMaintenance(
        [TimerTrigger("0 0 3 * * *")] TimerInfo timer,
        CancellationToken cancellationToken) => maintenance.RunAsync(cancellationToken);

    /// <summary>Purges in between, because a run has ten minutes: at 9:00, 15:00 and 21:00 UTC.</summary>
    [Function(nameof(PurgeDeliveries))]
    [SuppressMessage("Style", "IDE0060", Justification = "The trigger needs a parameter to sit on.")]
    public Task PurgeDeliveries(
        [TimerTrigger("0 0 9,15,21 * * *")] TimerInfo timer,
        CancellationToken cancellationToken) => deliveries.PurgeAsync(cancellationToken);

    /// <summary>Looks at the webhook in Wassist, and replays what failed: every five minutes.</summary>
    [Function(nameof(WatchWebhook))]
    [SuppressMessage("Style", "IDE0060", Justification = "The trigger needs a parameter to sit on.")]
    public Task WatchWebhook(
        [TimerTrigger("0 */5 * * * *")] TimerInfo timer,
        CancellationToken cancellationToken) => guardian.RunAsync(cancellationToken);
}
