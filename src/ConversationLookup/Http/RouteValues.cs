using ConversationLookup.Problems;
using ConversationLookup.Values;

namespace ConversationLookup.Http;

/// <summary>Reads what stands in a route's path, and notes every fault.</summary>
public static class RouteValues
{
    /// <param name="id">As the caller wrote it.</param>
    public static Guid ConversationId(string id, ICollection<Fault> faults)
    {
        if (!Uuids.TryParse(id, out var conversationId))
            faults.Add(Catalogue.InvalidConversationId());
        return conversationId;
    }
}
