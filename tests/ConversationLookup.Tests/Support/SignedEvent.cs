using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ConversationLookup.Tests.Support;

/// <summary>A webhook as Wassist sends it.</summary>
internal sealed record SignedEvent
{
    public const string Secret = "test-webhook-secret-do-not-leak";

    public string DeliveryId { get; init; } = Guid.NewGuid().ToString();

    public JsonObject Body { get; init; } = MessageReceived();

    public string SigningSecret { get; init; } = Secret;

    public DateTimeOffset At { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>A message of the contact, a new one each time; the shape is written from the facts about Wassist's webhooks.</summary>
    public static JsonObject MessageReceived(
        string conversationId = Bodies.Id, string text = "Can I change the delivery address?", string? messageId = null, string type = "message.received") => JsonNode.Parse(
        $$"""
        {
          "event": "{{type}}",
          "timestamp": "2026-11-21T18:04:09.730Z",
          "phoneNumber": "+447700900111",
          "from": "+447700900222",
          "contact": { "name": "Amara Osei", "phoneNumber": "+447700900222" },
          "message": { "id": "{{messageId ?? Guid.NewGuid().ToString()}}", "waId": "wamid.EXAMPLE1", "body": {{JsonValue.Create(text).ToJsonString()}}, "media": [], "buttons": [] },
          "conversationId": "{{conversationId}}"
        }
        """)!.AsObject();

    /// <summary>An event without a message.</summary>
    public static JsonObject WindowExpiring(string type = "subscription.service_window.expiring") => JsonNode.Parse(
        $$"""
        {
          "event": "{{type}}",
          "timestamp": "2026-11-22T17:04:00.000Z",
          "phoneNumber": "+447700900111",
          "from": "+447700900222",
          "contact": { "name": "Amara Osei", "phoneNumber": "+447700900222" },
          "message": null,
          "conversationId": "{{Bodies.Id}}",
          "routing": "webhook",
          "webhookId": "d2c1b0a9-8f7e-4d6c-b5a4-938271605f4e"
        }
        """)!.AsObject();

    public HttpRequestMessage ToRequest()
    {
        var body = Encoding.UTF8.GetBytes(Body.ToJsonString());
        var timestamp = At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return new HttpRequestMessage(HttpMethod.Post, "webhooks/wassist")
        {
            Headers =
            {
                { "X-Wassist-Event", Body["event"]!.GetValue<string>() },
                { "X-Wassist-Delivery", DeliveryId },
                { "X-Wassist-Timestamp", timestamp },
                { "X-Wassist-Signature", Sign(timestamp, body, SigningSecret) },
            },
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
    }

    public static string Sign(string timestamp, byte[] body, string secret) =>
        $"t={timestamp},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.ASCII.GetBytes(timestamp), (byte)'.', .. body]))}";
}
