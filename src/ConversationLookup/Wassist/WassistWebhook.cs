using ConversationLookup.Json;

namespace ConversationLookup.Wassist;

/// <summary>A webhook of the account. Its secret, which Wassist sends along, is not read.</summary>
/// <param name="Url">Where it leads; null where that is no address.</param>
/// <param name="Events">What it is told of; null where Wassist does not say.</param>
/// <param name="IsActive">Whether it is on.</param>
/// <param name="Failures">How many deliveries failed since the last that did not.</param>
public sealed record WassistWebhook(string Id, Uri? Url, IReadOnlyList<string>? Events, bool IsActive, int Failures)
{
    /// <returns>Null for one without an id.</returns>
    public static WassistWebhook? Read(TolerantObject webhook) => webhook.Digits("id") is { } id
        ? new(
            id,
            Uri.TryCreate(webhook.Text("url"), UriKind.Absolute, out var url) ? url : null,
            EventsOf(webhook),
            webhook.Flag("active") ?? !webhook.Has("disabledAt"),
            webhook.WholeNumber("consecutiveFailures") ?? 0)
        : null;

    private static IReadOnlyList<string>? EventsOf(TolerantObject webhook)
    {
        if (webhook.IsListOfObjects("events")) // or an empty list
            return [.. webhook.Objects("events").Select(one => one.Text("name") ?? one.Text("event")).OfType<string>()];
        return webhook.Texts("events") is { Count: > 0 } names ? [.. names.Select(name => name.Trim())] : null;
    }
}
