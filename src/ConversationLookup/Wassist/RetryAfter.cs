using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using ConversationLookup.Json;

namespace ConversationLookup.Wassist;

/// <summary>How long an answer asks to wait: between zero and one hour, or null when it does not say. Pure.</summary>
public static partial class RetryAfter
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

    /// <summary>The property <c>retry_after</c>, seconds as a number or as text; or what the text says, such as <c>available in 37 seconds</c>.</summary>
    public static TimeSpan? FromBody(ReadOnlyMemory<byte> body) => (FromProperty(body) ?? FromText(body)) is { } seconds ? Bound(seconds) : null;

    private static double? FromProperty(ReadOnlyMemory<byte> body)
    {
        try
        {
            return TolerantJson.Read(body, root => root.Duration("retry_after")).Read;
        }
        catch (FormatException)
        {
            return null; // not JSON
        }
    }

    private static double? FromText(ReadOnlyMemory<byte> body)
    {
        var text = Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, 4096)]);
        return InSeconds().Match(text) is { Success: true } match ? double.Parse(match.Groups["seconds"].ValueSpan, CultureInfo.InvariantCulture) : null;
    }

    [GeneratedRegex(@"\bin (?<seconds>\d{1,9}(\.\d{1,9})?) ?s(ec(ond)?s?)?\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex InSeconds();

    private static TimeSpan Bound(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, Longest.TotalSeconds));
}
