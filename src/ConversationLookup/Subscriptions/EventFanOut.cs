using System.Diagnostics;
using Azure.Storage.Queues.Models;
using ConversationLookup.Conversations;
using ConversationLookup.Problems;
using ConversationLookup.Storage;
using ConversationLookup.Telemetry;
using ConversationLookup.Wassist;
using ConversationLookup.Webhooks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Subscriptions;

/// <summary>
/// From one event to one notification for each flow that wants it. It may be cut off anywhere and run again: nothing is lost, and a
/// notification is told twice at most when it was cut off after the first was put on the queue.
/// </summary>
public sealed class EventFanOut
{
    private readonly WorkQueue<WassistEvent> _events;
    private readonly WorkQueue<OutgoingNotification> _notifications;
    private readonly SubscriptionStore _subscriptions;
    private readonly DeliveryRecords _deliveries;
    private readonly ConversationReader _reader;
    private readonly TimeSpan _patience;
    private readonly LookupMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<EventFanOut> _logger;

    internal EventFanOut(
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
        (_events, _notifications, _subscriptions, _deliveries, _reader) = (events, notifications, subscriptions, deliveries, reader);
        (_patience, _metrics, _time, _logger) = (options.Value.LookupPatience, metrics, time, logger);
    }

    /// <summary>Handles one message of the queue <c>wassist-events</c>.</summary>
    /// <param name="message">As the trigger binds it.</param>
    /// <param name="cancellationToken">Ends when the host stops.</param>
    public Task HandleAsync(QueueMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _events.HandleAsync(message, FanOutAsync, cancellationToken);
    }

    private async Task<Verdict> FanOutAsync(WassistEvent received, int tries, CancellationToken cancellationToken)
    {
        Activity.Current.SetDelivery(received.DeliveryId);
        Activity.Current.SetConversation(received.ConversationId);
        var flows = (await _subscriptions.ListAsync(cancellationToken)).Where(flow => flow.Wants(received)).ToList();
        if (flows.Count == 0)
            return Done(received, "nobody_subscribed");
        if (!await _deliveries.ClaimAsync(received.DeliveryId, received.ReceiptId, cancellationToken))
            return Done(received, "duplicate");

        var (outcome, conversation, wait) = await LookUpAsync(received, tries, cancellationToken);
        if (wait is { } later)
        {
            _metrics.Event(received.Type, "waiting");
            Activity.Current.SetOutcome("waiting", failed: false);
            return Verdict.Later(later);
        }

        var notification = FlowNotification.From(received, outcome, conversation, _time.GetUtcNow());
        await Task.WhenAll(flows
            .Where(flow => conversation is null || flow.Wants(conversation.Conversation))
            .Select(flow => _notifications.SendAsync(new OutgoingNotification(flow.Id, flow.CallbackHash, notification), cancellationToken)));
        await _deliveries.MarkHandledAsync(received.DeliveryId, received.ReceiptId, cancellationToken);
        return Done(received, outcome);
    }

    /// <returns>The outcome for the notification and the conversation, if there is one; or how long to wait.</returns>
    private async Task<(string Outcome, RetrievedConversation? Conversation, TimeSpan? Wait)> LookUpAsync(
        WassistEvent received, int tries, CancellationToken cancellationToken)
    {
        if (received.ConversationId is not { } id)
            return ("notFound", null, null);
        try
        {
            return ("found", await _reader.GetAskedSinceAsync(id, received.ReceivedAt, cancellationToken), null);
        }
        catch (ProblemException exception) when (exception.Problem.Code == "conversation_not_found")
        {
            return ("notFound", null, null);
        }
        catch (ProblemException exception)
        {
            var problem = exception.Problem;
            var age = _time.GetUtcNow() - received.ReceivedAt;
            if (problem.Code != "upstream_rejected_request" // waiting does not heal it
                && LookupWait.Next(tries, age, _patience, problem.RetryAfter, Random.Shared.NextDouble()) is { } wait)
            {
                _logger.EventWaits(received.DeliveryId, wait.TotalSeconds, id, problem.Code);
                return ("", null, wait);
            }

            _logger.EventWithoutLookup(received.DeliveryId, id, problem.Code, problem.Cause);
            return ("unavailable", null, null);
        }
    }

    private Verdict Done(WassistEvent received, string outcome)
    {
        _metrics.Event(received.Type, outcome);
        Activity.Current.SetOutcome(outcome, failed: outcome == "unavailable");
        return Verdict.Done;
    }
}
