using System.IO.Compression;
using System.Net;
using ConversationLookup.Bytes;
using ConversationLookup.Json;
using ConversationLookup.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;

namespace ConversationLookup.Wassist;

/// <summary>Makes one try of a call to Wassist, or the only one: with the key at hand, within the budget, over one pool of connections.</summary>
public sealed class WassistTransport(IOptions<WassistOptions> options, WassistSecrets secrets, CallBudget budget, TimeProvider time, ILogger<WassistTransport> logger) : IDisposable
{
    /// <summary>The largest answer that is read, in bytes: 1 MiB, also after decompression.</summary>
    public const int LargestBody = 1024 * 1024;

    private const int FirstBuffer = 4096;

    private readonly HttpMessageInvoker _http = Connect(TimeSpan.FromMinutes(5)); // so that a DNS change is noticed

    /// <summary>
    /// Each on a connection of its own: one that Wassist had closed meanwhile would leave open whether the message arrived, and the handler
    /// would send some requests anew by itself.
    /// </summary>
    private readonly HttpMessageInvoker _posts = Connect(TimeSpan.Zero);

    private readonly string _root = options.Value.BaseUrl.AbsoluteUri.TrimEnd('/') + "/api/v1/";

    /// <summary>
    /// Asks, and reads the answer whole: a body that stalls or breaks off is then a try that failed, like a missing answer.
    /// </summary>
    /// <param name="path">Relative to the API's root, with a query if there is one.</param>
    /// <param name="waitsUntil">See <see cref="WassistCall"/>.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    /// <returns>The answer, or the exception that there was instead. It does not throw.</returns>
    public ValueTask<Outcome<WassistAnswer>> GetAsync(string path, DateTimeOffset? waitsUntil, CancellationToken cancellationToken) =>
        TryAsync(path, waitsUntil, null, cancellationToken);

    /// <summary>Asks for something to be done. It is sent again only after the API has refused the key, so that it was not done.</summary>
    /// <param name="post">Says afterwards whether it may have arrived.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    /// <returns>The answer, or the exception that there was instead. It does not throw.</returns>
    public ValueTask<Outcome<WassistAnswer>> PostAsync(WassistPost post, CancellationToken cancellationToken) =>
        TryAsync(post.Path, post.WaitsUntil, post, cancellationToken);

    private async ValueTask<Outcome<WassistAnswer>> TryAsync(string path, DateTimeOffset? waitsUntil, WassistPost? post, CancellationToken cancellationToken)
    {
        try
        {
            var key = await secrets.ApiKey.GetAsync(cancellationToken);
            while (true)
            {
                WassistAnswer answer;
                var permit = await budget.TakeAsync(new WassistCall(key, path, waitsUntil), cancellationToken); // after the key: only a call that is really made spends it
                if (permit.RefusedRequest is { } refused)
                {
                    answer = new WassistAnswer(HttpStatusCode.Unauthorized, [], 0) { IsApis = true, RefusedKey = key, RequestId = refused };
                }
                else if (!permit.IsGranted)
                {
                    return Outcome.FromException<WassistAnswer>(new BudgetSpentException(permit.Wait));
                }
                else
                {
                    using var request = CreateRequest(path, key, post);
                    using var response = await (post is null ? _http : _posts).SendAsync(request, cancellationToken);
                    var (body, length) = await ReadAsync(response.Content, cancellationToken);
                    if (response.StatusCode is HttpStatusCode.OK && post is null)
                        return Outcome.FromResult(new WassistAnswer(HttpStatusCode.OK, body, length));
                    answer = ReadOther(response, body, length, MayBeForbidden(path) ? null : key);
                }

                if (answer is { Status: HttpStatusCode.TooManyRequests, RetryAfter: { } wait } && wait > UpstreamOutcome.LongestWait)
                    await budget.PauseAsync(wait, cancellationToken);
                if (answer.RefusedKey is null)
                    return Outcome.FromResult(answer);
                post?.WasRefused();
                if (answer.Status is HttpStatusCode.Unauthorized && permit.IsGranted) // a 403 may be about one conversation
                    await budget.RefuseAsync(key, answer.RequestId, cancellationToken);

                // A fresh key is not waited for, and takes no try from those that are for faults.
                var newest = await secrets.ApiKey.ReadAgainAsync(key, cancellationToken);
                if (newest == key)
                    return Outcome.FromResult(answer);
                answer.Dispose();
                logger.KeyRotated();
                key = newest;
            }
        }
#pragma warning disable CA1031 // UpstreamOutcome says what each one means.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Outcome.FromException<WassistAnswer>(exception);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _posts.Dispose();
    }

    private static HttpMessageInvoker Connect(TimeSpan lifetime) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, // a redirect would carry X-API-Key to another host
        UseCookies = false,
        PooledConnectionLifetime = lifetime,
    });

    private TracedRequest CreateRequest(string path, string key, WassistPost? post)
    {
        var request = new TracedRequest(post is null ? HttpMethod.Get : HttpMethod.Post, new Uri(_root + path), UriPartial.Path); // a query has phone numbers
        if (post is not null)
        {
            request.Content = post.CreateContent();
            request.Headers.TryAddWithoutValidation("Idempotency-Key", post.IdempotencyKey); // in the SDK's README only: not relied on
        }

        request.Headers.TryAddWithoutValidation("X-API-Key", key);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", "conversation-lookup");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip");
        return request;
    }

    /// <summary>
    /// What a good key may not be allowed to ask. A refusal there says nothing about the key: nobody else is to do without it, and the vault
    /// has no other.
    /// </summary>
    private static bool MayBeForbidden(string path) => path.StartsWith("webhook", StringComparison.Ordinal);

    private WassistAnswer ReadOther(HttpResponseMessage response, byte[] body, int length, string? key)
    {
        var isApis = (length == 0 && response.IsSuccessStatusCode) || TolerantJson.IsObject(body.AsMemory(0, length));
        return new WassistAnswer(response.StatusCode, body, length)
        {
            IsApis = isApis,
            RefusedKey = isApis && response.StatusCode is (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) ? key : null,
            RequestId = RequestIdOf(response),
            RetryAfter = response.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError
                ? RetryAfter.FromHeader(response.Headers, time.GetUtcNow()) ?? RetryAfter.FromBody(body.AsMemory(0, length))
                : null,
        };
    }

    private static async ValueTask<(byte[] Rented, int Length)> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var body = new GrowingBuffer();
        try
        {
            using var sent = content.ReadAsStream(cancellationToken);
            using var stream = IsCompressed(content) ? new GZipStream(sent, CompressionMode.Decompress) : sent;
            while (await stream.ReadAsync(body.Room(body.Length == 0 ? FirstBuffer : 1), cancellationToken) is > 0 and var read)
            {
                body.Advance(read);
                if (body.Length > LargestBody)
                    throw new HttpRequestException(HttpRequestError.ConfigurationLimitExceeded);
            }

            return body.HandOver();
        }
        catch (IOException exception)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, exception.Message, exception);
        }
        finally
        {
            body.Release(); // what was not handed over
        }
    }

    /// <summary>The handler's own decompression costs every request half a kilobyte, for headers that are parsed for nothing.</summary>
    private static bool IsCompressed(HttpContent content) =>
        content.Headers.NonValidated.TryGetValues("Content-Encoding", out var encoding) && encoding.ToString().Equals("gzip", StringComparison.OrdinalIgnoreCase);

    /// <summary>Only what such an id may look like, because it goes into a log.</summary>
    private static string RequestIdOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues("X-Request-Id", out var values)
        && values.FirstOrDefault() is { Length: > 0 and <= 100 } id
        && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':')
            ? id
            : "unknown";
}
