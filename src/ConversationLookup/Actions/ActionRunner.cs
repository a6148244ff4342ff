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
        Task<(ActionAnswer Answer, string Outcome)> work;
        try
        {
            var finish = await BeginAsync(plan, key, mayBeKnown: idempotencyKey is not null, cancellationToken);
            work = finish();
        }
        catch (ProblemException exception)
        {
            Tell(plan, plan.ConversationId, exception.Problem.Code, key);
            throw;
        }

        // From here on nobody's leaving ends it: what is sent is also noted and told.
        var told = TellAsync(plan, key, work);
        Observe(told);
        return await told.WaitAsync(cancellationToken);
    }

    /// <returns>What is left to do.</returns>
    private async Task<Func<Task<(ActionAnswer Answer, string Outcome)>>> BeginAsync(ActionPlan plan, string key, bool mayBeKnown, CancellationToken cancellationToken)
    {
        var row = ledger.IsAvailable ? new LedgerRow(key, plan) : null;
        var started = time.GetTimestamp();
        while (true)
        {
            var entry = mayBeKnown ? await ledger.FindAsync(row!, cancellationToken) : null;
            if (entry is null)
            {
                var prepared = await plan.PrepareAsync(key, cancellationToken);
                if (row is null || await TryBeginAsync(row, prepared.Since, cancellationToken))
                    return () => SendAsync(plan, prepared, row);
            }
            else if (entry.ContentHash != plan.ContentHash)
            {
                throw new ProblemException(Catalogue.IdempotencyMismatch());
            }
            else if (entry.Answer is { } known)
            {
                return () => Task.FromResult((known, "replayed"));
            }
            else if (!entry.IsInProgress && await ledger.TryHoldAsync(row!, entry, cancellationToken))
            {
                return () => ReadAsync(plan, row, entry.Since, Once, "the request that sent it was cut off, or its answer was lost");
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

    private async Task<bool> TryBeginAsync(LedgerRow row, DateTimeOffset since, CancellationToken cancellationToken)
    {
        try
        {
            return await ledger.TryBeginAsync(row, since, cancellationToken);
        }
        catch (Exception exception) when (exception is ProblemException or OperationCanceledException)
        {
            // The row may be there, and nothing was sent.
            Observe(ledger.ForgetAsync(row, CancellationToken.None));
            throw;
        }
    }

    private async Task<ActionAnswer> TellAsync(ActionPlan plan, string key, Task<(ActionAnswer Answer, string Outcome)> work)
    {
        try
        {
            var (answer, outcome) = await work;
            Tell(plan, answer.ConversationId, outcome, key);
            return answer;
        }
        catch (ProblemException exception)
        {
            Tell(plan, plan.ConversationId, exception.Problem.Code, key);
            throw;
        }
    }

    private async Task<(ActionAnswer Answer, string Outcome)> SendAsync(ActionPlan plan, PreparedAction prepared, LedgerRow? row)
    {
        PostOutcome outcome;
        try
        {
            outcome = await wassist.PostAsync(prepared.Post, CancellationToken.None);
        }
        catch (Exception) when (!prepared.Post.MayHaveArrived)
        {
            await NoteAsync(row, row => ledger.ForgetAsync(row, CancellationToken.None));
            throw;
        }

        if (outcome is PostOutcome.NotDone notDone)
        {
            await NoteAsync(row, row => ledger.ForgetAsync(row, CancellationToken.None));
            throw new ProblemException(notDone.Problem);
        }

        if (plan.ConversationId is { } changedId)
            await changed.NoteAsync(changedId, CancellationToken.None);
        using var patience = new CancellationTokenSource(LongestReading, time);
        if (outcome is PostOutcome.Done done && await plan.ReadAnswerAsync(done.Body, patience.Token) is { } answer)
        {
            if (plan.ConversationId is null)
                await changed.NoteAsync(answer.ConversationId, CancellationToken.None);
            await NoteAsync(row, row => ledger.CloseAsync(row, answer, CancellationToken.None));
            return (answer, "sent");
        }

        return await ReadAsync(plan, row, prepared.Since, AfterSending, outcome is PostOutcome.Unknown unknown ? unknown.Cause : "Wassist's answer does not say what was done");
    }

    /// <summary>Asks Wassist whether it is there.</summary>
    private async Task<(ActionAnswer Answer, string Outcome)> ReadAsync(ActionPlan plan, LedgerRow? row, DateTimeOffset since, TimeSpan[] waits, string cause)
    {
        using var patience = new CancellationTokenSource(LongestReading, time);
        try
        {
            foreach (var wait in waits)
            {
                await Task.Delay(wait, time, patience.Token);
                if (await plan.FindAsync(since, FindOthersAsync, patience.Token) is not { } found)
                    continue;
                await changed.NoteAsync(found.ConversationId, CancellationToken.None);
                await NoteAsync(row, row => ledger.CloseAsync(row, found, CancellationToken.None));
                return (found, "confirmed");
            }
        }
        catch (Exception exception) when (exception is ProblemException or OperationCanceledException)
        {
            cause = $"{cause}; and it cannot be read back: {(exception as ProblemException)?.Problem.Code ?? "no answer in time"}";
        }

        await NoteAsync(row, row => ledger.LeaveOpenAsync(row, CancellationToken.None));
        throw new ProblemException(Catalogue.OutcomeUnknown(plan.Advice, cause));

        Task<OtherActions> FindOthersAsync(CancellationToken cancellationToken) =>
            row is null ? Task.FromResult(OtherActions.None) : ledger.FindOthersAsync(row, cancellationToken);
    }

    /// <summary>Waits for a note, but not for long: the truth is known, and the note is still insisted on when the caller has it.</summary>
    /// <param name="row">Null where there is no place for one.</param>
    private async Task NoteAsync(LedgerRow? row, Func<LedgerRow, Task> write)
    {
        if (row is null)
            return;
        var note = write(row);
        Observe(note);
        await Task.WhenAny(note, Task.Delay(LongestNote, time));
    }

    /// <summary>Nobody waits for the end of it.</summary>
    private static void Observe(Task task) =>
        task.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private void Tell(ActionPlan plan, Guid? conversationId, string outcome, string key)
    {
        metrics.Action(plan.Action.ToString(), outcome);
        logger.ActionEnded(outcome == ProblemCodes.OutcomeUnknown ? LogLevel.Warning : LogLevel.Information, plan.Action, conversationId, outcome, key);
    }
}

/// <summary>What is logged of actions: never a text, a number or a name.</summary>
public static partial class ActionLog
{
    [LoggerMessage(EventId = 90, Message = "{Action} in conversation {ConversationId}: {Outcome}. Idempotency key {IdempotencyKey}")]
    public static partial void ActionEnded(this ILogger logger, LogLevel level, ConversationAction action, Guid? conversationId, string outcome, string idempotencyKey);
}
