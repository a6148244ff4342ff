using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Azure.Storage.Queues.Models;
using ConversationLookup.Storage;
using ConversationLookup.Subscriptions;
using ConversationLookup.Telemetry;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Delivery;

/// <summary>Takes one notification to its flow: five tries, then it is kept in the poison queue.</summary>
/// <remarks>A flow is told twice only where the process dies between the flow's answer and the note of it.</remarks>
public sealed class FlowDelivery(
    WorkQueue<OutgoingNotification> notifications,
    SubscriptionStore subscriptions,
    FlowNotes notes,
    FlowLines lines,
    CallbackPolicy policy,
    CallbackClient callbacks,
    LookupMetrics metrics,
    TimeProvider time,
    ILogger<FlowDelivery> logger)
{
    /// <summary>The waits after the first four tries: what passes quickly costs seconds, an outage of half an hour loses nothing.</summary>
    private static readonly TimeSpan[] Waits =
        [TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30)];

    /// <summary>An address that is not found for so long is gone; for a moment it is so while a flow is saved.</summary>
    private static readonly TimeSpan GoneAfter = TimeSpan.FromMinutes(1);

    /// <summary>For so long a notification waits for a flow that keeps failing without a try of its own.</summary>
    private static readonly TimeSpan PausePatience = TimeSpan.FromHours(1);

    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>Handles one message of the queue <c>flow-notifications</c>.</summary>
    /// <param name="message">As the trigger binds it.</param>
    public Task HandleAsync(QueueMessage message, CancellationToken cancellationToken) =>
        notifications.HandleAsync(message, DeliverAsync, cancellationToken);

    private async Task<Verdict> DeliverAsync(WorkItem<OutgoingNotification> item, CancellationToken cancellationToken)
    {
        var notification = item.Content;
        Activity.Current.SetDelivery(notification.Payload.DeliveryId);
        var line = lines.Of(notification.CallbackHash);
        if (line.IsPaused && MayWait(notification))
            return Waiting(PauseOf(notification));
        if (await line.EnterAsync(cancellationToken) is { } turn)
            return Waiting(turn);

        TimeSpan? took = null;
        try
        {
            if (await subscriptions.FindCallbackAsync(notification.SubscriptionId, notification.CallbackHash, cancellationToken) is not { } callback)
            {
                lines.Forget(notification.CallbackHash);
                return Done("unsubscribed");
            }

            switch (await notes.TakeAsync(item, cancellationToken))
            {
                case FlowNote.HeldByOther other:
                    return Waiting(other.Wait);
                case FlowNote.Held when notification.IsTold:
                    await notes.CloseAsync(item, cancellationToken);
                    return Done("delivered");
                case FlowNote.Held note:
                    var started = time.GetTimestamp();
                    var answer = await TellAsync(line, callback.Url, notification.Payload, cancellationToken);
                    took = time.GetElapsedTime(started);
                    return await ConcludeAsync(item, note, callback, answer, cancellationToken);
                default:
                    return Done("duplicate");
            }
        }
        finally
        {
            line.Leave(took);
        }
    }

    private async Task<CallbackAnswer> TellAsync(FlowLine line, string callbackUrl, FlowNotification payload, CancellationToken cancellationToken) =>
        policy.Read(callbackUrl, out var refusal) is { } url
            ? await callbacks.PostAsync(line, url, JsonSerializer.SerializeToUtf8Bytes(payload, DeliveryJson.Payload.FlowNotification), cancellationToken)
            : new CallbackAnswer(null, refusal); // the setting was changed since

    private async Task<Verdict> ConcludeAsync(
        WorkItem<OutgoingNotification> item, FlowNote.Held note, Callback callback, CallbackAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.IsDelivered)
        {
            item.Change(item.Content.Shorten() with { IsTold = true }); // so that nothing but the note is left to do if storage is away now
            await notes.CloseAsync(item, cancellationToken);
            return Done("delivered");
        }

        DateTimeOffset? missingSince = answer.Status is HttpStatusCode.NotFound ? note.MissingSince ?? time.GetUtcNow() : null;
        if (answer.SaysGone || time.GetUtcNow() - missingSince >= GoneAfter)
        {
            await subscriptions.RemoveAsync(callback.SubscriptionId, cancellationToken);
            lines.Forget(item.Content.CallbackHash);
            logger.FlowGone(callback.LogId, (int)answer.Status!);
            return Done("flow_gone");
        }

        if (!answer.WasTried && MayWait(item.Content))
        {
            var pause = PauseOf(item.Content);
            await notes.HandOnAsync(item, pause, note.MissingSince, cancellationToken);
            return Waiting(pause);
        }

        if (item.Tries >= Waits.Length)
        {
            await notes.KeepAsync(item, cancellationToken);
            Count("given_up", failed: true);
            logger.DeliveryGivenUp(item.Content.Payload.DeliveryId, callback.LogId, answer.Cause);
            return Verdict.Poison;
        }

        var wait = answer.RetryAfter > Waits[item.Tries] ? answer.RetryAfter.Value : Waits[item.Tries];
        await notes.HandOnAsync(item, wait, missingSince, cancellationToken);
        Count("failed", failed: true);
        logger.DeliveryFailed(item.Content.Payload.DeliveryId, callback.LogId, item.Tries + 1, answer.Cause, wait.TotalSeconds);
        return Verdict.TryAgain(wait);
    }

    private bool MayWait(OutgoingNotification notification) => time.GetUtcNow() - notification.MadeAt < PausePatience;

    /// <summary>The longer it has waited the rarer it comes, so that a flow that is away for an hour costs little.</summary>
    private TimeSpan PauseOf(OutgoingNotification notification)
    {
        var wait = (time.GetUtcNow() - notification.MadeAt) / 4;
        return (wait < ShortestPause ? ShortestPause : wait < LongestPause ? wait : LongestPause) * (1 + (0.25 * Random.Shared.NextDouble()));
    }

    private Verdict Waiting(TimeSpan wait)
    {
        Count("waiting", failed: false);
        return Verdict.NotYet(wait);
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
