using ConversationLookup.Problems;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Conversations;

/// <summary>The HTTP side of lookups, the same for every host.</summary>
public sealed class ConversationHandlers
{
    private const int DefaultMessages = 50; // Wassist's own

    private readonly ConversationReader _reader;
    private readonly ProblemBoundary _boundary;
    private readonly TimeProvider _time;

    internal ConversationHandlers(ConversationReader reader, ProblemBoundary boundary, TimeProvider time) =>
        (_reader, _boundary, _time) = (reader, boundary, time);

    /// <summary>
    /// <c>GET conversations/{id}?fields=</c>: 200 with a <see cref="ConversationSummary"/>, or a problem. Never throws.
    /// </summary>
    /// <param name="request">Its <c>fields</c> parameter and <c>Cache-Control</c> header are read; a body is ignored.</param>
    /// <param name="id">The route value, as the caller wrote it.</param>
    /// <param name="cancellationToken">
    /// Ends the lookup when the host stops. It also ends when the caller has gone, unless others wait for the same one.
    /// </param>
    public Task<IResult> GetAsync(HttpRequest request, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _boundary.AnswerAsync("get_conversation", request.HttpContext, ended => GetSummaryAsync(request, id, ended), cancellationToken);
    }

    /// <summary>
    /// <c>GET conversations?contact=&amp;businessNumber=&amp;…&amp;fields=</c>: 200 with a <see cref="ConversationPage"/>, or a problem. Never throws.
    /// </summary>
    /// <param name="request">Its query parameters and <c>Cache-Control</c> header are read.</param>
    /// <param name="cancellationToken">As for one conversation.</param>
    public Task<IResult> FindAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _boundary.AnswerAsync("find_conversations", request.HttpContext, ended => GetPageAsync(request, ended), cancellationToken);
    }

    /// <summary>
    /// <c>GET conversations/{id}/messages?limit=&amp;offset=</c>: 200 with a <see cref="MessagePage"/>, or a problem. Never throws.
    /// </summary>
    /// <param name="request">Its query parameters and <c>Cache-Control</c> header are read.</param>
    /// <param name="id">The route value, as the caller wrote it.</param>
    /// <param name="cancellationToken">As for one conversation.</param>
    public Task<IResult> GetMessagesAsync(HttpRequest request, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _boundary.AnswerAsync("list_messages", request.HttpContext, ended => GetMessagePageAsync(request, id, ended), cancellationToken);
    }

    private async Task<IResult> GetSummaryAsync(HttpRequest request, string id, CancellationToken cancellationToken)
    {
        var faults = new List<Fault>();
        var conversationId = ReadId(id, faults);
        var fields = SummaryFields.Parse(request.Query["fields"], faults);
        RequireNone(faults);

        var conversation = await _reader.GetAsync(conversationId, WantsFresh(request), cancellationToken);
        var summary = ConversationProjection.Summarize(conversation, _time.GetUtcNow());
        return fields is null
            ? JsonResult.From(StatusCodes.Status200OK, summary, PayloadJson.Instance.ConversationSummary)
            : JsonResult.From(StatusCodes.Status200OK, fields.Select(summary), PayloadJson.Instance.JsonObject);
    }

    private async Task<IResult> GetPageAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var faults = new List<Fault>();
        var query = ConversationQuery.Read(request.Query, faults);
        var fields = SummaryFields.Parse(request.Query["fields"], faults);
        RequireNone(faults);

        var page = ConversationPage.From(await _reader.ListAsync(query, WantsFresh(request), cancellationToken), _time.GetUtcNow());
        return fields is null
            ? JsonResult.From(StatusCodes.Status200OK, page, PayloadJson.Instance.ConversationPage)
            : JsonResult.From(StatusCodes.Status200OK, fields.Select(page), PayloadJson.Instance.JsonObject);
    }

    private async Task<IResult> GetMessagePageAsync(HttpRequest request, string id, CancellationToken cancellationToken)
    {
        var faults = new List<Fault>();
        var conversationId = ReadId(id, faults);
        var paging = new QueryParameters(request.Query, faults).Paging(DefaultMessages);
        RequireNone(faults);

        var fresh = WantsFresh(request);
        var messages = _reader.ListMessagesAsync(conversationId, paging, fresh, cancellationToken).AsTask();
        var conversation = _reader.GetAsync(conversationId, fresh, cancellationToken).AsTask(); // for the names
        await Task.WhenAll(messages, conversation);
        return JsonResult.From(
            StatusCodes.Status200OK,
            MessagePage.From((await messages).Page, (await conversation).Conversation),
            PayloadJson.Instance.MessagePage);
    }

    private static Guid ReadId(string id, List<Fault> faults)
    {
        if (!ConversationId.TryParse(id, out var conversationId))
            faults.Add(Catalogue.InvalidConversationId());
        return conversationId;
    }

    private static void RequireNone(List<Fault> faults)
    {
        if (faults.Count > 0)
            throw new ProblemException(Catalogue.InvalidRequest(faults));
    }

    private static bool WantsFresh(HttpRequest request) => request.GetTypedHeaders().CacheControl?.NoCache ?? false;
}
