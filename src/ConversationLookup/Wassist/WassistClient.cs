using System.Net;
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
        var body = await GetAsync($"api/v1/conversations/{id:D}/", cancellationToken);
        try
        {
            var parsed = ConversationParser.Parse(body, id);
            unknownShapes.Report(parsed.UnknownShapes);
            return new RetrievedConversation(parsed.Conversation, time.GetUtcNow(), askedAt);
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
