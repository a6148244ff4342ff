using ConversationLookup.Json;

namespace ConversationLookup.Wassist;

/// <summary>Reads a message of a conversation: Wassist fills one part of it, depending on its type. Pure.</summary>
/// <remarks>A published schema calls every part a string; the live API answers objects. Both are read.</remarks>
public static class MessageParser
{
    /// <summary>What a message says about itself; everything else in it may be a part.</summary>
    private static readonly HashSet<string> Attributes =
        ["id", "waId", "role", "type", "status", "source", "createdAt", "updatedAt", "replyTo", "toolExecutions", "error", "errors", "metadata"];

    /// <summary>Where a part that nobody has seen before may hold what a person reads.</summary>
    private static readonly HashSet<string> Readable = new(StringComparer.OrdinalIgnoreCase)
    {
        "text", "body", "caption", "title", "name", "description", "address", "emoji", "fileName", "filename", "transcript", "transcription",
    };

    public static WassistMessage Read(TolerantObject message)
    {
        var (text, media) = ReadParts(message);
        return new WassistMessage(text)
        {
            Id = message.Text("id"),
            WaId = message.Text("waId"),
            Role = message.Text("role"),
            Type = message.Text("type"),
            Status = message.Text("status"),
            CreatedAt = message.Time("createdAt"),
            ReplyTo = message.Reference("replyTo"),
            Media = media,
        };
    }

    private static (string? Text, IReadOnlyList<Media> Media) ReadParts(TolerantObject message)
    {
        var image = Part(message, "image");
        var unified = Part(message, "unified");
        var texts = new[]
        {
            Part(message, "text").Text,
            image.Text,
            Part(message, "cta").Text,
            Part(message, "ctaButton").Text,
            Part(message, "listSelection").Text,
            ReadTemplate(message),
            unified.Text,
            Part(message, "quickReply").Text,
        };
        List<Media> media = [.. unified.Media, .. image.Media.Select(picture => picture.Type.Length > 0 ? picture : picture with { Type = "image/*" })];
        return texts.Any(text => text is not null) || media.Count > 0 ? (Join("\n", texts), media) : ReadUnknownParts(message);
    }

    /// <summary>What a person reads of a part, its buttons in brackets, and its media.</summary>
    private static (string? Text, IReadOnlyList<Media> Media) Part(TolerantObject message, string name)
    {
        var part = message.ObjectOrText(name, fields => new ReadPart(TextOf(fields), MediaOf(fields)), text => new ReadPart(text, []));
        return (part?.Text, part?.Media ?? []);
    }

    private static string? TextOf(TolerantObject part)
    {
        var buttonText = part.Text("buttonText");
        var buttons = part.Objects("buttons").Select(button => Button(button.Text("text"), button.Text("url")))
            .Append(Button(buttonText, buttonText is null ? null : part.Text("url")));
        return Join("\n", [part.Text("caption"), part.Text("body"), part.Text("text"), part.Text("footer"), Join(" ", buttons)]);
    }

    private static string? Button(string? text, string? url) => text is null ? null : url is null ? $"[{text}]" : $"[{text}: {url}]";

    private static IReadOnlyList<Media> MediaOf(TolerantObject part) =>
        [.. part.Objects("media").Append(part.Object("image") ?? part).Select(Media.Read).OfType<Media>()];

    /// <summary>The template's name and the values put into it: its own text is not in the answer.</summary>
    private static string? ReadTemplate(TolerantObject message) => message.ObjectOrText(
        "template",
        template =>
        {
            var values = string.Join(", ", template.Everything("variables").Select(value => value.Text));
            var name = template.Text("templateName") ?? template.Text("name");
            return values.Length == 0 ? name : $"{name} ({values})".TrimStart();
        },
        name => name);

    private static (string? Text, IReadOnlyList<Media> Media) ReadUnknownParts(TolerantObject message)
    {
        var values = message.Names.Where(name => !Attributes.Contains(name)).SelectMany(message.Everything).ToList();
        var url = values.FirstOrDefault(value => value.Name == "url").Text;
        return (
            Join("\n", values.Where(value => Readable.Contains(value.Name)).Select(value => value.Text)),
            url is null ? [] : [new Media(url, values.FirstOrDefault(value => value.Name == "mimeType").Text ?? "")]);
    }

    private static string? Join(string separator, IEnumerable<string?> texts)
    {
        var joined = string.Join(separator, texts.Where(text => text is not null).Select(text => text!.Trim()));
        return joined.Length == 0 ? null : joined;
    }

    private sealed record ReadPart(string? Text, IReadOnlyList<Media> Media);
}
