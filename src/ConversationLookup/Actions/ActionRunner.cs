using ConversationLookup.Conversations;
using ConversationLookup.Problems;
using ConversationLookup.Telemetry;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Actions;

/// <summary>
/// Has an action done at most once. What may have arrived is never sent again: Wassist is asked whether it is there, and where that does
/// not show it, a person decides.
/// </summary>
public sealed class ActionRunner(ActionLedger ledger, WassistClient wassist, ChangedConversations changed, LookupMetrics metrics, TimeProvider time, ILogger<ActionRunner> logger)
{
    /// <summary>How long a repeat waits for the first request. Power Automate gives up at 120 s.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(25);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    /// <summary>All reading after a lost answer together.</summary>
    private static readonly TimeSpan LongestReading = TimeSpan.FromSeconds(12);

    /// <summary>How long an answer waits for its note. The note itself is insisted on for longer.</summary>
    private static readonly TimeSpan LongestNote = TimeSpan.FromSeconds(5);

    /// <summary>When Wassist is asked whether it is there, after its answer was lost: it may be slow to show.</summary>
    private static readonly TimeSpan[] AfterSending = [TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)];

    private static readonly TimeSpan[] Once = [TimeSpan.Zero];

    /// <summary>Does it, or says what became of it before.</summary>
    /// <param name="plan">What to do.</param>
    /// <param name="idempotencyKey">The caller's; null where there is none.</param>
    /// <exception cref="ProblemException">It was not done, or nobody knows.</exception>
    public async Task<ActionAnswer> RunAsync(ActionPlan plan, string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (idempotencyKey is not null)
            ledger.RequireAvailable();
        var key = idempotencyKey ?? Guid.NewGuid().ToString("D");
        try
        {
            var (answer, outcome) = ledger.IsAvailable
                ? await RunOnceAsync(plan, key, idempotencyKey is not null, cancellationToken)
                : await Finish(SendAsync(plan, await plan.PrepareAsync(key, cancellationToken), null), cancellationToken);
            Tell(plan, answer.ConversationId, outcome, key);
            return answer;
        }
        catch (ProblemException exception)
        {
            Tell(plan, plan.ConversationId, exception.Problem.Code, key);
            throw;
        }
    }

    private async Task<(ActionAnswer Answer, string Outcome)> RunOnceAsync(ActionPlan plan, string key, bool mayBeKnown, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var entry = mayBeKnown ? await ledger.FindAsync(key, cancellationToken) : null;
            if (entry is null)
            {
                var prepared = await plan.PrepareAsync(key, cancellationToken);
                if (await ledger.TryBeginAsync(key, plan, prepared.Since, cancellationToken))
                    return await Finish(SendAsync(plan, prepared, key), cancellationToken);
            }
            else if (entry.ContentHash != plan.ContentHash)
            {
                throw new ProblemException(Catalogue.IdempotencyMismatch());
            }
            else if (entry.Answer is { } known)
            {
                return (known, "replayed");
            }
            else if (!entry.IsInProgress && await ledger.TryHoldAsync(key, entry, cancellationToken))
            {
                return await Finish(ReadAsync(plan, key, entry.Since, Once, "the request that sent it was cut off, or its answer was lost"), cancellationToken);
            }
            else if (time.GetElapsedTime(started) > LongestWait)
            {
                throw new ProblemException(Catalogue.ActionInProgress(TimeSpan.FromSeconds(5)));
            }
            else
            {
                await Task.Delay(BetweenLooks, time, cancellationToken);
            }
        }
    }

    /// <summary>From here on nobody's leaving ends it: what is sent is also noted.</summary>
    private static async Task<(ActionAnswer Answer, string Outcome)> Finish(Task<(ActionAnswer Answer, string Outcome)> work, CancellationToken cancellationToken)
    {
        _ = work.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return await work.WaitAsync(cancellationToken);
    }

    private async Task<(ActionAnswer Answer, string Outcome)> SendAsync(ActionPlan plan, PreparedAction prepared, string? noted)
    {
        PostOutcome outcome;
        try
        {
            outcome = await wassist.PostAsync(prepared.Post, CancellationToken.None);
        }
        catch (Exception) when (!prepared.Post.MayHaveArrived)
        {
            await NoteAsync(noted is null ? null : ledger.ForgetAsync(noted, plan, CancellationToken.None));
            throw;
        }

        if (outcome is PostOutcome.NotDone notDone)
        {
            await NoteAsync(noted is null ? null : ledger.ForgetAsync(noted, plan, CancellationToken.None));
            throw new ProblemException(notDone.Problem);
        }

        if (plan.ConversationId is { } changedId)
            await changed.NoteAsync(changedId, CancellationToken.None);
        using var patience = new CancellationTokenSource(LongestReading, time);
        if (outcome is PostOutcome.Done done && await plan.ReadAnswerAsync(done.Body, patience.Token) is { } answer)
        {
            if (plan.ConversationId is null)
                await changed.NoteAsync(answer.ConversationId, CancellationToken.None);
            await NoteAsync(noted is null ? null : ledger.CloseAsync(noted, plan, answer, CancellationToken.None));
            return (answer, "sent");
        }

        return await ReadAsync(plan, noted, prepared.Since, AfterSending, outcome is PostOutcome.Unknown unknown ? unknown.Cause : "Wassist's answer does not say what was done");
    }

    /// <summary>Asks Wassist whether it is there.</summary>
    private async Task<(ActionAnswer Answer, string Outcome)> ReadAsync(ActionPlan plan, string? noted, DateTimeOffset since, TimeSpan[] waits, string cause)
    {
        using var patience = new CancellationTokenSource(LongestReading, time);
        try
        {
            foreach (var wait in waits)
            {
                await Task.Delay(wait, time, patience.Token);
                var others = noted is null ? OtherActions.None : await ledger.FindOthersAsync(noted, plan, patience.Token);
                if (await plan.FindAsync(since, others, patience.Token) is not { } found)
                    continue;
                await changed.NoteAsync(found.ConversationId, CancellationToken.None);
                await NoteAsync(noted is null ? null : ledger.CloseAsync(noted, plan, found, CancellationToken.None));
                return (found, "confirmed");
            }
        }
        catch (Exception exception) when (exception is ProblemException or OperationCanceledException)
        {
            cause = $"{cause}; and it cannot be read back: {(exception as ProblemException)?.Problem.Code ?? "no answer in time"}";
        }

        await NoteAsync(noted is null ? null : ledger.LeaveOpenAsync(noted, CancellationToken.None));
        throw new ProblemException(Catalogue.OutcomeUnknown(plan.Advice, cause));
    }

    /// <summary>Waits for a note, but not for long: the truth is known, and the note is still insisted on when the caller has it.</summary>
    private async Task NoteAsync(Task? note)
    {
        if (note is null)
            return;
        _ = note.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        await Task.WhenAny(note, Task.Delay(LongestNote, time));
    }

    private void Tell(ActionPlan plan, Guid? conversationId, string outcome, string key)
    {
        metrics.Action(plan.Action.ToString(), outcome);
        logger.ActionEnded(
            outcome == ProblemCodes.OutcomeUnknown ? LogLevel.Warning : LogLevel.Information, plan.Action, conversationId?.ToString("D") ?? "none", outcome, key);
    }
}

/// <summary>What is logged of actions: never a text, a number or a name.</summary>
public static partial class ActionLog
{
    [LoggerMessage(EventId = 90, Message = "{Action} in conversation {ConversationId}: {Outcome}. Idempotency key {IdempotencyKey}")]
    public static partial void ActionEnded(this ILogger logger, LogLevel level, ConversationAction action, string conversationId, string outcome, string idempotencyKey);
}
