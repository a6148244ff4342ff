using ConversationLookup.Json;
using ConversationLookup.Problems;
using ConversationLookup.Values;
using ConversationLookup.Webhooks;

namespace ConversationLookup.Subscriptions;

/// <summary>What a flow asks for when it subscribes.</summary>
public sealed record SubscriptionRequest(Uri CallbackUrl, IReadOnlyList<string> Events, string AgentId, string BusinessNumber)
{
    private const int LongestAgentId = 100;

    /// <summary>Reads <c>{ callbackUrl, events?[], agentId?, businessNumber? }</c>. A blank is the same as not given. Pure.</summary>
    /// <exception cref="ProblemException">With every fault at once.</exception>
    public static SubscriptionRequest Read(ReadOnlyMemory<byte> body, CallbackPolicy policy)
    {
        var faults = new List<Fault>();
        try
        {
            var (request, wrongTypes) = TolerantJson.Read(body, root => Read(root, policy, faults));
            faults.AddRange(wrongTypes.Select(shape => Catalogue.InvalidParameter(
                shape.Path, $"'{shape.Path}' cannot be read as {shape.Kind}: 'callbackUrl', 'agentId' and 'businessNumber' are text, 'events' is a list of text.")));
            return faults.Count == 0 ? request! : throw new ProblemException(Catalogue.InvalidRequest(faults));
        }
        catch (FormatException)
        {
            throw new ProblemException(Catalogue.InvalidRequest([Catalogue.InvalidBody("Send a JSON object with 'callbackUrl', and 'events', 'agentId' and 'businessNumber' if wanted.")]));
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

        var agentId = root.Text("agentId")?.Trim() ?? "";
        if (agentId.Length > LongestAgentId)
            faults.Add(Catalogue.InvalidParameter("agentId", "'agentId' is longer than any id of Wassist. Use the 'agentId' of a conversation."));

        var number = root.Text("businessNumber");
        var businessNumber = number is null ? "" : PhoneNumbers.FromCaller(number);
        if (businessNumber is null)
            faults.Add(Catalogue.InvalidPhoneNumber("businessNumber"));

        return callbackUrl is null ? null : new(callbackUrl, events.Count > 0 ? events : EventTypes.Default, agentId, businessNumber ?? "");
    }
}
