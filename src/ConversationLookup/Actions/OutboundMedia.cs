using ConversationLookup.Http;
using ConversationLookup.Values;

namespace ConversationLookup.Actions;

/// <summary>Where a picture or file is that WhatsApp is to fetch. Pure.</summary>
public static class OutboundMedia
{
    private const int LongestUrl = 2048;

    /// <summary>What WhatsApp takes, by the end of the address.</summary>
    private static readonly string[] Endings =
        [".jpg", ".jpeg", ".png", ".mp4", ".3gp", ".3gpp", ".aac", ".m4a", ".mp3", ".mpeg", ".mpga", ".amr", ".ogg", ".oga", ".opus", ".pdf", ".docx", ".xlsx", ".pptx"];

    /// <summary>Reads a public https address of a type that WhatsApp takes; where the address does not say the type, Wassist decides.</summary>
    public static string? Read(BodyProperties body, string name)
    {
        if (body.Text(name, LongestUrl) is not { } text)
            return null;
        if (!IsWebAddress(text, "https") || new Uri(text) is not { } url)
            return body.Fault(name, "must be an https address that WhatsApp can open, such as https://shop.example/receipt.pdf");
        if (url.HostNameType is not UriHostNameType.Dns || HostNames.IsPrivate(url.IdnHost))
            return body.Fault(name, "must name a public host, not an IP address or a private name: WhatsApp fetches the file from there");
        var ending = Path.GetExtension(url.AbsolutePath);
        return ending.Length is > 1 and <= 6 && !Endings.Contains(ending, StringComparer.OrdinalIgnoreCase) && ending.Skip(1).Any(char.IsAsciiLetter)
            ? body.Fault(name, $"leads to a type that WhatsApp does not take. It takes JPEG, PNG, MP4, 3GPP, AAC, MP3, AMR, OGG, PDF, DOCX, XLSX and PPTX")
            : url.AbsoluteUri;
    }

    public static bool IsWebAddress(string text, params IReadOnlyList<string> schemes) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && schemes.Contains(url.Scheme) && url is { UserInfo.Length: 0, Host.Length: > 0 } && !text.Any(char.IsWhiteSpace);
}
