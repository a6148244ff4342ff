using ConversationLookup.Json;
using ConversationLookup.Values;

namespace ConversationLookup.Wassist;

/// <summary>From the bytes Wassist answered to a <see cref="WassistConversation"/>. Pure.</summary>
public static class ConversationParser
{
    /// <param name="body">The answer's bytes, at most <see cref="WassistTransport.LargestBody"/>.</param>
    /// <param name="expected">The conversation that was asked for.</param>
    /// <returns>The conversation, and the fields that could not be read.</returns>
    /// <exception cref="FormatException">The body is not a JSON object, or not this conversation; the message says which and quotes nothing.</exception>
    public static (WassistConversation Conversation, IReadOnlyList<UnknownShape> UnknownShapes) Parse(ReadOnlyMemory<byte> body, Guid expected)
    {
        var (conversation, unknownShapes) = TolerantJson.Read(body, root => Read(root) ?? throw new FormatException("the body has no usable id"));
        return conversation.Id == expected
            ? (conversation, unknownShapes)
            : throw new FormatException("the body is another conversation");
    }

    /// <summary>One conversation, alone or of a list.</summary>
    /// <returns>null for one without a usable id.</returns>
    public static WassistConversation? Read(TolerantObject root)
    {
        if (root.Uuid("id") is not { } id)
            return null;

        var contact = Contact.Read(root);
        var number = root.ObjectOrText("whatsappNumber", ReadBusinessNumber, text => PhoneNumbers.ToE164(text) is { } phone ? new BusinessNumber(phone, null) : null);
        return new WassistConversation(id)
        {
            ContactId = contact?.Id,
            ContactName = contact?.Name,
            ContactPhoneNumber = contact?.PhoneNumber,
            BusinessPhoneNumber = number?.PhoneNumber,
            IsSandbox = number?.IsSandbox,
            Agent = ReadAgent(root, "activeAgent") ?? ReadAgent(root, "agent"), // the published schema's name for it in lists
            Routing = root.OneOf<Routing>("routing"),
            IsActive = root.Flag("active"),
            IsHumanTakeover = root.Flag("isHumanTakeover"),
            ReplyWindowSeconds = root.Seconds("chatWindowRemainingTime"),
            LastMessage = root.ObjectOrText("lastMessage", ReadMessage, text => new(Guid.TryParse(text, out _) ? null : text)),
        };
    }

    private static BusinessNumber ReadBusinessNumber(TolerantObject number) => new(number.PhoneNumber("number"), number.Flag("isSandbox"));

    /// <summary>An agent as an object, an id or a name.</summary>
    public static WassistAgent? ReadAgent(TolerantObject root, string name) => root.ObjectOrText(
        name, ReadAgent, text => Guid.TryParse(text, out var id) ? new(id.ToString("D"), null) : new(null, text));

    /// <summary>An agent, of a conversation or of a list. Everything else that Wassist says of one, such as its tools' secrets, is left where it is.</summary>
    public static WassistAgent? ReadAgent(TolerantObject agent)
    {
        var id = agent.Text("id");
        var read = new WassistAgent(Guid.TryParse(id, out var uuid) ? uuid.ToString("D") : id, agent.Text("name"));
        return read is { Id: null, Name: null } ? null : read;
    }

    private static WassistMessage ReadMessage(TolerantObject message) => new(message.Text("body"))
    {
        Type = message.Text("type"),
        Role = message.Text("role"),
        CreatedAt = message.Time("createdAt"),
    };

    private sealed record BusinessNumber(string? PhoneNumber, bool? IsSandbox);
}

/// <summary>Who writes, in an answer or an event.</summary>
/// <param name="Id">Wassist's id, or WhatsApp's own where there is no number and Wassist gives none.</param>
public sealed record Contact(string? Id, string? Name, string? PhoneNumber)
{
    /// <summary>The field <c>contact</c>: an object, or the phone number or WhatsApp's id alone.</summary>
    public static Contact? Read(TolerantObject root) => root.ObjectOrText(
        "contact",
        contact =>
        {
            var (number, userId) = contact.PhoneNumberOrUserId("phoneNumber");
            return new Contact(contact.Text("id") ?? userId, contact.Text("name"), number);
        },
        text => PhoneNumbers.ToE164(text) is { } phone ? new Contact(null, null, phone)
            : WhatsAppUserIds.Is(text) ? new Contact(text, null, null)
            : null);
}
