using System.Text;

namespace ConversationLookup.Files;

/// <summary>What a file is, by what its message says and what its first bytes show. Pure.</summary>
/// <param name="Name">The MIME type.</param>
/// <param name="Ending">For its name, with the dot.</param>
public sealed record FileType(string Name, string Ending)
{
    /// <summary>How many bytes it takes to tell.</summary>
    public const int Sample = 512;

    private const string Unknown = "application/octet-stream";

    /// <summary>A web page, which hosts and proxies answer instead of a file.</summary>
    private static readonly Signature Page = new("text/html", ".html", "text");

    private static readonly FileType Bytes = new(Unknown, ".bin");

    /// <summary>Known by their first bytes: what says that it is one of them and is not lies.</summary>
    private static readonly (byte[] Start, Signature Signature)[] Starts =
    [
        ([0xFF, 0xD8, 0xFF], new("image/jpeg", ".jpg", "image")),
        ([0x89, .. "PNG\r\n\x1A\n"u8], new("image/png", ".png", "image")),
        ([.. "GIF8"u8], new("image/gif", ".gif", "image")),
        ([.. "%PDF-"u8], new("application/pdf", ".pdf", "application")),
        ([.. "OggS"u8], new("audio/ogg", ".ogg", "audio", "video") { IsContainer = true }),
        ([.. "#!AMR"u8], new("audio/amr", ".amr", "audio")),
        ([.. "ID3"u8], new("audio/mpeg", ".mp3", "audio")),
        ([0xFF, 0xFB], new("audio/mpeg", ".mp3", "audio")),
        ([0xFF, 0xF3], new("audio/mpeg", ".mp3", "audio")),
        ([0xFF, 0xF2], new("audio/mpeg", ".mp3", "audio")),
        ([0xFF, 0xF1], new("audio/aac", ".aac", "audio")),
        ([0xFF, 0xF9], new("audio/aac", ".aac", "audio")),
        ([0x1A, 0x45, 0xDF, 0xA3], new("video/webm", ".webm", "audio", "video") { IsContainer = true }),
        ([.. "PK\x03\x04"u8], new("application/zip", ".zip", "application") { IsContainer = true }), // Word, Excel and PowerPoint, too
        ([0xD0, 0xCF, 0x11, 0xE0], new(Unknown, ".bin", "application") { IsContainer = true }), // their older files
        ([.. "MZ"u8], new(Unknown, ".bin", "application")),
        ([0x7F, .. "ELF"u8], new(Unknown, ".bin", "application")),
    ];

    /// <summary>Names of endings for what the first bytes do not tell apart.</summary>
    private static readonly Dictionary<string, string> Endings = new(StringComparer.Ordinal)
    {
        ["application/msword"] = ".doc",
        ["application/vnd.ms-excel"] = ".xls",
        ["application/vnd.ms-powerpoint"] = ".ppt",
        ["application/vnd.openxmlformats-officedocument.wordprocessingml.document"] = ".docx",
        ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"] = ".xlsx",
        ["application/vnd.openxmlformats-officedocument.presentationml.presentation"] = ".pptx",
        ["audio/mp4"] = ".m4a",
        ["audio/webm"] = ".webm",
        ["video/3gpp"] = ".3gp",
        ["text/plain"] = ".txt",
        ["text/csv"] = ".csv",
        ["text/vcard"] = ".vcf",
        ["text/calendar"] = ".ics",
        ["application/json"] = ".json",
    };

    private static readonly string[] Tags = ["<!doctype html", "<html", "<head", "<body", "<script"];

    /// <summary>What runs where it is opened; it goes out as bytes.</summary>
    private static readonly string[] Active = ["text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml", "text/javascript", "application/javascript"];

    /// <param name="declared">What the message says, else what its host says; <c>""</c> or <c>image/*</c> where nobody says more.</param>
    /// <param name="start">The first <see cref="Sample"/> bytes, or all of them.</param>
    /// <returns>Null where what it is cannot be what it is said to be; <see cref="IsPage"/> tells the usual reason.</returns>
    public static FileType? Of(string declared, ReadOnlySpan<byte> start)
    {
        var (type, family) = (Plain(declared), Plain(declared).Split('/')[0]);
        var isKnown = type is not ("" or "*/*" or Unknown or "binary/octet-stream");
        var isExact = isKnown && !type.EndsWith('*');
        if (Recognize(start) is not { } signature)
        {
            // A type that has a signature, without it.
            return !isExact ? (isKnown ? null : Bytes) : Starts.Any(known => known.Signature.Name == type && known.Signature.Name != Unknown) || type == "image/webp" ? null : Named(type);
        }

        if (isKnown && !signature.Families.Contains(family))
            return null;
        return isExact && signature.IsContainer ? Named(type) : Safe(signature.Name, signature.Ending);
    }

    /// <summary>Whether it is a web page, though a file of another type was promised.</summary>
    public static bool IsPage(string declared, ReadOnlySpan<byte> start) => Plain(declared) != Page.Name && Recognize(start) == Page;

    private static FileType Named(string type) => Safe(
        type, Endings.GetValueOrDefault(type) ?? Starts.FirstOrDefault(known => known.Signature.Name == type).Signature?.Ending ?? (type.StartsWith("video/", StringComparison.Ordinal) ? ".mp4" : ".bin"));

    private static FileType Safe(string type, string ending) => Active.Contains(type) ? Bytes : new FileType(type, ending);

    /// <summary>Without parameters, in lower case, and only if it can be one.</summary>
    private static string Plain(string type)
    {
        var plain = type.Split(';')[0].Trim().ToLowerInvariant();
        return plain.Count(c => c == '/') == 1 && plain.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '+' or '-' or '_' or '*') ? plain : "";
    }

    private static Signature? Recognize(ReadOnlySpan<byte> start)
    {
        foreach (var (bytes, signature) in Starts)
        {
            if (start.StartsWith(bytes))
                return signature;
        }

        if (start.Length >= 12 && start.StartsWith("RIFF"u8))
        {
            return start[8..12].SequenceEqual("WEBP"u8) ? new("image/webp", ".webp", "image")
                : start[8..12].SequenceEqual("WAVE"u8) ? new("audio/wav", ".wav", "audio")
                : new("video/x-msvideo", ".avi", "video");
        }

        if (start.Length >= 12 && start[4..8].SequenceEqual("ftyp"u8))
        {
            return Encoding.ASCII.GetString(start[8..12]) switch
            {
                "heic" or "heix" or "mif1" or "avif" => new("image/heic", ".heic", "image") { IsContainer = true },
                ['M', '4', 'A', ..] => new("audio/mp4", ".m4a", "audio", "video") { IsContainer = true },
                ['3', 'g', ..] => new("video/3gpp", ".3gp", "audio", "video") { IsContainer = true },
                _ => new("video/mp4", ".mp4", "audio", "video") { IsContainer = true },
            };
        }

        return IsMarkup(start) ? Page : null;
    }

    private static bool IsMarkup(ReadOnlySpan<byte> start)
    {
        var text = Encoding.UTF8.GetString(start).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        return Tags.Any(tag => text.StartsWith(tag, StringComparison.OrdinalIgnoreCase));
    }

    /// <param name="Name">The type it stands for where nobody says more.</param>
    /// <param name="Ending">Its ending.</param>
    /// <param name="Families">The first half of every type that may begin so.</param>
    private sealed record Signature(string Name, string Ending, params string[] Families)
    {
        /// <summary>Whether several types begin so, so that what was declared says more.</summary>
        public bool IsContainer { get; init; }
    }
}
