using ConversationLookup.Problems;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Http;

/// <summary>Reads a request's body once, as bytes, and no more of it than is allowed.</summary>
public static class RequestBody
{
    /// <param name="largest">In bytes.</param>
    /// <exception cref="ProblemException"><c>payload_too_large</c>, or <c>invalid_body</c> for one that breaks off.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, int largest, CancellationToken cancellationToken)
    {
        if (request.ContentLength > largest)
            throw new ProblemException(Catalogue.PayloadTooLarge(largest));

        var body = new byte[request.ContentLength ?? largest];
        try
        {
            var read = await request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellationToken);
            if (read == largest && await request.Body.ReadAsync(new byte[1], cancellationToken) > 0)
                throw new ProblemException(Catalogue.PayloadTooLarge(largest));
            return body.AsMemory(0, read);
        }
        catch (IOException exception) // BadHttpRequestException is one
        {
            throw new ProblemException(Catalogue.InvalidRequest([Catalogue.InvalidBody("The body could not be read to its end. Send it again.")]), exception);
        }
    }
}
