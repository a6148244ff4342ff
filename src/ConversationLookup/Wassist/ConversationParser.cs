using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ConversationLookup.Wassist;

/// <summary>From the bytes Wassist answered to a <see cref="WassistConversation"/>. Pure.</summary>
internal static partial class ConversationParser
{
    /// <summary>No field that is read nests deeper.</summary>
    private const int DeepestField = 16;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <param name="body">The answer's bytes, at most <see cref="WassistClient.LargestBody"/>.</param>
    /// <param name="expected">The conversation that was asked for.</param>
    /// <returns>The conversation, and the fields that could not be read.</returns>
    /// <exception cref="FormatException">The body is not a JSON object, or not this conversation; the message says which and quotes nothing.</exception>
    public static ParsedConversation Parse(ReadOnlyMemory<byte> body, Guid expected)
    {
        if (body.Span.StartsWith(ByteOrderMark))
            body = body[ByteOrderMark.Length..];

        try
        {
            return Read(body, expected);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            try
            {
                return Read(Repair(body.Span), expected);
            }
            catch (JsonException)
            {
                throw new FormatException("the body is not JSON");
            }
        }
    }

    private static ParsedConversation Read(ReadOnlyMemory<byte> body, Guid expected)
    {
        using var document = JsonDocument.Parse(body);
        if (document.RootElement.ValueKind is not JsonValueKind.Object)
            throw new FormatException("the body is not a JSON object");

        var unknownShapes = new List<UnknownShape>();
        var root = new TolerantObject(document.RootElement, "", unknownShapes);
        var id = root.Uuid("id") ?? throw new FormatException("the body has no usable id");
        if (id != expected)
            throw new FormatException("the body is another conversation");

        var contact = root.ObjectOrText("contact", ReadContact, text => TolerantObject.ToE164(text) is { } phone ? new Contact(null, phone) : null);
        var number = root.ObjectOrText("whatsappNumber", ReadBusinessNumber, text => TolerantObject.ToE164(text) is { } phone ? new BusinessNumber(phone, null) : null);
        var conversation = new WassistConversation(id)
        {
            ContactName = contact?.Name,
            ContactPhoneNumber = contact?.PhoneNumber,
            BusinessPhoneNumber = number?.PhoneNumber,
            IsSandbox = number?.IsSandbox,
            Agent = root.ObjectOrText("activeAgent", ReadAgent, text => Guid.TryParse(text, out _) ? new(text, null) : new(null, text)),
            Routing = root.OneOf<Routing>("routing"),
            IsActive = root.Flag("active"),
            IsHumanTakeover = root.Flag("isHumanTakeover"),
            ReplyWindowSeconds = root.Seconds("chatWindowRemainingTime"),
            LastMessage = root.ObjectOrText("lastMessage", ReadMessage, text => new(Guid.TryParse(text, out _) ? null : text)),
        };
        return new ParsedConversation(conversation, unknownShapes);
    }

    private static Contact ReadContact(TolerantObject contact) => new(contact.Text("name"), contact.PhoneNumber("phoneNumber"));

    private static BusinessNumber ReadBusinessNumber(TolerantObject number) => new(number.PhoneNumber("number"), number.Flag("isSandbox"));

    private static WassistAgent? ReadAgent(TolerantObject agent)
    {
        var read = new WassistAgent(agent.Text("id"), agent.Text("name"));
        return read is { Id: null, Name: null } ? null : read;
    }

    private static WassistMessage ReadMessage(TolerantObject message) => new(message.Text("body"))
    {
        Type = message.Text("type"),
        Role = message.Text("role"),
        CreatedAt = message.Time("createdAt"),
    };

    /// <summary>
    /// Takes out of a body what a JSON document refuses and no field needs: text that is not Unicode (bad UTF-8, or half a surrogate
    /// pair where an emoji was cut), and nesting deeper than 64.
    /// </summary>
    /// <exception cref="JsonException">It is not JSON for another reason.</exception>
    private static byte[] Repair(ReadOnlySpan<byte> body) => CutDeepValues(ReplaceInvalidText(body));

    private static byte[] ReplaceInvalidText(ReadOnlySpan<byte> body) =>
        Encoding.UTF8.GetBytes(Escape().Replace(Encoding.UTF8.GetString(body), match => match.Groups["lone"].Success ? @"\ufffd" : match.Value));

    /// <summary>The reader takes any depth in linear time; <see cref="JsonDocument"/> needs 13 s for a depth of 100,000.</summary>
    private static byte[] CutDeepValues(ReadOnlySpan<byte> body)
    {
        var kept = new ArrayBufferWriter<byte>();
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = WassistClient.LargestBody });
        var copied = 0;
        while (reader.Read())
        {
            if (reader.CurrentDepth < DeepestField || reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
                continue;
            kept.Write(body[copied..(int)reader.TokenStartIndex]);
            kept.Write("null"u8);
            reader.Skip();
            copied = (int)reader.BytesConsumed;
        }

        kept.Write(body[copied..]);
        return kept.WrittenSpan.ToArray();
    }

    [GeneratedRegex(@"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", RegexOptions.Singleline)]
    private static partial Regex Escape();

    private sealed record Contact(string? Name, string? PhoneNumber);

    private sealed record BusinessNumber(string? PhoneNumber, bool? IsSandbox);
}

/// <summary>A conversation, and the fields of the body that could not be read.</summary>
internal sealed record ParsedConversation(WassistConversation Conversation, IReadOnlyList<UnknownShape> UnknownShapes);
