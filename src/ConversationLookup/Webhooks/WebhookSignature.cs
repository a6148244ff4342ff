using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ConversationLookup.Webhooks;

/// <summary>
/// The signature of one webhook, as far as it can be judged without the secret: <c>t=&lt;unix seconds&gt;,v1=&lt;hex HMAC-SHA256&gt;</c>
/// over <c>&lt;t&gt;.&lt;raw body&gt;</c>. Pure.
/// </summary>
/// <remarks>Order and blanks do not matter, unknown parts are skipped, and one of several <c>v1</c> has to match: senders sign with both secrets while they rotate.</remarks>
public sealed class WebhookSignature(string timestamp, IReadOnlyList<byte[]> signatures)
{
    /// <summary>The header's name.</summary>
    public const string Header = "X-Wassist-Signature";

    /// <summary>How far the sender's clock may be from ours, either way.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(300);

    /// <summary>Nobody rotates through more secrets at once.</summary>
    private const int MostSignatures = 10;

    /// <summary>In characters: room for so many signatures and for parts of another kind; it is anybody's, and split before it is believed.</summary>
    private const int LongestHeader = 2048;

    /// <param name="header">The header's value.</param>
    /// <param name="now">Our clock.</param>
    /// <param name="fault"><c>missing</c>, <c>malformed</c>, or <c>stale</c>, which is too old or too new; <c>""</c> when there is none.</param>
    /// <returns>Null when there is a fault: no secret would make it valid.</returns>
    public static WebhookSignature? Parse(string? header, DateTimeOffset now, out string fault)
    {
        if (string.IsNullOrWhiteSpace(header))
        {
            fault = "missing";
            return null;
        }

        fault = "malformed";
        if (header.Length > LongestHeader)
            return null;

        string? signedAt = null;
        var made = new List<byte[]>();
        foreach (var part in header.Split(',', StringSplitOptions.TrimEntries))
        {
            var (name, value) = part.Split('=', 2, StringSplitOptions.TrimEntries) is [var left, var right] ? (left, right) : (part, "");
            if (name == "t" && signedAt is null)
                signedAt = value;
            else if (name == "t")
                return null; // two times: which one was signed?
            else if (name == "v1" && FromHex(value) is { } signature)
                made.Add(signature);
        }

        if (signedAt is null
            || made.Count is 0 or > MostSignatures
            || !long.TryParse(signedAt, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return null;

        var isFresh = Math.Abs(now.ToUnixTimeMilliseconds() / 1000.0 - seconds) <= Tolerance.TotalSeconds;
        fault = isFresh ? "" : "stale";
        return isFresh ? new WebhookSignature(signedAt, made) : null;
    }

    /// <summary>Whether one of the signatures was made with this secret, in constant time.</summary>
    public bool Matches(ReadOnlySpan<byte> body, string secret)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.ASCII.GetBytes(timestamp));
        hmac.AppendData("."u8);
        hmac.AppendData(body);
        var expected = hmac.GetHashAndReset();

        var matches = false;
        foreach (var signature in signatures)
            matches |= CryptographicOperations.FixedTimeEquals(signature, expected);
        return matches;
    }

    private static byte[]? FromHex(string text)
    {
        if (text.Length != 2 * HMACSHA256.HashSizeInBytes || !text.All(char.IsAsciiHexDigit))
            return null;
        return Convert.FromHexString(text);
    }
}
