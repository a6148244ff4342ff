using System.Collections.Concurrent;
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
/// From one event to one notification for each flow that wants it. It may be cut off anywhere and run again: nothing is lost, and what
/// it puts onto the queue twice is told once, see <see cref="FlowNotes"/>.
/// </summary>
public sealed class EventFanOut(
    WorkQueue<WassistEvent> events,
    WorkQueue<OutgoingNotification> notifications,
    SubscriptionStore subscriptions,
    EventClaims claims,
    ConversationReader reader,
    IOptions<SubscriptionOptions> options,
    LookupMetrics metrics,
    TimeProvider time,
    ILogger<EventFanOut> logger)
{
    /// <summary>Messages that are sent at a time.</summary>
    private const int Sends = 16;

    /// <summary>When those are sent that storage did not take.</summary>
    private static readonly TimeSpan SendAgain = TimeSpan.FromSeconds(5);

    /// <summary>Handles one message of the queue <c>wassist-events</c>.</summary>
    /// <param name="message">As the trigger binds it.</param>
    public Task HandleAsync(QueueMessage message, CancellationToken cancellationToken) => events.HandleAsync(message, FanOutAsync, cancellationToken);

    private async Task<Verdict> FanOutAsync(WorkItem<WassistEvent> item, CancellationToken cancellationToken)
    {
        var received = item.Content;
        Activity.Current.SetDelivery(received.DeliveryId);
        Activity.Current.SetConversation(received.ConversationId);
        var catalog = await subscriptions.GetCatalogAsync(cancellationToken);
        if (!catalog.Candidates(received).Any())
            return Done(received, "nobody_subscribed");
        if (await claims.ClaimAsync(received, cancellationToken) is not { } earlier || !catalog.Candidates(received).Any(IsNews))
            return Done(received, "duplicate");

        switch (await LookUpAsync(received, item.Tries, cancellationToken))
        {
            case EventLookup.Ended lookup:
                var flows = catalog.Wanting(received, lookup.Conversation?.Value).Where(IsNews);
                return await NotifyAsync(item, flows, lookup, cancellationToken) ? Done(received, lookup.Outcome) : Waiting(received, Verdict.NotYet(SendAgain));
            case EventLookup.Waits lookup:
                return Waiting(received, Verdict.TryAgain(lookup.Wait));
            default:
                throw new UnreachableException();
        }

        // Who was told by another event of the same message, or by an earlier try of this one, knows.
        bool IsNews(Subscription flow) => !flow.Events.Intersect(earlier).Any() && !received.Sent.Contains(flow.CallbackHash);
    }

    private async Task<EventLookup> LookUpAsync(WassistEvent received, int tries, CancellationToken cancellationToken)
    {
        if (received.ConversationId is not { } id)
            return EventLookup.NotFound;
        try
        {
            return EventLookup.Found(await reader.GetAskedSinceAsync(id, received.ReceivedAt, received.ReceivedAt + options.Value.LookupPatience, cancellationToken));
        }
        catch (ProblemException exception) when (exception.Problem.Code == ProblemCodes.ConversationNotFound)
        {
            return EventLookup.NotFound;
        }
        catch (ProblemException exception)
        {
            return WaitOrGoOn(received, id, tries, exception.Problem);
        }
#pragma warning disable CA1031 // An event is told also where we are at fault.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            logger.EventLookupFailed(received.DeliveryId, id, exception);
            return WaitOrGoOn(received, id, tries, Catalogue.InternalError());
        }
    }

    private EventLookup WaitOrGoOn(WassistEvent received, Guid id, int tries, Problem problem)
    {
        var age = time.GetUtcNow() - received.ReceivedAt;
        var turn = problem.Code == ProblemCodes.UpstreamRateLimited ? problem.RetryAfter : null;
        if (problem.Code != ProblemCodes.UpstreamRejectedRequest // waiting does not heal it
            && LookupWait.Next(tries, age, options.Value.LookupPatience, turn, problem.RetryAfter, Random.Shared.NextDouble()) is { } wait)
        {
            logger.EventWaits(received.DeliveryId, wait.TotalSeconds, id, problem.Code);
            return new EventLookup.Waits(wait);
        }

        logger.EventWithoutLookup(received.DeliveryId, id, problem.Code, problem.Cause);
        return EventLookup.Unavailable;
    }

    /// <returns>Whether each flow's message is on the queue; the event remembers those whose is.</returns>
    private async Task<bool> NotifyAsync(WorkItem<WassistEvent> item, IEnumerable<Subscription> flows, EventLookup.Ended lookup, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var notification = FlowNotification.From(item.Content, lookup, now);
        var sent = new ConcurrentBag<string>(item.Content.Sent);
        var isComplete = true;
        await Parallel.ForEachAsync(flows, new ParallelOptions { MaxDegreeOfParallelism = Sends, CancellationToken = cancellationToken }, async (flow, cancellationToken) =>
        {
            try
            {
                await notifications.SendAsync(new OutgoingNotification(flow.Id, flow.CallbackHash, item.Content.Key, now, notification), cancellationToken);
                sent.Add(flow.CallbackHash);
            }
            catch (ProblemException)
            {
                isComplete = false;
            }
        });
        if (!isComplete)
            item.Change(item.Content with { Sent = [.. sent] });
        return isComplete;
    }

    private Verdict Waiting(WassistEvent received, Verdict verdict)
    {
        metrics.Event(received.Type, "waiting");
        Activity.Current.SetOutcome("waiting", failed: false);
        return verdict;
    }

    private Verdict Done(WassistEvent received, string outcome)
    {
        metrics.Event(received.Type, outcome);
        Activity.Current.SetOutcome(outcome, failed: outcome == EventLookup.Unavailable.Outcome);
        return Verdict.Done;
    }
}
