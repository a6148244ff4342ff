using System.Text.Json.Nodes;
using ConversationLookup.Http;

namespace ConversationLookup.Actions;

/// <summary>A text with what belongs to it, as a caller wants it sent.</summary>
public sealed record MessageBody(string? Text, string? Footer, string? MediaUrl, IReadOnlyList<MessageButton> Buttons)
{
    /// <summary>Wassist's limits, in characters.</summary>
    private const int LongestText = 1024;

    private const int LongestFooter = 60;

    private const int MostButtons = 3; // WhatsApp's

    /// <summary>Reads <c>{ text?, footer?, mediaUrl?, buttons?[{ text, id | url }] }</c>.</summary>
    public static MessageBody Read(BodyProperties body)
    {
        var message = new MessageBody(
            body.Text("text", LongestText), body.Text("footer", LongestFooter), OutboundMedia.Read(body, "mediaUrl"), body.Objects("buttons", MessageButton.Read));
        if (message is { Text: null, MediaUrl: null } && !body.IsFaulty)
            body.Fault("text", "is missing: a message needs 'text' or 'mediaUrl'");
        if (message is { Text: null, Footer: not null } or { Text: null, Buttons.Count: > 0 } && !body.IsFaulty)
            body.Fault("text", "is missing: a footer or buttons need a text above them");
        if (message.Buttons.Count > MostButtons)
            body.Fault("buttons", $"has {message.Buttons.Count} buttons; WhatsApp shows at most {MostButtons}");
        if (message.Buttons.Any(button => button.Url is null && button.Id is not null) && message.Buttons.Any(button => button.Url is not null))
            body.Fault("buttons", "mixes buttons with an 'id' and buttons with a 'url'; WhatsApp shows one kind at a time");
        if (message.Buttons.Select(button => button.Id).OfType<string>().GroupBy(id => id).Any(same => same.Count() > 1))
            body.Fault("buttons", "has the same 'id' twice");
        return message;
    }

    /// <summary>As Wassist takes it, and gives it back in a conversation's messages.</summary>
    public JsonObject ToUnified()
    {
        var unified = new JsonObject();
        if (Text is not null)
            unified["text"] = Text;
        if (Footer is not null)
            unified["footer"] = Footer;
        if (MediaUrl is not null)
            unified["media"] = new JsonObject { ["url"] = MediaUrl };
        if (Buttons.Count > 0)
            unified["buttons"] = new JsonArray([.. Buttons.Select(button => button.ToWassist())]);
        return unified;
    }
}

/// <summary>A button under a message: one that is tapped as an answer, or one that opens an address.</summary>
public sealed record MessageButton(string? Text, string? Id, string? Url)
{
    private const int LongestText = 20; // WhatsApp's, as the next two

    private const int LongestId = 256;

    private const int LongestUrl = 2000;

    public static MessageButton Read(BodyProperties button)
    {
        var read = new MessageButton(button.Text("text", LongestText, isRequired: true), button.Text("id", LongestId, isNumberToo: true), button.Text("url", LongestUrl));
        if (read.Url is not null && !OutboundMedia.IsWebAddress(read.Url, "https", "http"))
            button.Fault("url", "must be a web address such as https://shop.example/orders");
        if (read is { Id: not null, Url: not null })
            button.Fault("url", "and 'id' exclude one another: a button either answers or opens an address");
        if (read is { Id: null, Url: null } && !button.IsFaulty)
            button.Fault("id", "is missing: give the button an 'id' that you get when it is tapped, or a 'url' that it opens");
        return read;
    }

    public JsonObject ToWassist() => Url is null
        ? new JsonObject { ["type"] = "quick_reply", ["text"] = Text, ["quickReplyId"] = Id }
        : new JsonObject { ["type"] = "url", ["text"] = Text, ["url"] = Url };
}

/// <summary>A template and what is put into its placeholders.</summary>
/// <param name="Name">Null where none is wanted.</param>
/// <param name="Values">By <see cref="TemplateField.Name"/>.</param>
public sealed record TemplateBody(string? Name, IReadOnlyDictionary<string, string> Values)
{
    private const int LongestName = 512; // Meta's

    private const int LongestValue = 1024;

    /// <summary>Reads <c>{ templateName, values{} }</c>.</summary>
    public static TemplateBody Read(BodyProperties body, bool isRequired)
    {
        var template = new TemplateBody(body.Text("templateName", LongestName, isRequired), body.Texts("values", LongestValue));
        if (template is { Name: null, Values.Count: > 0 } && !body.IsFaulty)
            body.Fault("templateName", "is missing: 'values' belong to a template");
        return template;
    }

    /// <summary>What makes it another template.</summary>
    public JsonObject ToContent()
    {
        var values = new JsonObject();
        foreach (var (name, value) in Values)
            values[name] = value;
        return new JsonObject { ["templateName"] = Name, ["values"] = values };
    }
}
