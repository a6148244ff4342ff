using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;

namespace ConversationLookup.Wassist;

/// <summary>Which conversations are wanted (null is any; numbers are in E.164), and which part of their list.</summary>
public sealed record ConversationFilter(
    string? ContactPhoneNumber,
    string? BusinessPhoneNumber,
    Guid? AgentId,
    string? Status,
    bool? HasUnread,
    DateTimeOffset? LastMessageAfter,
    DateTimeOffset? LastMessageBefore,
    Paging Paging)
{
    /// <summary>
    /// Whether a conversation fits as far as its numbers and its agent are known: Wassist looks for a part of a number, and may not know
    /// every filter.
    /// </summary>
    public bool Admits(WassistConversation conversation) =>
        IsSame(ContactPhoneNumber, conversation.ContactPhoneNumber)
        && IsSame(BusinessPhoneNumber, conversation.BusinessPhoneNumber)
        && (AgentId is not { } agent || (conversation.Agent is not null && IsSame(agent.ToString("D"), conversation.Agent.Id)));

    /// <summary>As Wassist wants to be asked: it knows numbers as digits, and other names. The same wishes give the same text.</summary>
    /// <remarks>Names and the ordering are the vendor's TypeScript SDK's, <c>ListConversationsParams</c>.</remarks>
    public string ToQueryString()
    {
        var query = new QueryBuilder { { "ordering", "-last_message_time" } };
        Add("contact", ContactPhoneNumber?[1..]);
        Add("whatsappNumber", BusinessPhoneNumber?[1..]);
        Add("agent", AgentId?.ToString("D"));
        Add("status", Status);
        Add("hasUnread", HasUnread is { } unread ? unread ? "true" : "false" : null);
        Add("lastMessageAfter", Iso(LastMessageAfter));
        Add("lastMessageBefore", Iso(LastMessageBefore));
        Add("limit", Paging.Asked.ToString(CultureInfo.InvariantCulture));
        Add("offset", Paging.Offset.ToString(CultureInfo.InvariantCulture));
        return query.ToString();

        void Add(string name, string? value)
        {
            if (value is not null)
                query.Add(name, value);
        }
    }

    private static bool IsSame(string? wanted, string? known) => wanted is null || known is null || wanted == known;

    private static string? Iso(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
