using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Extensions;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>
/// The sample's lists, paged and filtered as the real Wassist does it: conversations and agents in an envelope, messages in a bare array, and what is
/// little in a bare array that has no pages.
/// </summary>
public static class SampleLists
{
    private const int LargestLimit = 100;

    /// <param name="request">Its query parameters are Wassist's: <c>contact</c>, <c>whatsappNumber</c>, <c>agent</c>, <c>status</c>, ….</param>
    /// <param name="conversations">As they are now.</param>
    public static IResult Conversations(HttpRequest request, IEnumerable<SampleSnapshot> conversations)
    {
        var query = request.Query;
        if (query["agent"] is [{ Length: > 0 } agent] && !Guid.TryParse(agent, out _))
            return Results.Json(new JsonObject { ["agent"] = new JsonArray("Enter a valid UUID.") }, statusCode: 400);

        var fitting = conversations.Where(conversation => Fits(conversation, query)).Select(conversation => conversation.Body).ToList();
        return Paged(request, [.. query["ordering"] == "last_message_time" ? fitting.OrderBy(LastMessageAt) : fitting.OrderByDescending(LastMessageAt)]);
    }

    /// <summary>A page in an envelope.</summary>
    /// <param name="request">Its <c>limit</c> and <c>offset</c> are read.</param>
    public static IResult Paged(HttpRequest request, IReadOnlyList<JsonNode> all)
    {
        var (limit, offset) = Paging(request.Query, defaultLimit: 20);
        return Results.Json(new JsonObject
        {
            ["count"] = all.Count,
            ["next"] = offset + limit < all.Count ? PageUrl(request, limit, offset + limit) : null,
            ["previous"] = offset > 0 ? PageUrl(request, limit, Math.Max(0, offset - limit)) : null,
            ["results"] = new JsonArray([.. all.Skip(offset).Take(limit)]),
        });
    }

    /// <param name="request">Its <c>limit</c> and <c>offset</c> are read.</param>
    /// <param name="newestFirst">All the conversation's messages.</param>
    public static IResult Messages(HttpRequest request, IEnumerable<JsonNode> newestFirst)
    {
        var (limit, offset) = Paging(request.Query, defaultLimit: 50);
        return Results.Json(new JsonArray([.. newestFirst.Skip(offset).Take(limit)]));
    }

    private static bool Fits(SampleSnapshot conversation, IQueryCollection query) =>
        Contains((string?)conversation.Body["contact"]?["phoneNumber"], query["contact"])
        && Contains((string?)conversation.Body["whatsappNumber"]?["number"], query["whatsappNumber"])
        && (query["agent"] is not [{ Length: > 0 } agent] || (conversation.Body["activeAgent"] as JsonObject)?["id"]?.ToString() == agent)
        && (query["status"] is not [{ Length: > 0 } status] || status == (conversation.IsOpen ? "active" : "closed"))
        && (query["hasUnread"] is not ["true"] || conversation.HasUnread)
        && (Time(query["lastMessageAfter"]) is not { } after || LastMessageAt(conversation.Body) > after)
        && (Time(query["lastMessageBefore"]) is not { } before || LastMessageAt(conversation.Body) < before);

    private static bool Contains(string? value, string? part) =>
        string.IsNullOrEmpty(part) || (value?.Contains(part, StringComparison.Ordinal) ?? false);

    private static DateTimeOffset? LastMessageAt(JsonNode conversation) => Time((conversation["lastMessage"] as JsonObject)?["createdAt"]?.ToString());

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static (int Limit, int Offset) Paging(IQueryCollection query, int defaultLimit) =>
        (Math.Clamp(Number(query["limit"], defaultLimit), 1, LargestLimit), Number(query["offset"], 0));

    private static int Number(string? text, int otherwise) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private static string PageUrl(HttpRequest request, int limit, int offset)
    {
        var query = request.Query.Where(pair => pair.Key is not ("limit" or "offset"))
            .Append(new("limit", limit.ToString(CultureInfo.InvariantCulture)))
            .Append(new("offset", offset.ToString(CultureInfo.InvariantCulture)));
        return UriHelper.BuildAbsolute(request.Scheme, request.Host, request.PathBase, request.Path, QueryString.Create(query));
    }
}
