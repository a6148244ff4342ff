using System.Text.Json.Nodes;
using ConversationLookup.Values;
using ConversationLookup.Wassist;

namespace ConversationLookup.Actions;

/// <summary>An action of which everything is known that the caller says, and that can be told apart from another one.</summary>
/// <param name="action">Which.</param>
/// <param name="conversationId">Where; null for one that is to be started.</param>
/// <param name="content">What makes it another action: the same content twice is the same action.</param>
public abstract class ActionPlan(ConversationAction action, Guid? conversationId, JsonObject content)
{
    public ConversationAction Action => action;

    public Guid? ConversationId => conversationId;

    /// <summary>The status of its answer.</summary>
    public virtual int Status => 200;

    /// <summary>How a person finds out whether it was done, if this app does not know.</summary>
    public abstract string Advice { get; }

    /// <summary>Stands for action, conversation and content. Whoever reads the table learns nothing from it.</summary>
    public string ContentHash { get; } = Hashes.Of($"{action} {conversationId:N} {content.ToJsonString()}");

    /// <summary>Checks what only Wassist knows.</summary>
    /// <exception cref="Problems.ProblemException">It cannot be done, or it cannot be told.</exception>
    public abstract Task<PreparedAction> PrepareAsync(string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>What a flow is answered.</summary>
    /// <param name="body">What Wassist answered.</param>
    /// <returns>Null where it does not say what was done.</returns>
    public abstract Task<ActionAnswer?> ReadAnswerAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>Looks in Wassist whether it was done.</summary>
    /// <param name="since">See <see cref="PreparedAction.Since"/>.</param>
    /// <param name="others">
    /// Tells of other actions of this app with the same content in the same conversation. Asked after Wassist was: whatever Wassist shows,
    /// its action is then among them.
    /// </param>
    /// <returns>Null where nothing shows that it was.</returns>
    public abstract Task<ActionAnswer?> FindAsync(DateTimeOffset since, Func<CancellationToken, Task<OtherActions>> others, CancellationToken cancellationToken);
}

/// <summary>An action that can be sent.</summary>
/// <param name="Post">What is sent.</param>
/// <param name="Since">By Wassist's clock: everything up to then was there before.</param>
public sealed record PreparedAction(WassistPost Post, DateTimeOffset Since);

/// <summary>What a flow is answered.</summary>
/// <param name="Json">The payload.</param>
/// <param name="ConversationId">Where it was done.</param>
/// <param name="MessageId">Which message it made; null for none.</param>
public sealed record ActionAnswer(string Json, Guid ConversationId, string? MessageId = null);

/// <summary>What else this app did with the same content in the same conversation.</summary>
/// <param name="MessageIds">Messages that are known to be theirs.</param>
/// <param name="Open">How many may have made a message that is not known.</param>
public sealed record OtherActions(IReadOnlySet<string> MessageIds, int Open)
{
    public static OtherActions None { get; } = new(new HashSet<string>(), 0);
}
