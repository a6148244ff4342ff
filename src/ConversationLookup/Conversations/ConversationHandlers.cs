using ConversationLookup.Problems;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Conversations;

/// <summary>The HTTP side of lookups, the same for every host.</summary>
public sealed class ConversationHandlers
{
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

    private async Task<IResult> GetSummaryAsync(HttpRequest request, string id, CancellationToken cancellationToken)
    {
        var faults = new List<Fault>();
        if (!ConversationId.TryParse(id, out var conversationId))
            faults.Add(Catalogue.InvalidConversationId());
        var fields = SummaryFields.Parse(request.Query["fields"], faults);
        if (faults.Count > 0)
            throw new ProblemException(Catalogue.InvalidRequest(faults));

        var conversation = await _reader.GetAsync(conversationId, WantsFresh(request), cancellationToken);
        var summary = ConversationProjection.Summarize(conversation, _time.GetUtcNow());
        return fields is null
            ? JsonResult.From(StatusCodes.Status200OK, summary, PayloadJson.Instance.ConversationSummary)
            : JsonResult.From(StatusCodes.Status200OK, fields.Select(summary), PayloadJson.Instance.JsonObject);
    }

    private static bool WantsFresh(HttpRequest request) => request.GetTypedHeaders().CacheControl?.NoCache ?? false;
}
