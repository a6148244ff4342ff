using System.Security.Cryptography;
using System.Text;
using ConversationLookup.Json;
using ConversationLookup.Wassist;

namespace ConversationLookup.Webhooks;

/// <summary>From the bytes of a webhook to a <see cref="WassistEvent"/>. Pure.</summary>
public static class EventParser
{
    /// <param name="body">The body, its signature already verified.</param>
    /// <param name="deliveryHeader">The <c>X-Wassist-Delivery</c> header; it is not signed.</param>
    /// <param name="receivedAt">When the request arrived.</param>
    /// <param name="receiptId">New for every request.</param>
    /// <returns>The event, of any type, and the fields that could not be read.</returns>
    /// <exception cref="FormatException">The body is not a JSON object that names its event; the message quotes nothing.</exception>
    public static (WassistEvent Event, IReadOnlyList<UnknownShape> UnknownShapes) Parse(
        ReadOnlyMemory<byte> body, string? deliveryHeader, DateTimeOffset receivedAt, Guid receiptId) => TolerantJson.Read(body, root =>
    {
        var contact = Contact.Read(root);
        var (fromNumber, fromUserId) = root.PhoneNumberOrUserId("from");
        var type = root.Text("event") ?? throw new FormatException("the body does not name its event");
        var conversationId = root.Uuid("conversationId");
        var message = root.ObjectOrText("message", ReadMessage, text => new(text));
        return new WassistEvent
        {
            Type = type,
            DeliveryId = DeliveryId(deliveryHeader, body.Span),
            Key = KeyOf(type, conversationId, message?.Id, body.Span),
            ReceiptId = receiptId,
            ReceivedAt = receivedAt,
            OccurredAt = root.Time("timestamp"),
            ConversationId = conversationId,
            ContactId = contact?.Id ?? fromUserId,
            ContactName = contact?.Name,
            ContactPhoneNumber = fromNumber ?? contact?.PhoneNumber,
            BusinessPhoneNumber = root.PhoneNumber("phoneNumber"),
            Routing = root.OneOf<Routing>("routing"),
            Message = message,
        };
    });

    private static EventMessage ReadMessage(TolerantObject message)
    {
        var media = message.Objects("media");
        var (buttonText, buttonId) = message.Objects("buttons")
            .Select(button => (Text: button.Text("text") ?? button.Text("buttonText"), Id: button.Text("quickReplyId") ?? button.Text("buttonId")))
            .FirstOrDefault(button => button is not (null, null));
        return new EventMessage(message.Text("body"))
        {
            Id = message.Text("id"),
            WaId = message.Text("waId"),
            ButtonText = buttonText,
            ButtonId = buttonId,
            ReplyTo = message.Reference("replyTo"),
            HasMedia = media.Count > 0,
            Media = [.. media.Select(Media.Read).OfType<Media>()],
        };
    }

    /// <summary>
    /// The UUID that Wassist sends. Should it ever send something else, or nothing, that text or the body stands in for it, so that
    /// a retry still has the same id.
    /// </summary>
    private static string DeliveryId(string? header, ReadOnlySpan<byte> body)
    {
        if (Guid.TryParse(header, out var id))
            return id.ToString("D");
        var hash = string.IsNullOrWhiteSpace(header) ? SHA256.HashData(body) : SHA256.HashData(Encoding.UTF8.GetBytes(header));
        return new Guid(hash.AsSpan(0, 16), bigEndian: true).ToString("D");
    }

    private static string KeyOf(string type, Guid? conversationId, string? messageId, ReadOnlySpan<byte> body) =>
        Convert.ToHexStringLower(SHA256.HashData(EventTypes.Default.Contains(type) && conversationId is { } conversation && messageId is not null
            ? Encoding.UTF8.GetBytes($"{conversation:N} {messageId}")
            : body).AsSpan(0, 16));
}
