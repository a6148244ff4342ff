using ConversationLookup.Subscriptions;
using ConversationLookup.Tests.Support;
using ConversationLookup.Wassist;
using ConversationLookup.Webhooks;

namespace ConversationLookup.Tests.Subscriptions;

/// <summary>Which flows an event is for, found by index; compared with asking each flow by the rule.</summary>
public sealed class SubscriptionCatalogTests
{
    private const string Agent = "b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55";
    private const string OtherAgent = "00000000-5c3e-4e2b-8f61-0d9c8b7a6e55";
    private const string Number = "+447700900111";
    private const string OtherNumber = "+447700900112";

    private static readonly IReadOnlyList<Subscription> All =
    [
        .. from type in (string[])["message.received", "message.status"]
           from agent in (string[])["", Agent, Agent.ToUpperInvariant(), OtherAgent]
           from number in (string[])["", Number, OtherNumber]
           select new Subscription($"{type} {agent} {number}", "hash", [type], agent, number, DateTimeOffset.UnixEpoch),
    ];

    public static TheoryData<string?, string?, string?, bool> Events =>
        new(from ofEvent in (string?[])[null, Number, OtherNumber]
            from ofConversation in (string?[])[null, Number, OtherNumber]
            from agent in (string?[])[null, "", Agent, OtherAgent]
            from isKnown in (bool[])[true, false]
            select new TheoryDataRow<string?, string?, string?, bool>(ofEvent, ofConversation, agent, isKnown));

    /// <summary>
    /// A flow without a filter wants every event. A filter excludes only what is known to differ: a number by the event or the conversation, an
    /// agent by the conversation alone; of one without an agent it is known that it is not the flow's.
    /// </summary>
    /// <param name="ofEvent">The business's number that the event names.</param>
    /// <param name="ofConversation">The one that the lookup names.</param>
    /// <param name="agent">Null for a conversation without an agent, empty for one whose agent has no id.</param>
    /// <param name="isKnown">Whether there was a lookup.</param>
    [Theory]
    [MemberData(nameof(Events))]
    public void An_event_is_for_the_flows_whose_filters_it_passes(string? ofEvent, string? ofConversation, string? agent, bool isKnown)
    {
        var received = new WassistEvent
        {
            Type = "message.received",
            DeliveryId = "1",
            Key = "1",
            ReceiptId = Guid.NewGuid(),
            ReceivedAt = DateTimeOffset.UnixEpoch,
            BusinessPhoneNumber = ofEvent,
        };
        var conversation = new WassistConversation(Guid.Parse(Bodies.Id))
        {
            BusinessPhoneNumber = ofConversation,
            Agent = agent is null ? null : new WassistAgent(agent.Length == 0 ? null : agent, "name"),
        };

        var wanting = new SubscriptionCatalog(All).Wanting(received, isKnown ? conversation : null);

        Assert.Equal(
            All.Where(flow => flow.Events[0] == "message.received"
                && (flow.BusinessPhoneNumber == "" || ofEvent is null || ofEvent == flow.BusinessPhoneNumber)
                && (!isKnown || flow.BusinessPhoneNumber == "" || ofConversation is null || ofConversation == flow.BusinessPhoneNumber)
                && (!isKnown || flow.AgentId == "" || agent == "" || string.Equals(agent, flow.AgentId, StringComparison.OrdinalIgnoreCase)))
                .Select(flow => flow.Id).Order(),
            wanting.Select(flow => flow.Id).Order());
    }
}
