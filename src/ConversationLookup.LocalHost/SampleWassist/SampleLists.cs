using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Extensions;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>The sample's lists, paged and filtered as the real Wassist does it: conversations in an envelope, messages in a bare array.</summary>
public static class SampleLists
{
    private const int LargestLimit = 100;

    /// <param name="request">Its query parameters are Wassist's: <c>contact</c>, <c>whatsappNumber</c>, <c>agent</c>, <c>status</c>, ….</param>
    /// <param name="conversations">As they are now.</param>
    public static IResult Conversations(HttpRequest request, IEnumerable<JsonNode> conversations)
    {
        var query = request.Query;
        if (query["agent"] is [{ Length: > 0 } agent] && !Guid.TryParse(agent, out _))
            return Results.Json(new JsonObject { ["agent"] = new JsonArray("Enter a valid UUID.") }, statusCode: 400);

        var fitting = conversations.Where(conversation => Fits(conversation, query)).ToList();
        fitting = [.. query["ordering"] == "last_message_time" ? fitting.OrderBy(LastMessageAt) : fitting.OrderByDescending(LastMessageAt)];
        var (limit, offset) = Paging(query, defaultLimit: 20);
        return Results.Json(new JsonObject
        {
            ["count"] = fitting.Count,
            ["next"] = offset + limit < fitting.Count ? PageUrl(request, limit, offset + limit) : null,
            ["previous"] = offset > 0 ? PageUrl(request, limit, Math.Max(0, offset - limit)) : null,
            ["results"] = new JsonArray([.. fitting.Skip(offset).Take(limit)]),
        });
    }

    /// <param name="request">Its <c>limit</c> and <c>offset</c> are read.</param>
    /// <param name="newestFirst">All the conversation's messages.</param>
    public static IResult Messages(HttpRequest request, IEnumerable<JsonNode> newestFirst)
    {
        var (limit, offset) = Paging(request.Query, defaultLimit: 50);
        return Results.Json(new JsonArray([.. newestFirst.Skip(offset).Take(limit)]));
    }

    private static bool Fits(JsonNode conversation, IQueryCollection query) =>
        Contains((string?)conversation["contact"]?["phoneNumber"], query["contact"])
        && Contains((string?)conversation["whatsappNumber"]?["number"], query["whatsappNumber"])
        && (query["agent"] is not [{ Length: > 0 } agent] || (conversation["activeAgent"] as JsonObject)?["id"]?.ToString() == agent)
        && (query["status"] is not [{ Length: > 0 } status] || status == (IsOpen(conversation) ? "active" : "closed"))
        && (query["hasUnread"] is not ["true"] || (conversation["lastMessage"] as JsonObject)?["role"]?.ToString() == "user")
        && (Time(query["lastMessageAfter"]) is not { } after || LastMessageAt(conversation) > after)
        && (Time(query["lastMessageBefore"]) is not { } before || LastMessageAt(conversation) < before);

    private static bool Contains(string? value, string? part) =>
        string.IsNullOrEmpty(part) || (value?.Contains(part, StringComparison.Ordinal) ?? false);

    private static bool IsOpen(JsonNode conversation) => conversation["chatWindowRemainingTime"]!.ToString() is not ("0" or "00:00:00");

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
