using ConversationLookup.Http;
using ConversationLookup.Wassist;

namespace ConversationLookup.Conversations;

/// <summary>Reads which conversations or messages a caller wants. Pure.</summary>
public static class ConversationQuery
{
    private const int DefaultConversations = 20; // Wassist's own

    private const int DefaultMessages = 50; // likewise

    private const int LargestOffset = 1_000_000;

    /// <summary>Reads <c>contactPhoneNumber, businessPhoneNumber, agentId, status, hasUnread, lastMessageAfter, lastMessageBefore, limit, offset</c>.</summary>
    public static ConversationFilter ReadFilter(QueryParameters parameters)
    {
        var filter = new ConversationFilter(
            parameters.PhoneNumber("contactPhoneNumber"),
            parameters.PhoneNumber("businessPhoneNumber"),
            parameters.AgentId("agentId"),
            parameters.OneOf("status", "active", "closed"),
            parameters.Flag("hasUnread"),
            parameters.Time("lastMessageAfter"),
            parameters.Time("lastMessageBefore"),
            ReadPaging(parameters, DefaultConversations));
        if (filter.LastMessageAfter >= filter.LastMessageBefore)
            parameters.Fault("lastMessageAfter", "must be earlier than 'lastMessageBefore'");
        return filter;
    }

    /// <summary>Reads <c>limit, offset</c>.</summary>
    public static Paging ReadMessagePaging(QueryParameters parameters) => ReadPaging(parameters, DefaultMessages);

    private static Paging ReadPaging(QueryParameters parameters, int defaultLimit) => new(
        parameters.WholeNumber("limit", defaultLimit, 1, Paging.LargestLimit),
        parameters.WholeNumber("offset", 0, 0, LargestOffset));
}
