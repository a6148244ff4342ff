using ConversationLookup.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ConversationLookup.Files;

/// <summary>
/// A file that is passed on while it arrives. When it breaks off the connection is broken, too: nobody is to take half of a file for all
/// of it.
/// </summary>
public sealed class FileResult(MessageFile file, long largest, TimeProvider time) : IResult
{
    /// <summary>The header with the file's name as plain text, which a maker can pick.</summary>
    public const string NameHeader = "X-File-Name";

    /// <summary>How long all of it takes at most: flows wait for two minutes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using (file)
        {
            var response = httpContext.Response;
            response.StatusCode = StatusCodes.Status200OK;
            response.ContentType = file.Type.Name;
            response.ContentLength = file.Length;
            var disposition = new ContentDispositionHeaderValue("attachment");
            disposition.SetHttpFileName(file.Name);
            response.Headers.ContentDisposition = disposition.ToString();
            response.Headers[NameHeader] = new string([.. file.Name.Select(c => char.IsAscii(c) ? c : '_')]);
            response.KeepPrivate();
            using var late = new CancellationTokenSource(Patience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, late.Token);
            try
            {
                await file.CopyToAsync(response.Body, largest, either.Token);
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException)
            {
                httpContext.Abort();
            }
        }
    }
}
