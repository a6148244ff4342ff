using System.Text.Json.Serialization;
using ConversationLookup.Http;
using ConversationLookup.Json;
using ConversationLookup.Problems;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Conversations;

/// <summary>The HTTP side of lookups, the same for every host.</summary>
public sealed class ConversationHandlers(ConversationReader reader, ProblemBoundary boundary, TimeProvider time)
{
    /// <summary>
    /// <c>GET conversations/{id}?fields=</c>: 200 with a <see cref="ConversationSummary"/>, or a problem. Never throws.
    /// </summary>
    /// <param name="request">Its <c>fields</c> parameter and <c>Cache-Control</c> header are read; a body is ignored.</param>
    /// <param name="id">The route value, as the caller wrote it.</param>
    /// <param name="cancellationToken">
    /// Ends the lookup when the host stops. It also ends when the caller has gone, unless others wait for the same one.
    /// </param>
    public Task<IResult> GetAsync(HttpRequest request, string id, CancellationToken cancellationToken) => boundary.AnswerAsync(
        "get_conversation", request, cancellationToken => GetSummaryAsync(request, id, cancellationToken), cancellationToken, readsQuery: true);

    /// <summary>
    /// <c>GET conversations?contactPhoneNumber=&amp;businessPhoneNumber=&amp;…&amp;fields=</c>: 200 with a <see cref="ConversationPage"/>, or a problem. Never throws.
    /// </summary>
    /// <param name="request">Its query parameters and <c>Cache-Control</c> header are read.</param>
    public Task<IResult> FindAsync(HttpRequest request, CancellationToken cancellationToken) => boundary.AnswerAsync(
        "find_conversations", request, cancellationToken => GetPageAsync(request, cancellationToken), cancellationToken, readsQuery: true);

    /// <summary>
    /// <c>GET conversations/{id}/messages?limit=&amp;offset=</c>: 200 with a <see cref="MessagePage"/>, or a problem. Never throws.
    /// </summary>
    /// <param name="request">Its query parameters and <c>Cache-Control</c> header are read.</param>
    /// <param name="id">The route value, as the caller wrote it.</param>
    public Task<IResult> GetMessagesAsync(HttpRequest request, string id, CancellationToken cancellationToken) => boundary.AnswerAsync(
        "list_messages", request, cancellationToken => GetMessagePageAsync(request, id, cancellationToken), cancellationToken, readsQuery: true);

    private async Task<IResult> GetSummaryAsync(HttpRequest request, string id, CancellationToken cancellationToken)
    {
        var faults = new List<Fault>();
        var conversationId = RouteValues.ConversationId(id, faults);
        var parameters = new QueryParameters(request.Query, faults);
        var fields = SummaryFields.Parse(parameters, faults);
        RequireNone(parameters, faults);

        var retrieved = await reader.GetAsync(conversationId, WantsFresh(request), cancellationToken);
        var summary = ConversationProjection.Summarize(retrieved.Value, retrieved.RetrievedAt, time.GetUtcNow());
        return fields is null
            ? JsonResult.From(StatusCodes.Status200OK, summary, ConversationJson.Payload.ConversationSummary)
            : JsonResult.From(fields.Select(summary));
    }

    private async Task<IResult> GetPageAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var faults = new List<Fault>();
        if (request.Path.Value!.EndsWith('/')) // a flow that looks one conversation up and has an empty id must not get everybody's
            faults.Add(Catalogue.MissingConversationId());
        var parameters = new QueryParameters(request.Query, faults);
        var filter = ConversationQuery.ReadFilter(parameters);
        var fields = SummaryFields.Parse(parameters, faults);
        RequireNone(parameters, faults);

        var page = ConversationPage.From(await reader.ListAsync(filter, WantsFresh(request), cancellationToken), time.GetUtcNow());
        return fields is null
            ? JsonResult.From(StatusCodes.Status200OK, page, ConversationJson.Payload.ConversationPage)
            : JsonResult.From(fields.Select(page));
    }

    private async Task<IResult> GetMessagePageAsync(HttpRequest request, string id, CancellationToken cancellationToken)
    {
        var faults = new List<Fault>();
        var conversationId = RouteValues.ConversationId(id, faults);
        var parameters = new QueryParameters(request.Query, faults);
        var paging = ConversationQuery.ReadMessagePaging(parameters);
        RequireNone(parameters, faults);

        var fresh = WantsFresh(request);
        var messages = reader.ListMessagesAsync(conversationId, paging, fresh, cancellationToken).AsTask();
        var conversation = reader.GetAsync(conversationId, fresh, cancellationToken).AsTask(); // for the names
        await Task.WhenAll(messages, conversation);
        return JsonResult.From(
            StatusCodes.Status200OK,
            MessagePage.From((await messages).Value, (await conversation).Value),
            ConversationJson.Payload.MessagePage);
    }

    private static void RequireNone(QueryParameters parameters, List<Fault> faults)
    {
        parameters.RefuseOthers();
        if (faults.Count > 0)
            throw new ProblemException(Catalogue.InvalidRequest(faults));
    }

    private static bool WantsFresh(HttpRequest request) => request.GetTypedHeaders().CacheControl?.NoCache ?? false;
}

/// <summary>What lookups answer.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ConversationPage))]
[JsonSerializable(typeof(ConversationSummary))]
[JsonSerializable(typeof(MessagePage))]
public sealed partial class ConversationJson : JsonSerializerContext
{
    public static ConversationJson Payload { get; } = new(PayloadJson.Options());
}
