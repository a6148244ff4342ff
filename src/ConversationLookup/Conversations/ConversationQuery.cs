using System.Globalization;
using ConversationLookup.Problems;
using ConversationLookup.Wassist;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace ConversationLookup.Conversations;

/// <summary>Which conversations are wanted; null is any.</summary>
internal sealed record ConversationQuery(
    string? Contact,
    string? BusinessNumber,
    Guid? Agent,
    string? Status,
    bool? HasUnread,
    DateTimeOffset? LastMessageAfter,
    DateTimeOffset? LastMessageBefore,
    Paging Paging)
{
    private const int DefaultLimit = 20; // Wassist's own

    /// <summary>Reads <c>contact, businessNumber, agent, status, hasUnread, lastMessageAfter, lastMessageBefore, limit, offset</c>. Pure.</summary>
    /// <param name="query">The request's.</param>
    /// <param name="faults">Where every fault is told.</param>
    public static ConversationQuery Read(IQueryCollection query, ICollection<Fault> faults)
    {
        var parameters = new QueryParameters(query, faults);
        var read = new ConversationQuery(
            parameters.PhoneNumber("contact"),
            parameters.PhoneNumber("businessNumber"),
            parameters.Uuid("agent", "the 'agentId' of a conversation"),
            parameters.OneOf("status", "active", "closed"),
            parameters.Flag("hasUnread"),
            parameters.Time("lastMessageAfter"),
            parameters.Time("lastMessageBefore"),
            parameters.Paging(DefaultLimit));
        if (read.LastMessageAfter >= read.LastMessageBefore)
            parameters.Fault("lastMessageAfter", "must be earlier than 'lastMessageBefore'");
        return read;
    }

    /// <summary>The same for Wassist: it knows numbers as digits, and other names. The same wishes give the same text.</summary>
    /// <remarks>Names and the ordering are the vendor's TypeScript SDK's, <c>ListConversationsParams</c>.</remarks>
    public string ToUpstream()
    {
        var query = new QueryBuilder { { "ordering", "-last_message_time" } };
        Add("contact", Contact?[1..]);
        Add("whatsappNumber", BusinessNumber?[1..]);
        Add("agent", Agent?.ToString("D"));
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
