using ConversationLookup.Wassist;

namespace ConversationLookup.Guardian;

/// <summary>How the webhook of this app stands in Wassist. Pure.</summary>
/// <param name="Outcome">One of <see cref="WebhookOutcomes"/>.</param>
/// <param name="Detail">What is so, and what to do.</param>
/// <param name="On">The webhooks that lead here and are on: one, unless somebody made a second.</param>
/// <param name="IsAlone">Whether the account has no webhook that leads elsewhere.</param>
public sealed record WebhookFinding(string Outcome, string Detail, IReadOnlyList<WassistWebhook> On, bool IsAlone)
{
    /// <summary>Half of what Wassist bears: an operator has time to look.</summary>
    private const int ManyFailures = 10;

    /// <summary>How many deliveries failed since the last that did not.</summary>
    public int Failures => On.Select(webhook => webhook.Failures).DefaultIfEmpty().Max();

    /// <param name="all">Every webhook of the account.</param>
    /// <param name="address">Where this app takes events.</param>
    /// <param name="wanted">The types of event that flows subscribe to.</param>
    public static WebhookFinding Of(IReadOnlyList<WassistWebhook> all, Uri address, IReadOnlyCollection<string> wanted)
    {
        var ours = all.Where(webhook => webhook.Url is { } url && IsSame(url, address)).ToList();
        var on = ours.Where(webhook => webhook.IsActive).ToList();
        var lacking = on.Any(webhook => webhook.Events is null || webhook.Events.Contains("*")) ? [] : wanted.Except(on.SelectMany(webhook => webhook.Events!)).Order().ToList();
        var failures = on.Select(webhook => webhook.Failures).DefaultIfEmpty().Max();
        var (outcome, detail) = (ours.Count, on.Count, failures, lacking.Count) switch
        {
            (0, _, _, _) => (WebhookOutcomes.Missing,
                $"Wassist has no webhook that leads to {address}, so flows are told nothing. Create one in Wassist's dashboard, or correct its address. If Wassist reaches this app at another address, set 'PublicBaseUrl' to that."),
            (_, 0, _, _) => (WebhookOutcomes.Off,
                "The webhook of this app is switched off in Wassist, so flows are told nothing. Wassist does that after 20 failures in a row. Switch it on in Wassist's dashboard; what failed until then is replayed by itself."),
            (_, _, >= ManyFailures, _) => (WebhookOutcomes.Failing,
                $"The last {failures} deliveries to the webhook of this app failed. After 20 in a row, Wassist switches it off. The log's 'Refused … webhooks' says why this app refuses them; if it says nothing, Wassist does not reach this app."),
            (_, _, _, > 0) => (WebhookOutcomes.LacksEvents,
                $"Flows subscribe to events that the webhook of this app does not have: {string.Join(", ", lacking)}. Select them in Wassist's dashboard."),
            _ => (WebhookOutcomes.Working, "The webhook is on in Wassist and has every event that flows subscribe to."),
        };
        return new WebhookFinding(outcome, detail, on, ours.Count == all.Count);
    }

    /// <summary>Whether a delivery was for a webhook that is on; one that names none is for the only one.</summary>
    public bool Has(WassistDelivery delivery) =>
        delivery.WebhookId is { } id ? On.Any(webhook => webhook.Id.Equals(id, StringComparison.OrdinalIgnoreCase)) : IsAlone;

    private static bool IsSame(Uri one, Uri other) =>
        one.Scheme == other.Scheme
        && one.Port == other.Port
        && one.IdnHost.Equals(other.IdnHost, StringComparison.OrdinalIgnoreCase)
        && one.AbsolutePath.TrimEnd('/').Equals(other.AbsolutePath.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);
}

/// <summary>What a look at the webhook may find, as the numbers have it.</summary>
public static class WebhookOutcomes
{
    public const string Working = "working";

    /// <summary>No webhook leads here.</summary>
    public const string Missing = "missing";

    public const string Off = "off";

    /// <summary>It is about to be switched off.</summary>
    public const string Failing = "failing";

    public const string LacksEvents = "lacks_events";

    /// <summary>Nothing was heard for longer than usual.</summary>
    public const string Silent = "silent";

    /// <summary>No flow subscribes, so there is nothing to look at.</summary>
    public const string NotNeeded = "not_needed";

    /// <summary>The app does not know its own address.</summary>
    public const string NotKnown = "not_known";

    /// <summary>The key may not ask.</summary>
    public const string NotAllowed = "not_allowed";

    public const string NotAnswered = "not_answered";

    /// <summary>Those that a person has to see to.</summary>
    public static IReadOnlySet<string> Faults { get; } = new HashSet<string> { Missing, Off, Failing, LacksEvents, Silent };
}
