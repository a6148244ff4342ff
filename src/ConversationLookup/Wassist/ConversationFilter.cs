using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;

namespace ConversationLookup.Wassist;

/// <summary>Which conversations are wanted, and which part of their list; null is any.</summary>
/// <param name="ContactPhoneNumber">In E.164.</param>
/// <param name="BusinessPhoneNumber">In E.164.</param>
/// <param name="AgentId">The agent that is assigned.</param>
/// <param name="Status"><c>active</c> or <c>closed</c>.</param>
/// <param name="HasUnread">Whether the contact wrote what nobody has read.</param>
/// <param name="LastMessageAfter">The last message is later than this.</param>
/// <param name="LastMessageBefore">The last message is earlier than this.</param>
/// <param name="Paging">Which part of the list.</param>
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

    private static string? Iso(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
