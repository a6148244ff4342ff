using System.Net;
using ConversationLookup.Values;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Subscriptions;

/// <summary>Which URLs a flow may ask to be told at. Pure; where a name leads is checked again when it is connected to.</summary>
public sealed class CallbackPolicy(IOptions<SubscriptionOptions> options)
{
    /// <summary>In characters. A Power Automate callback has about 300 to 600.</summary>
    public const int LongestUrl = 2048;

    /// <summary>Where flows listen. Any other port of an allowed host would have this app knock at doors that are no flow's.</summary>
    private const int Port = 443;

    private readonly IReadOnlyList<string> _allowed = HostPatterns.Parse(options.Value.AllowedCallbackHosts);

    /// <summary>Reads a callback URL.</summary>
    /// <param name="text">As the caller sent it; percent-encoded as a whole, it is decoded.</param>
    /// <param name="refusal">Why it is refused; never a part of the URL but its host.</param>
    /// <returns>The URL whose path and query are sent byte for byte; null when it is not allowed.</returns>
    public Uri? Read(string? text, out string refusal)
    {
        text = (text ?? "").Trim();
        if (text.StartsWith("https%3A", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http%3A", StringComparison.OrdinalIgnoreCase))
            text = Uri.UnescapeDataString(text);
        refusal = Refusal(text, out var url);
        return refusal.Length == 0 ? url : null;
    }

    private string Refusal(string text, out Uri? url)
    {
        url = null;
        if (text.Length == 0)
            return "Send 'callbackUrl', the URL that starts the flow. In Power Automate and Logic Apps, the trigger supplies it.";
        if (text.Length > LongestUrl)
            return $"The callback URL is longer than {LongestUrl} characters.";
        // The query is a signature: .NET must not write it anew, so nothing may be in it that would have to be.
        if (!text.All(c => c is > ' ' and <= '~' and not '#' and not '\\')
            || !Uri.TryCreate(text, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var read)
            || read.Scheme is not ("https" or "http"))
            return "The callback URL is not an https address.";
        if (read.UserInfo.Length > 0)
            return "The callback URL must not contain a user name or password.";

        var isLocal = IsThisMachine(read);
        if (options.Value.AllowLocalCallbacks && isLocal)
        {
            url = read;
            return "";
        }

        if (read.Scheme != "https")
            return "The callback URL must begin with https.";
        if (isLocal || read.HostNameType is not UriHostNameType.Dns || HostNames.IsPrivate(read.IdnHost))
            return "The callback URL must name a public host, not an IP address or a private name.";
        if (!HostPatterns.Cover(_allowed, read.IdnHost))
            return $"Callbacks to '{read.IdnHost}' are not allowed. Allowed hosts: {string.Join(", ", _allowed)}. The operator can extend the list in 'Subscriptions:AllowedCallbackHosts'.";
        if (read.Port != Port)
            return $"The callback URL must use port {Port}, as flows do. Leave the port out.";

        url = read;
        return "";
    }

    private static bool IsThisMachine(Uri url) =>
        url.IsLoopback || (IPAddress.TryParse(url.IdnHost, out var address) && IPAddress.IsLoopback(address));
}
