using ConversationLookup.Wassist;
using ConversationLookup.Webhooks;

namespace ConversationLookup.Subscriptions;

/// <summary>A flow that wants to be told. Where it waits is not in here: only the delivery reads that.</summary>
/// <param name="Id">160 random bits in hexadecimal: whoever knows it may unsubscribe.</param>
/// <param name="CallbackHash">Tells callbacks apart without being one, see <see cref="Callback.HashOf"/>.</param>
/// <param name="Events">The types it wants.</param>
/// <param name="AgentId">Only conversations of this agent; <c>""</c> for all.</param>
/// <param name="BusinessPhoneNumber">Only this number's conversations, in E.164; <c>""</c> for all.</param>
/// <param name="CreatedAt">When it subscribed.</param>
public sealed record Subscription(
    string Id, string CallbackHash, IReadOnlyList<string> Events, string AgentId, string BusinessPhoneNumber, DateTimeOffset CreatedAt)
{
    /// <summary>Whether the event is for this flow, as far as the event says. A filter excludes only what is known to differ.</summary>
    public bool Wants(WassistEvent received) =>
        Events.Contains(received.Type) && Admits(BusinessPhoneNumber, received.BusinessPhoneNumber);

    /// <summary>The same with what the lookup says; an event does not name the agent.</summary>
    public bool Wants(WassistConversation conversation) =>
        (AgentId.Length == 0 || (conversation.Agent is { } agent && Admits(AgentId, agent.Id)))
        && Admits(BusinessPhoneNumber, conversation.BusinessPhoneNumber);

    private static bool Admits(string filter, string? actual) =>
        filter.Length == 0 || actual is null || string.Equals(filter, actual, StringComparison.OrdinalIgnoreCase);
}
