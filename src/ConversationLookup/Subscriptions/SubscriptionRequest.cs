using ConversationLookup.Json;
using ConversationLookup.Problems;
using ConversationLookup.Values;
using ConversationLookup.Webhooks;

namespace ConversationLookup.Subscriptions;

/// <summary>What a flow asks for when it subscribes.</summary>
public sealed record SubscriptionRequest(Uri CallbackUrl, IReadOnlyList<string> Events, string AgentId, string BusinessPhoneNumber)
{
    private static readonly string[] Names = ["callbackUrl", "events", "agentId", "businessPhoneNumber"];

    /// <summary>
    /// Reads <c>{ callbackUrl, events?[], agentId?, businessPhoneNumber? }</c>. A blank is the same as not given; any other property is a
    /// fault, because a filter that is not understood would tell the flow of everything. Pure.
    /// </summary>
    /// <param name="earlier">What else is wrong with the request.</param>
    /// <exception cref="ProblemException">With every fault at once.</exception>
    public static SubscriptionRequest Read(ReadOnlyMemory<byte> body, CallbackPolicy policy, IReadOnlyList<Fault> earlier)
    {
        List<Fault> faults = [];
        try
        {
            var (request, wrongTypes) = TolerantJson.Read(body, root => Read(root, policy, faults));
            faults.AddRange(wrongTypes.Select(shape => Catalogue.InvalidParameter(
                shape.Path, $"'{shape.Path}' cannot be read as {shape.Kind}: 'callbackUrl', 'agentId' and 'businessPhoneNumber' are text, 'events' is a list of text.")));
            faults.AddRange(earlier);
            return faults.Count == 0 ? request! : throw new ProblemException(Catalogue.InvalidRequest(faults));
        }
        catch (FormatException)
        {
            throw new ProblemException(Catalogue.InvalidRequest(
                [Catalogue.InvalidBody("Send a JSON object with 'callbackUrl' and, optionally, 'events', 'agentId' and 'businessPhoneNumber'."), .. earlier]));
        }
    }

    private static SubscriptionRequest? Read(TolerantObject root, CallbackPolicy policy, List<Fault> faults)
    {
        faults.Clear(); // a repaired body is read from its start
        var callbackUrl = policy.Read(root.Text("callbackUrl"), out var refusal);
        if (callbackUrl is null)
            faults.Add(Catalogue.CallbackNotAllowed(refusal));

        var events = root.Texts("events").Select(name => name.Trim().ToLowerInvariant()).Where(name => name.Length > 0).Distinct().ToList();
        var unknown = events.Except(EventTypes.ForFlows).ToList();
        if (unknown.Count > 0)
            faults.Add(Catalogue.UnknownEvent(unknown.Take(10), EventTypes.ForFlows));

        Guid agentId = default;
        var agent = root.Text("agentId");
        if (agent is not null && !Uuids.TryParse(agent.Trim(), out agentId))
            faults.Add(Catalogue.InvalidAgentId("agentId"));

        var number = root.Text("businessPhoneNumber");
        var businessPhoneNumber = number is null ? "" : PhoneNumbers.ToE164(number);
        if (businessPhoneNumber is null)
            faults.Add(Catalogue.InvalidPhoneNumber("businessPhoneNumber"));

        faults.AddRange(Catalogue.UnknownNames(root.Names.Except(Names), Names));
        return callbackUrl is null
            ? null
            : new(callbackUrl, events.Count > 0 ? events : EventTypes.Default, agent is null ? "" : agentId.ToString("D"), businessPhoneNumber ?? "");
    }
}
