using ConversationLookup.Conversations;
using ConversationLookup.Http;
using ConversationLookup.Problems;
using ConversationLookup.Wassist;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Files;

/// <summary>The HTTP side of files, the same for every host.</summary>
public sealed class FileHandlers(ConversationReader reader, FileFetcher fetcher, ProblemBoundary boundary, TimeProvider time)
{
    /// <summary>In bytes: 50 MiB, half of WhatsApp's largest document; a flow takes 100 MB.</summary>
    public const long Largest = 50 * 1024 * 1024;

    /// <summary>How many messages are looked through for the one that names the file, the newest first.</summary>
    public const int MostMessages = 1000;

    private const int MostFiles = 100;

    /// <summary>
    /// <c>GET conversations/{id}/messages/{messageId}/media?index=</c>: 200 with the file itself, or a problem. Never throws.
    /// </summary>
    /// <param name="request">Its query parameter is read.</param>
    /// <param name="id">The route value, as the caller wrote it.</param>
    /// <param name="messageId">Likewise; Wassist's id of the message or WhatsApp's own, because an event has both.</param>
    public Task<IResult> GetAsync(HttpRequest request, string id, string messageId, CancellationToken cancellationToken) =>
        GetAsync(request, id, messageId, Largest, cancellationToken);

    /// <param name="largest">In bytes, where less than <see cref="Largest"/> is wanted.</param>
    public Task<IResult> GetAsync(HttpRequest request, string id, string messageId, long largest, CancellationToken cancellationToken) => boundary.AnswerAsync(
        "get_file",
        request,
        async cancellationToken =>
        {
            var faults = new List<Fault>();
            var conversationId = RouteValues.ConversationId(id, faults);
            var parameters = new QueryParameters(request.Query, faults);
            var index = parameters.WholeNumber("index", 0, 0, MostFiles - 1);
            parameters.RefuseOthers();
            if (string.IsNullOrWhiteSpace(messageId))
                faults.Add(Catalogue.InvalidParameter("messageId", "'messageId' is missing. Use the id of a message of this conversation."));
            if (faults.Count > 0)
                throw new ProblemException(Catalogue.InvalidRequest(faults));

            // The Functions host leaves %2F as it is, and WhatsApp's ids may have a slash.
            var message = await FindAsync(conversationId, Uri.UnescapeDataString(messageId), cancellationToken) ?? throw new ProblemException(Catalogue.MessageNotFound(MostMessages));
            if (index >= message.Media.Count)
                throw new ProblemException(Catalogue.MediaNotFound(message.Media.Count));
            return new FileResult(await fetcher.FetchAsync(message.Media[index], messageId, index, largest, cancellationToken), largest, time);
        },
        cancellationToken,
        readsQuery: true);

    /// <summary>Looks on the pages that others may have asked for, and once more for a message that has just come.</summary>
    private async Task<WassistMessage?> FindAsync(Guid conversationId, string messageId, CancellationToken cancellationToken)
    {
        for (var offset = 0; offset < MostMessages; offset += Paging.LargestLimit)
        {
            var page = (await reader.ListMessagesAsync(conversationId, new Paging(Paging.LargestLimit, offset), fresh: false, cancellationToken)).Value;
            if (page.Items.FirstOrDefault(IsIt) is { } found)
                return found;
            if (!page.HasMore)
                break;
        }

        var newest = (await reader.ListMessagesAsync(conversationId, new Paging(Paging.LargestLimit, 0), fresh: true, cancellationToken)).Value;
        return newest.Items.FirstOrDefault(IsIt);

        bool IsIt(WassistMessage message) => message.Id == messageId || message.WaId == messageId;
    }
}
