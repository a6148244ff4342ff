using ConversationLookup.Wassist;
using ConversationLookup.Webhooks;

namespace ConversationLookup.Subscriptions;

/// <summary>Every subscription at one moment, found by what it asks for: an event costs nothing for the flows that do not want it.</summary>
public sealed class SubscriptionCatalog
{
    private readonly ILookup<string, Subscription> _byCallback;
    private readonly ILookup<string, Subscription> _byType;
    private readonly ILookup<(string Type, string Number), Subscription> _byNumber;
    private readonly ILookup<(string Type, string Number, string Agent), Subscription> _byAgent;

    /// <param name="all">Every subscription.</param>
    public SubscriptionCatalog(IReadOnlyList<Subscription> all)
    {
        All = all;
        var wishes = all.SelectMany(flow => flow.Events.Select(type => (Type: type, Flow: flow))).ToList();
        _byCallback = all.ToLookup(flow => flow.CallbackHash);
        _byType = wishes.ToLookup(wish => wish.Type, wish => wish.Flow);
        _byNumber = wishes.ToLookup(wish => (wish.Type, wish.Flow.BusinessPhoneNumber), wish => wish.Flow);
        _byAgent = wishes.ToLookup(wish => (wish.Type, wish.Flow.BusinessPhoneNumber, wish.Flow.AgentId.ToLowerInvariant()), wish => wish.Flow);
    }

    /// <summary>Every subscription.</summary>
    public IReadOnlyList<Subscription> All { get; }

    /// <summary>The subscriptions of one trigger: more than one for the moment in which it subscribes anew.</summary>
    public IEnumerable<Subscription> Of(string callbackHash) => _byCallback[callbackHash];

    /// <summary>Who may want the event, before its conversation is looked up.</summary>
    public IEnumerable<Subscription> Candidates(WassistEvent received) => received.BusinessPhoneNumber is { } number
        ? _byNumber[(received.Type, "")].Concat(_byNumber[(received.Type, number)])
        : _byType[received.Type];

    /// <summary>Who wants the event.</summary>
    /// <param name="received">The event.</param>
    /// <param name="conversation">Its conversation; null when nothing is known of it, so that no filter excludes it.</param>
    public IEnumerable<Subscription> Wanting(WassistEvent received, WassistConversation? conversation)
    {
        if (conversation is null)
            return Candidates(received);
        var number = received.BusinessPhoneNumber ?? conversation.BusinessPhoneNumber;
        var candidates = number is null || conversation.Agent is { Id: null }
            ? Candidates(received)
            : from its in new[] { "", number }
              from agent in conversation.Agent is { Id: { } id } ? new[] { "", id.ToLowerInvariant() } : [""]
              from flow in _byAgent[(received.Type, its, agent)]
              select flow;
        return candidates.Where(flow => flow.Wants(received) && flow.Wants(conversation));
    }
}
