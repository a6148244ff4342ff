using ConversationLookup.Http;
using ConversationLookup.Problems;
using ConversationLookup.Storage;
using ConversationLookup.Subscriptions;
using ConversationLookup.Telemetry;
using ConversationLookup.Values;
using ConversationLookup.Wassist;
using ConversationLookup.Webhooks;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Guardian;

/// <summary>
/// Looks whether Wassist's webhook still leads here, is on, and has what flows want, because Wassist switches one off that fails and tells
/// nobody. What failed is replayed once the webhook works. It also notices when nothing comes although flows subscribe.
/// </summary>
public sealed class WebhookGuardian(
    WassistClient wassist,
    WassistSecrets secrets,
    SubscriptionStore subscriptions,
    EventWatch heard,
    FailedDeliveries failed,
    GuardianTable table,
    PublicUrl publicUrl,
    AppStorage storage,
    LookupMetrics metrics,
    TimeProvider time,
    ILogger<WebhookGuardian> logger)
{
    /// <summary>From look to look; the timer of the Functions host has the same.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>How long a key is not asked with for what it may not ask.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromDays(1);

    /// <summary>Three more deliveries that fail four times each leave the webhook on.</summary>
    private const int FewFailures = 5;

    private const int MostTrials = 3;

    /// <summary>Why nobody looks.</summary>
    public const string NoAddress = "Nobody watches the webhook in Wassist, because this app does not know its own address. To have it watched, set 'PublicBaseUrl'.";

    /// <summary>Whether there is anything to look at, or to listen for.</summary>
    public bool IsOn => storage.IsConfigured && (Address is not null || heard.Patience is not null);

    /// <summary>Where this app takes events; null where nothing says it.</summary>
    private Uri? Address => publicUrl.Of(Routes.Webhook);

    /// <summary>Looks once. It may be cut off anywhere: what was replayed is noted, and the next run goes on.</summary>
    /// <exception cref="ProblemException"><c>storage_unavailable</c>.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!IsOn || await table.TakeTurnAsync(cancellationToken) is not { } before)
            return;

        var wanted = (await subscriptions.GetCatalogAsync(cancellationToken)).All.SelectMany(flow => flow.Events).ToHashSet();
        var (state, webhook) = await LookAsync(before with { ReplaysFrom = before.ReplaysFrom ?? time.GetUtcNow() }, wanted, cancellationToken);
        state = await ListenAsync(state, wanted.Count > 0, cancellationToken);
        await table.SaveAsync(state, cancellationToken);
        Tell(before, state);

        if (webhook is { On.Count: > 0 } && !(state.ReplaysRestUntil > time.GetUtcNow()) && (webhook.Failures == 0 || MayTry(state, webhook)))
            await table.SaveAsync(await ReplayAsync(state, webhook, wanted, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Whether a replay may be tried although the last delivery failed: seldom, and not where it could be what switches the webhook off.
    /// The next event that arrives ends that.
    /// </summary>
    private bool MayTry(GuardianState state, WebhookFinding webhook) =>
        webhook.Failures <= FewFailures && state.Trials < MostTrials && !(state.TrialsFrom > time.GetUtcNow());

    /// <returns>What to remember, and the webhook where Wassist told of it.</returns>
    private async Task<(GuardianState State, WebhookFinding? Webhook)> LookAsync(GuardianState before, HashSet<string> wanted, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (Address is not { } address)
            return (Found(before, WebhookOutcomes.NotKnown, NoAddress), null);
        if (wanted.Count == 0) // who subscribes from now on is not told of what was before
            return (Found(before, WebhookOutcomes.NotNeeded, "No flow subscribes, so no webhook is needed.") with { ReplaysFrom = now }, null);

        try
        {
            var key = Hashes.Of(await secrets.ApiKey.GetAsync(cancellationToken));
            if (before.Key != key)
                before = before with { Key = key, RestsUntil = null, ReplaysRestUntil = null };
            if (before.RestsUntil > now)
                return (before, null);
            var webhook = WebhookFinding.Of(await wassist.ListWebhooksAsync(now, cancellationToken), address, wanted);
            metrics.WebhookLook(webhook.Outcome);
            return (Found(before, webhook.Outcome, webhook.Detail) with { RestsUntil = null }, webhook);
        }
        catch (ProblemException exception) when (IsForbidden(exception.Problem))
        {
            metrics.WebhookLook(WebhookOutcomes.NotAllowed);
            logger.KeyMayNotAsk("webhooks", exception.Problem.Cause);
            const string detail = "Nobody watches the webhook in Wassist, because Wassist does not let this API key ask for webhooks. Look at the webhook in Wassist's dashboard when flows are told nothing. This app asks again once a day, and with a new key.";
            return (Found(before, WebhookOutcomes.NotAllowed, detail) with { RestsUntil = now + Rest }, null);
        }
        catch (ProblemException exception)
        {
            metrics.WebhookLook(WebhookOutcomes.NotAnswered);
            logger.NotAnswered(exception.Problem.Code, exception.Problem.Cause);
            return (before.LookedAt is null ? before with { Detail = "Wassist did not answer the question for its webhooks. It is asked again every five minutes." } : before, null);
        }
    }

    private GuardianState Found(GuardianState before, string outcome, string detail) => before with { Outcome = outcome, Detail = detail, LookedAt = time.GetUtcNow() };

    private async Task<GuardianState> ListenAsync(GuardianState state, bool isWanted, CancellationToken cancellationToken)
    {
        if (heard.Patience is not { } patience || !isWanted)
            return state with { ListensFrom = null, Silence = "" };
        var now = time.GetUtcNow();
        var from = state.ListensFrom ?? now;
        var last = await heard.GetLastAsync(cancellationToken) is { } noted && noted > from ? noted : from;
        var silence = now - last <= patience
            ? ""
            : $"Wassist has sent nothing since {last:u}, which is longer than 'Webhooks:SilenceAfterMinutes' allows ({patience.TotalMinutes:0} minutes), although flows subscribe. Look in Wassist's dashboard whether the webhook is on and leads to {Address?.ToString() ?? "this app"}. If nobody wrote to the business, raise the setting.";
        if (silence.Length > 0)
            metrics.WebhookLook(WebhookOutcomes.Silent);
        return state with { ListensFrom = from, Silence = silence };
    }

    private void Tell(GuardianState before, GuardianState now)
    {
        if (now.IsFault && now.Told.Outcome != before.Told.Outcome)
            logger.WebhookIsFaulty(now.Told.Outcome, now.Told.Detail);
        else if (before.IsFault && !now.IsFault)
            logger.WebhookIsFine(before.Told.Outcome, now.Told.Detail);
    }

    private async Task<GuardianState> ReplayAsync(GuardianState state, WebhookFinding webhook, HashSet<string> wanted, CancellationToken cancellationToken)
    {
        try
        {
            var (from, replayed) = await failed.ReplayAsync(webhook, state.ReplaysFrom!.Value, wanted, LookAgainAsync, cancellationToken);
            state = state with { ReplaysFrom = from };
            if (webhook.Failures == 0)
                return state with { Trials = 0, TrialsFrom = null };
            return replayed == 0 ? state : state with { Trials = state.Trials + 1, TrialsFrom = time.GetUtcNow() + (Interval * Math.Pow(4, state.Trials)) };
        }
        catch (ProblemException exception) when (IsForbidden(exception.Problem))
        {
            logger.KeyMayNotAsk("deliveries", exception.Problem.Cause);
            return state with
            {
                Detail = $"{state.Detail} Deliveries that failed are not replayed, because Wassist does not let this API key ask for them: do it in Wassist's dashboard.",
                ReplaysRestUntil = time.GetUtcNow() + Rest,
            };
        }
        catch (ProblemException exception) when (exception.Problem.Code != ProblemCodes.StorageUnavailable)
        {
            logger.NotAnswered(exception.Problem.Code, exception.Problem.Cause);
            return state;
        }

        async Task<WebhookFinding> LookAgainAsync() =>
            WebhookFinding.Of(await wassist.ListWebhooksAsync(time.GetUtcNow(), cancellationToken), Address!, wanted);
    }

    /// <summary>Whether Wassist answered, and would answer the same in five minutes.</summary>
    private static bool IsForbidden(Problem problem) => problem.Code is ProblemCodes.UpstreamRejectedRequest or ProblemCodes.ConversationNotFound;
}
