using System.Globalization;
using System.Net;
using ConversationLookup.Conversations;
using ConversationLookup.Problems;
using ConversationLookup.Secrets;
using ConversationLookup.Telemetry;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Wassist;

/// <summary>
/// Calls to the Wassist API. Every failure is a <see cref="ProblemException"/>; a caller's cancellation stays one.
/// </summary>
internal sealed class WassistClient(
    IHttpClientFactory clients,
    WassistSecrets secrets,
    UnknownShapeReport unknownShapes,
    LookupMetrics metrics,
    TimeProvider time,
    ILogger<WassistClient> logger)
{
    /// <summary>The largest answer that is read, in bytes: 1 MiB.</summary>
    public const int LargestBody = 1024 * 1024;

    /// <summary>Everything one call may take, with its tries, waits and key reads. Power Automate gives up at 120 s.</summary>
    private static readonly TimeSpan TotalTimeout = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = clients.CreateClient(WassistPipeline.ClientName);

    /// <summary>Fetches one conversation.</summary>
    /// <exception cref="ProblemException">With any of the upstream's, the secret's and the circuit's codes.</exception>
    public async Task<RetrievedConversation> GetConversationAsync(Guid id, CancellationToken cancellationToken)
    {
        var askedAt = time.GetUtcNow();
        var conversation = await AskAsync(
            "get_conversation",
            $"api/v1/conversations/{id:D}/",
            body => ConversationParser.Parse(body, id),
            cancellationToken);
        return new RetrievedConversation(conversation, time.GetUtcNow(), askedAt);
    }

    /// <summary>Lists conversations.</summary>
    /// <param name="query">Which, and how many.</param>
    /// <param name="cancellationToken">The caller's own.</param>
    /// <exception cref="ProblemException">With any of the upstream's, the secret's and the circuit's codes.</exception>
    public async Task<RetrievedPage<WassistConversation>> ListConversationsAsync(ConversationQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await ListAsync("list_conversations", $"api/v1/conversations/{query.ToUpstream()}", "conversations", ConversationParser.Read, query.Paging, cancellationToken);
        }
        catch (ProblemException exception) when (exception.Problem.Code == "conversation_not_found")
        {
            throw new ProblemException(Catalogue.UpstreamInvalidResponse($"no list of conversations: {exception.Problem.Cause}"), exception);
        }
    }

    /// <summary>Lists the messages of one conversation.</summary>
    /// <exception cref="ProblemException">With any of the upstream's, the secret's and the circuit's codes.</exception>
    public Task<RetrievedPage<WassistMessage>> ListMessagesAsync(Guid id, Paging paging, CancellationToken cancellationToken) =>
        ListAsync(
            "list_messages",
            string.Create(CultureInfo.InvariantCulture, $"api/v1/conversations/{id:D}/messages/?limit={paging.Asked}&offset={paging.Offset}"),
            "messages",
            MessageParser.Read,
            paging,
            cancellationToken);

    private async Task<RetrievedPage<T>> ListAsync<T>(
        string operation, string path, string name, Func<TolerantObject, T?> read, Paging paging, CancellationToken cancellationToken)
        where T : class
    {
        var list = await AskAsync(operation, path, body => TolerantJson.ReadList(body, name, read), cancellationToken);
        return new RetrievedPage<T>(WassistPage<T>.From(list, paging), time.GetUtcNow());
    }

    /// <summary>One question with everything it takes, in a span and in the numbers.</summary>
    private async Task<T> AskAsync<T>(
        string operation, string path, Func<byte[], (T Read, IReadOnlyList<UnknownShape> UnknownShapes)> parse, CancellationToken cancellationToken)
    {
        using var span = Tracing.Ask(operation);
        var started = time.GetTimestamp();
        var outcome = "cancelled";
        try
        {
            var answer = Parse(parse, await GetAsync(path, cancellationToken));
            outcome = "ok";
            return answer;
        }
        catch (ProblemException exception)
        {
            outcome = exception.Problem.Code;
            throw;
        }
        finally
        {
            metrics.Upstream(operation, outcome, time.GetElapsedTime(started));
            span.SetOutcome(outcome, outcome is not ("ok" or "cancelled" or "conversation_not_found"));
        }
    }

    private T Parse<T>(Func<byte[], (T Read, IReadOnlyList<UnknownShape> UnknownShapes)> parse, byte[] body)
    {
        try
        {
            var (read, shapes) = parse(body);
            unknownShapes.Report(shapes);
            return read;
        }
        catch (FormatException exception)
        {
            throw new ProblemException(Catalogue.UpstreamInvalidResponse(exception.Message));
        }
    }

    /// <summary>A GET with the key at hand, and once more with a fresh one if Wassist does not accept it.</summary>
    private async Task<byte[]> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(TotalTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var key = await secrets.ApiKey.GetAsync(either.Token);
            using var response = await SendAsync(path, key, either.Token);
            if (response.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden))
                return await BodyAsync(response);

            var freshKey = await secrets.ApiKey.ReadAgainAsync(key, either.Token);
            if (freshKey == key)
                return await BodyAsync(response);

            logger.KeyRotated();
            using var secondResponse = await SendAsync(path, freshKey, either.Token);
            return await BodyAsync(secondResponse);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProblemException(Catalogue.UpstreamTimeout("no complete answer within 30 s"), exception);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("X-API-Key", key);
        request.Options.Set(Tracing.ShownAddress, new Uri(_http.BaseAddress!, path).GetLeftPart(UriPartial.Path)); // a query has phone numbers
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception exception) when (UpstreamFailures.FromException(exception) is { } problem)
        {
            throw new ProblemException(problem, exception);
        }
    }

    /// <summary>The body of a 200; the pipeline has read it already.</summary>
    private async Task<byte[]> BodyAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync();
        return response.StatusCode is HttpStatusCode.OK
            ? body
            : throw new ProblemException(UpstreamFailures.FromAnswer(response, body, time.GetUtcNow()));
    }
}
