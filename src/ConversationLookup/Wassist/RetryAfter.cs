using System.Net.Http.Headers;
using ConversationLookup.Json;

namespace ConversationLookup.Wassist;

/// <summary>How long an answer asks to wait: between zero and one hour, or null when it does not say. Pure.</summary>
public static class RetryAfter
{
    /// <summary>Nobody plans further ahead than this; a longer wait is a mistake of the sender.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>The <c>Retry-After</c> header: seconds, or an HTTP date.</summary>
    public static TimeSpan? FromHeader(HttpResponseHeaders headers, DateTimeOffset now) => headers.RetryAfter switch
    {
        { Delta: { } delta } => Bound(delta.TotalSeconds),
        { Date: { } date } => Bound((date - now).TotalSeconds),
        _ => null,
    };

    /// <summary>The property <c>retry_after</c>: seconds, as a number or as text.</summary>
    public static TimeSpan? FromBody(ReadOnlyMemory<byte> body)
    {
        try
        {
            return TolerantJson.Read(body, root => root.Duration("retry_after")).Read is { } seconds ? Bound(seconds) : null;
        }
        catch (FormatException)
        {
            return null; // not JSON
        }
    }

    private static TimeSpan Bound(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, Longest.TotalSeconds));
}
