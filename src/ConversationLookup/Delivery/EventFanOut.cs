using System.Diagnostics;
using Azure.Storage.Queues.Models;
using ConversationLookup.Conversations;
using ConversationLookup.Problems;
using ConversationLookup.Storage;
using ConversationLookup.Subscriptions;
using ConversationLookup.Telemetry;
using ConversationLookup.Webhooks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Delivery;

/// <summary>
/// From one event to one notification for each flow that wants it. It may be cut off anywhere and run again: nothing is lost, and a
/// notification is told twice at most when it was cut off after the first was put on the queue.
/// </summary>
public sealed class EventFanOut(
    WorkQueue<WassistEvent> events,
    WorkQueue<OutgoingNotification> notifications,
    SubscriptionStore subscriptions,
    DeliveryRecords deliveries,
    ConversationReader reader,
    IOptions<SubscriptionOptions> options,
    LookupMetrics metrics,
    TimeProvider time,
    ILogger<EventFanOut> logger)
{
    /// <summary>Handles one message of the queue <c>wassist-events</c>.</summary>
    /// <param name="message">As the trigger binds it.</param>
    public Task HandleAsync(QueueMessage message, CancellationToken cancellationToken) => events.HandleAsync(message, FanOutAsync, cancellationToken);

    private async Task<Verdict> FanOutAsync(WassistEvent received, int tries, CancellationToken cancellationToken)
    {
        Activity.Current.SetDelivery(received.DeliveryId);
        Activity.Current.SetConversation(received.ConversationId);
        var flows = (await subscriptions.ListAsync(cancellationToken)).Where(flow => flow.Wants(received)).ToList();
        if (flows.Count == 0)
            return Done(received, "nobody_subscribed");
        if (!await deliveries.ClaimAsync(received.DeliveryId, received.ReceiptId, cancellationToken))
            return Done(received, "duplicate");

        switch (await LookUpAsync(received, tries, cancellationToken))
        {
            case EventLookup.Ended lookup:
                await NotifyAsync(flows, received, lookup, cancellationToken);
                await deliveries.MarkHandledAsync(received.DeliveryId, received.ReceiptId, cancellationToken);
                return Done(received, lookup.Outcome);
            case EventLookup.Waits lookup:
                metrics.Event(received.Type, "waiting");
                Activity.Current.SetOutcome("waiting", failed: false);
                return Verdict.Later(lookup.Wait);
            default:
                throw new UnreachableException();
        }
    }

    private async Task<EventLookup> LookUpAsync(WassistEvent received, int tries, CancellationToken cancellationToken)
    {
        if (received.ConversationId is not { } id)
            return EventLookup.NotFound;
        try
        {
            return EventLookup.Found(await reader.GetAskedSinceAsync(id, received.ReceivedAt, cancellationToken));
        }
        catch (ProblemException exception) when (exception.Problem.Code == ProblemCodes.ConversationNotFound)
        {
            return EventLookup.NotFound;
        }
        catch (ProblemException exception)
        {
            var problem = exception.Problem;
            var age = time.GetUtcNow() - received.ReceivedAt;
            if (problem.Code != ProblemCodes.UpstreamRejectedRequest // waiting does not heal it
                && LookupWait.Next(tries, age, options.Value.LookupPatience, problem.RetryAfter, Random.Shared.NextDouble()) is { } wait)
            {
                logger.EventWaits(received.DeliveryId, wait.TotalSeconds, id, problem.Code);
                return new EventLookup.Waits(wait);
            }

            logger.EventWithoutLookup(received.DeliveryId, id, problem.Code, problem.Cause);
            return EventLookup.Unavailable;
        }
    }

    private Task NotifyAsync(IEnumerable<Subscription> flows, WassistEvent received, EventLookup.Ended lookup, CancellationToken cancellationToken)
    {
        var notification = FlowNotification.From(received, lookup, time.GetUtcNow());
        return Task.WhenAll(flows
            .Where(flow => lookup.Conversation is not { } found || flow.Wants(found.Value))
            .Select(flow => notifications.SendAsync(new OutgoingNotification(flow.Id, flow.CallbackHash, notification), cancellationToken)));
    }

    private Verdict Done(WassistEvent received, string outcome)
    {
        metrics.Event(received.Type, outcome);
        Activity.Current.SetOutcome(outcome, failed: outcome == EventLookup.Unavailable.Outcome);
        return Verdict.Done;
    }
}
