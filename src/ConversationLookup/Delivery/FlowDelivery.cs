using System.Diagnostics;
using System.Text.Json;
using Azure.Storage.Queues.Models;
using ConversationLookup.Storage;
using ConversationLookup.Subscriptions;
using ConversationLookup.Telemetry;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Delivery;

/// <summary>Takes one notification to its flow, at least once: five tries, then it is kept in the poison queue.</summary>
public sealed class FlowDelivery(
    WorkQueue<OutgoingNotification> notifications,
    SubscriptionStore subscriptions,
    CallbackPolicy policy,
    CallbackClient callbacks,
    LookupMetrics metrics,
    ILogger<FlowDelivery> logger)
{
    /// <summary>The waits after the first four tries: what passes quickly costs seconds, an outage of half an hour loses nothing.</summary>
    private static readonly TimeSpan[] Waits =
        [TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30)];

    /// <summary>Handles one message of the queue <c>flow-notifications</c>.</summary>
    /// <param name="message">As the trigger binds it.</param>
    public Task HandleAsync(QueueMessage message, CancellationToken cancellationToken) =>
        notifications.HandleAsync(message, DeliverAsync, cancellationToken);

    private async Task<Verdict> DeliverAsync(OutgoingNotification notification, int tries, CancellationToken cancellationToken)
    {
        Activity.Current.SetDelivery(notification.Payload.DeliveryId);
        if (await subscriptions.FindAsync(notification.SubscriptionId, notification.CallbackHash, cancellationToken) is not { } flow)
            return Done("unsubscribed");

        var answer = policy.Read(flow.CallbackUrl, out var refusal) is { } url
            ? await callbacks.PostAsync(
                flow.Id, url, JsonSerializer.SerializeToUtf8Bytes(notification.Payload, DeliveryJson.Payload.FlowNotification), cancellationToken)
            : new CallbackAnswer(null, refusal, null); // the setting was changed since
        if (answer.IsDelivered)
            return Done("delivered");
        if (answer.IsGone)
        {
            await subscriptions.RemoveAsync(flow.Id, cancellationToken);
            logger.FlowGone(flow.LogId, (int)answer.Status!);
            return Done("flow_gone");
        }

        return Failed(notification.Payload.DeliveryId, flow.LogId, tries, answer);
    }

    private Verdict Failed(string deliveryId, string subscription, int tries, CallbackAnswer answer)
    {
        if (tries >= Waits.Length)
        {
            Count("given_up", failed: true);
            logger.DeliveryGivenUp(deliveryId, subscription, answer.Cause);
            return Verdict.Poison;
        }

        var wait = answer.RetryAfter > Waits[tries] ? answer.RetryAfter.Value : Waits[tries];
        Count("failed", failed: true);
        logger.DeliveryFailed(deliveryId, subscription, tries + 1, answer.Cause, wait.TotalSeconds);
        return Verdict.Later(wait);
    }

    private Verdict Done(string outcome)
    {
        Count(outcome, failed: false);
        return Verdict.Done;
    }

    private void Count(string outcome, bool failed)
    {
        metrics.Delivery(outcome);
        Activity.Current.SetOutcome(outcome, failed);
    }
}
