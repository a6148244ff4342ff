using System.Globalization;
using System.Text.RegularExpressions;
using ConversationLookup.Json;

namespace ConversationLookup.Wassist;

/// <summary>An event on its way to a webhook. What the event says is not read.</summary>
/// <param name="Id">Fit for an address and a log.</param>
/// <param name="WebhookId">Null where Wassist does not say.</param>
/// <param name="Event">Its type; null where Wassist does not say.</param>
/// <param name="Status">What the webhook answered last; null for nothing.</param>
/// <param name="CreatedAt">Null where Wassist does not say.</param>
/// <remarks>
/// Wassist's reference does not describe it, so a field is looked for under the names that such lists usually have. One that is not there
/// is unknown, and a delivery whose state is unknown has not failed.
/// </remarks>
public sealed partial record WassistDelivery(string Id, string? WebhookId, string? Event, DeliveryState State, int? Status, DateTimeOffset? CreatedAt)
{
    private static readonly string[] FailedWords = ["fail", "error", "dead", "exhaust", "abandon", "gave", "given", "undeliver", "reject", "disabled", "skip", "drop"];

    private static readonly string[] DeliveredWords = ["succe", "deliver", "ok", "sent", "complete"];

    /// <returns>Null for one without an id.</returns>
    public static WassistDelivery? Read(TolerantObject delivery)
    {
        if (IdOf(delivery) is not { } id)
            return null;
        var status = StatusOf(delivery);
        return new WassistDelivery(
            id,
            First(delivery.Digits, "webhookId", "webhook_id") ?? delivery.Reference("webhook"),
            delivery.ObjectOrText("event", of => First(of.Text, "name", "type"), name => name) ?? First(delivery.Text, "eventType", "event_type", "eventName"),
            StateOf(delivery, status),
            status,
            First(delivery.Time, "createdAt", "created_at", "created", "timestamp"));
    }

    /// <summary>The id of the delivery that a replay made.</summary>
    /// <param name="replay">What Wassist answered.</param>
    /// <returns>Null where it does not say.</returns>
    public static string? IdOfReplay(TolerantObject replay) =>
        IdOf(replay) ?? First(replay.Digits, "deliveryId", "delivery_id") ?? replay.Reference("delivery");

    private static string? IdOf(TolerantObject delivery) => delivery.Digits("id") is { } id && FitId().IsMatch(id) ? id : null;

    private static DeliveryState StateOf(TolerantObject delivery, int? status)
    {
        var state = First(delivery.Digits, "status", "state")?.ToLowerInvariant() is { } word && !int.TryParse(word, out _) ? StateOf(word)
            : First(delivery.Flag, "success", "succeeded", "delivered") is { } done ? done ? DeliveryState.Delivered : DeliveryState.Failed
            : First(delivery.Time, "deliveredAt", "delivered_at") is not null ? DeliveryState.Delivered
            : First(delivery.Time, "failedAt", "failed_at") is not null ? DeliveryState.Failed
            : status switch { null => DeliveryState.Unknown, >= 200 and < 300 => DeliveryState.Delivered, _ => DeliveryState.Failed };
        var comesAgain = First(delivery.Time, "nextAttemptAt", "next_attempt_at", "nextRetryAt", "next_retry_at") is not null;
        return state is DeliveryState.Failed && comesAgain ? DeliveryState.UnderWay : state;
    }

    /// <param name="word">Wassist's own, in lower case: one that nobody has seen is no failure.</param>
    private static DeliveryState StateOf(string word) =>
        word.EndsWith("ing", StringComparison.Ordinal) || word is "queued" or "scheduled" or "created" ? DeliveryState.UnderWay
        : FailedWords.Any(word.Contains) ? DeliveryState.Failed
        : DeliveredWords.Any(word.Contains) ? DeliveryState.Delivered
        : DeliveryState.Unknown;

    private static int? StatusOf(TolerantObject delivery)
    {
        string[] names = ["responseStatus", "response_status", "statusCode", "status_code", "responseStatusCode", "responseCode", "lastStatusCode", "httpStatus"];
        if (First(delivery.WholeNumber, names) is { } status)
            return status;
        if (int.TryParse(First(delivery.Digits, "status", "state"), NumberStyles.None, CultureInfo.InvariantCulture, out status))
            return status;
        var tries = delivery.IsListOfObjects("attempts") ? delivery.Objects("attempts").Select(one => First(one.WholeNumber, names)).OfType<int>().ToList() : [];
        return tries.Count == 0 ? null : tries.FirstOrDefault(code => code is >= 200 and < 300, tries[^1]);
    }

    private static T? First<T>(Func<string, T?> read, params IEnumerable<string> names) => names.Select(read).FirstOrDefault(value => value is not null);

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,100}\z")]
    private static partial Regex FitId();
}

/// <summary>What became of an event on its way to a webhook.</summary>
public enum DeliveryState
{
    /// <summary>Wassist does not say, or in words that this app does not know.</summary>
    Unknown,

    /// <summary>It is to be sent, or to be sent again.</summary>
    UnderWay,

    /// <summary>The webhook took it.</summary>
    Delivered,

    /// <summary>It did not arrive.</summary>
    Failed,
}
