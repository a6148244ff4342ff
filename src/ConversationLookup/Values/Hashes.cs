using System.Security.Cryptography;
using System.Text;

namespace ConversationLookup.Values;

/// <summary>Short names for what must not be a name itself: an address that is a secret, a number, a caller's own words. Pure.</summary>
public static class Hashes
{
    /// <summary>32 hexadecimal digits in lower case: half of SHA-256, more than tells any two of these apart.</summary>
    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
