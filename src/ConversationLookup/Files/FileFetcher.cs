using System.Globalization;
using System.Net;
using ConversationLookup.Http;
using ConversationLookup.Problems;
using ConversationLookup.Telemetry;
using ConversationLookup.Values;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Files;

/// <summary>Fetches what a message names, from allowed hosts only, and without the API key.</summary>
public sealed class FileFetcher(IOptions<FilesOptions> options, TimeProvider time) : IDisposable
{
    private const int MostRedirects = 5;

    /// <summary>How long it takes at most until the beginning of a file is here.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly IReadOnlyList<string> _allowed = HostPatterns.Parse(options.Value.AllowedHosts);

    private readonly HttpMessageInvoker _http = new(PublicConnection.CreateHandler(options.Value.AllowLocalHosts));

    /// <summary>Fetches a file up to its beginning, which shows what it is.</summary>
    /// <param name="media">What the message says of it.</param>
    /// <param name="messageId">For its name.</param>
    /// <param name="index">Likewise.</param>
    /// <param name="largest">In bytes.</param>
    /// <exception cref="ProblemException">With one of the codes of media.</exception>
    public async Task<MessageFile> FetchAsync(Media media, string messageId, int index, long largest, CancellationToken cancellationToken)
    {
        using var span = Tracing.FetchFile();
        try
        {
            var file = await FetchInTimeAsync(media, messageId, index, largest, cancellationToken);
            span.SetOutcome("ok", failed: false);
            return file;
        }
        catch (ProblemException exception)
        {
            span.SetOutcome(exception.Problem.Code, exception.Problem.Code != ProblemCodes.MediaGone);
            throw;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<MessageFile> FetchInTimeAsync(Media media, string messageId, int index, long largest, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        HttpResponseMessage? response = null;
        try
        {
            (response, var address) = await GetAsync(media.Url, either.Token);
            Require(response, largest);
            var file = await BeginAsync(response, address, media.Type, messageId, index, either.Token);
            response = null; // the file's now
            return file;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProblemException(Catalogue.MediaTimeout());
        }
        catch (HttpRequestException exception) when (exception is NotPublicException || exception.InnerException is NotPublicException)
        {
            throw new ProblemException(Catalogue.MediaHostNotAllowed("The host of the file leads to a private address.", "the host leads to no public address"));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new ProblemException(Catalogue.MediaUnavailable($"no answer, {(exception as HttpRequestException)?.HttpRequestError}"));
        }
        finally
        {
            response?.Dispose();
        }
    }

    /// <summary>Follows redirects, each of which must lead to an allowed host.</summary>
    private async Task<(HttpResponseMessage Response, Uri Address)> GetAsync(string url, CancellationToken cancellationToken)
    {
        var address = Require(Uri.TryCreate(url, UriKind.Absolute, out var first) ? first : null);
        for (var redirects = 0; ; redirects++)
        {
            using var request = new TracedRequest(HttpMethod.Get, address, UriPartial.Authority); // the rest may be a capability
            request.Headers.Add("User-Agent", "conversation-lookup");
            var response = await _http.SendAsync(request, cancellationToken);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308))
                return (response, address);

            var target = response.Headers.Location;
            response.Dispose();
            if (target is null || redirects == MostRedirects)
                throw new ProblemException(Catalogue.MediaUnavailable("redirects that lead nowhere"));
            address = Require(target.IsAbsoluteUri ? target : new Uri(address, target));
        }
    }

    /// <summary>The address, if it may be fetched.</summary>
    private Uri Require(Uri? address)
    {
        if (address is not { UserInfo: "" } || address.Scheme is not ("https" or "http"))
            throw new ProblemException(Catalogue.MediaHostNotAllowed("The message does not name the file by an https address.", "the address of the file is none of https"));
        if (options.Value.AllowLocalHosts && address.IsLoopback)
            return address;
        if (address is { Scheme: "https", IsDefaultPort: true, HostNameType: UriHostNameType.Dns } && HostPatterns.Cover(_allowed, address.IdnHost))
            return address;
        throw new ProblemException(Catalogue.MediaHostNotAllowed(
            $"The file is at {address.Scheme}://{Catalogue.Plain(address.Authority)}. Files are fetched with https from: {string.Join(", ", _allowed)}. The operator can extend the list in 'Files:AllowedHosts'.",
            "the file is on a host that is not in Files:AllowedHosts"));
    }

    private static void Require(HttpResponseMessage response, long largest)
    {
        var (status, cause) = (response.StatusCode, string.Create(CultureInfo.InvariantCulture, $"the file's host answered {(int)response.StatusCode}"));
        if (status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)status >= 500)
            throw new ProblemException(Catalogue.MediaUnavailable(cause));
        if ((int)status >= 400)
            throw new ProblemException(Catalogue.MediaGone(cause)); // an address that has expired is 403 in most stores
        if (status is not HttpStatusCode.OK)
            throw new ProblemException(Catalogue.MediaUnavailable(cause));
        if (response.Content.Headers.ContentEncoding.Count > 0)
            throw new ProblemException(Catalogue.MediaUnavailable("the file came compressed, which was not asked for"));
        if (response.Content.Headers.ContentLength > largest)
            throw new ProblemException(Catalogue.MediaTooLarge(largest));
    }

    private static async Task<MessageFile> BeginAsync(
        HttpResponseMessage response, Uri address, string declared, string messageId, int index, CancellationToken cancellationToken)
    {
        var rest = await response.Content.ReadAsStreamAsync(cancellationToken);
        var start = new byte[FileType.Sample];
        var length = await rest.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        if (length == 0)
            throw new ProblemException(Catalogue.MediaUnavailable("the file is empty"));
        if (declared.Length == 0)
            declared = response.Content.Headers.ContentType?.MediaType ?? "";
        if (FileType.IsPage(declared, start.AsSpan(0, length)))
            throw new ProblemException(Catalogue.MediaUnavailable("a web page instead of the file"));
        var type = FileType.Of(declared, start.AsSpan(0, length)) ?? throw new ProblemException(Catalogue.MediaTypeMismatch());
        return new MessageFile(response, rest, start.AsMemory(0, length)) { Type = type, Name = FileName.Of(address, messageId, index, type) };
    }
}
