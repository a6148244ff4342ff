using System.Buffers;
using System.Net;

namespace ConversationLookup.Wassist;

/// <summary>What Wassist answered to one try, read to its end. Disposing it gives the body's memory back.</summary>
public sealed class WassistAnswer(HttpStatusCode status, byte[] rented, int length) : IDisposable
{
    private byte[]? _rented = rented;

    public HttpStatusCode Status => status;

    /// <summary>At most <see cref="WassistTransport.LargestBody"/> bytes, until it is disposed.</summary>
    public ReadOnlyMemory<byte> Body => _rented.AsMemory(0, length);

    /// <summary>Whether the body is a JSON object, as every refusal of the API is; a page of a proxy or firewall is not. Not looked at in what a GET is answered with 200.</summary>
    public bool IsApis { get; init; }

    /// <summary>The API key that the API's 401 or 403 does not accept.</summary>
    public string? RefusedKey { get; init; }

    /// <summary>How long a 429 or a 5xx asks to wait; zero for a date in the past, null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Wassist's own id of the call, for its support.</summary>
    public string RequestId { get; init; } = "unknown";

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } given)
            ArrayPool<byte>.Shared.Return(given);
    }
}
