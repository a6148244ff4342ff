using System.Text.Json;

namespace ConversationLookup.Wassist;

/// <summary>How long Wassist asks us to wait. Pure.</summary>
internal static class RetryAfter
{
    /// <summary>Nobody plans further ahead than this; a longer wait is a mistake of the sender.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>
    /// The <c>Retry-After</c> header (seconds or an HTTP date), else <c>retry_after</c> of the body (a number or a string of seconds).
    /// </summary>
    /// <returns>Between zero and one hour; null when neither says.</returns>
    public static TimeSpan? Read(HttpResponseMessage response, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - now,
            _ => FromBody(body),
        };
        return wait switch
        {
            null => null,
            { } known when known < TimeSpan.Zero => TimeSpan.Zero,
            { } known when known > Longest => Longest,
            { } known => known,
        };
    }

    private static TimeSpan? FromBody(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind is not JsonValueKind.Object)
                return null;
            return new TolerantObject(document.RootElement, "", []).Duration("retry_after") is { } seconds
                ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, Longest.TotalSeconds))
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
