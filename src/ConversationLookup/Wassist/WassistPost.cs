using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace ConversationLookup.Wassist;

/// <summary>Something that Wassist is asked to do, once.</summary>
/// <param name="operation">Its name in the numbers and in traces.</param>
/// <param name="path">Relative to the API's root.</param>
/// <param name="body">What is sent.</param>
/// <param name="idempotencyKey">Sent along, should Wassist heed it.</param>
public sealed class WassistPost(string operation, string path, JsonObject body, string idempotencyKey)
{
    private readonly byte[] _body = Encoding.UTF8.GetBytes(body.ToJsonString());

    public string Operation => operation;

    public string Path => path;

    public string IdempotencyKey => idempotencyKey;

    /// <summary>See <see cref="WassistCall"/>.</summary>
    public DateTimeOffset? WaitsUntil { get; init; }

    /// <summary>
    /// Whether any of the body was handed to a connection, and not refused since: before that, Wassist cannot have done it.
    /// </summary>
    public bool MayHaveArrived { get; private set; }

    /// <summary>The body for a try.</summary>
    public HttpContent CreateContent() => new Content(this);

    /// <summary>Wassist did not accept the key, so it did nothing.</summary>
    public void WasRefused() => MayHaveArrived = false;

    private sealed class Content : HttpContent
    {
        private readonly WassistPost _post;

        public Content(WassistPost post)
        {
            _post = post;
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            _post.MayHaveArrived = true;
            await stream.WriteAsync(_post._body, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _post._body.Length;
            return true;
        }
    }
}
