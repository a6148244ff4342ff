using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Webhooks;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>
/// Something happens in the sample: a contact writes, a reply window closes. The conversation changes, and a signed event goes out
/// as the real Wassist sends it, once.
/// </summary>
internal sealed class Simulation(IReadOnlyList<SampleConversation> conversations, TimeProvider time) : IDisposable
{
    /// <summary>Signs the sample's events. It opens nothing but this sample.</summary>
    public const string WebhookSecret = "sample-webhook-secret";

    private static readonly TimeSpan ReplyWindow = TimeSpan.FromHours(24);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) }; // as the real one waits
    private readonly ConcurrentDictionary<string, (string Text, DateTimeOffset At)> _written = new();

    /// <summary>Where the events go; null until the app listens.</summary>
    public Uri? WebhookUrl { get; set; }

    /// <summary>The conversation as it is after what was simulated.</summary>
    public JsonNode Now(SampleConversation conversation)
    {
        var now = time.GetUtcNow();
        var body = conversation.At(now);
        if (_written.TryGetValue(conversation.Id, out var written))
        {
            body["lastMessage"] = new JsonObject { ["type"] = "text", ["body"] = written.Text, ["role"] = "user", ["createdAt"] = Iso(written.At) };
            body["chatWindowRemainingTime"] = Math.Max(0, (int)(written.At + ReplyWindow - now).TotalSeconds);
        }

        return body;
    }

    /// <summary>
    /// <c>POST /simulate/message</c> with <c>{ text?, conversationId?, event? }</c>: 200 with the delivery's id and how the app answered.
    /// </summary>
    public async Task<IResult> SimulateAsync(HttpRequest request)
    {
        if (await ReadAsync(request) is not { } wanted)
            return Refuse("""Send a JSON object such as {"text":"Hello"}; 'text', 'conversationId' and 'event' are text, and all may be left out.""");
        if (conversations.FirstOrDefault(conversation => string.Equals(conversation.Id, wanted.ConversationId, StringComparison.OrdinalIgnoreCase)) is not { } found)
            return Refuse($"The sample has no such conversation. It has: {string.Join(", ", conversations.Select(conversation => conversation.Id))}.");
        if (WebhookUrl is not { } url)
            return Refuse("The app does not listen yet, and 'SampleWassist:WebhookUrl' is not set.");

        if (wanted.Event.EndsWith("message.received", StringComparison.Ordinal))
            _written[found.Id] = (wanted.Text, time.GetUtcNow());
        var deliveryId = Guid.NewGuid().ToString();
        var (status, detail) = await SendAsync(url, wanted.Event, deliveryId, EventFor(found, wanted));
        return Results.Json(new JsonObject { ["deliveryId"] = deliveryId, ["webhookStatus"] = status, ["detail"] = detail });
    }

    public void Dispose() => _http.Dispose();

    private async Task<Wanted?> ReadAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var text = await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
        try
        {
            var body = string.IsNullOrWhiteSpace(text) ? [] : JsonNode.Parse(text)!.AsObject();
            return new Wanted(
                (string?)body["text"] ?? "Hello from the sample",
                (string?)body["conversationId"] ?? conversations[0].Id,
                (string?)body["event"] ?? EventTypes.ForFlows[0]);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or NullReferenceException or ArgumentException)
        {
            return null;
        }
    }

    private JsonObject EventFor(SampleConversation conversation, Wanted wanted)
    {
        var now = Now(conversation);
        var phone = "+" + ((string?)now["contact"]!["phoneNumber"])!.TrimStart('+');
        var body = new JsonObject
        {
            ["event"] = wanted.Event,
            ["timestamp"] = Iso(time.GetUtcNow()),
            ["phoneNumber"] = "+" + ((string?)now["whatsappNumber"]?["number"] ?? "447700900111"),
            ["from"] = phone,
            ["contact"] = new JsonObject { ["name"] = (string?)now["contact"]!["name"], ["phoneNumber"] = phone },
            ["message"] = null,
            ["conversationId"] = conversation.Id,
        };
        if (wanted.Event == EventTypes.Ping)
            body["message"] = "Test event from the sample";
        else if (wanted.Event.EndsWith("message.received", StringComparison.Ordinal))
            body["message"] = new JsonObject { ["id"] = Guid.NewGuid().ToString(), ["waId"] = "wamid.SAMPLE", ["body"] = wanted.Text, ["media"] = new JsonArray(), ["buttons"] = new JsonArray() };
        if (wanted.Event.StartsWith("subscription.", StringComparison.Ordinal))
            (body["routing"], body["webhookId"]) = ("webhook", "d2c1b0a9-8f7e-4d6c-b5a4-938271605f4e");
        return body;
    }

    private async Task<(int Status, string Detail)> SendAsync(Uri url, string name, string deliveryId, JsonObject content)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(content);
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(WebhookSecret), (byte[])[.. Encoding.ASCII.GetBytes(timestamp), (byte)'.', .. body]);
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Headers =
            {
                { "X-Wassist-Event", name.Where(char.IsAscii).All(c => c is > ' ' and <= '~') ? name : "unknown" },
                { "X-Wassist-Delivery", deliveryId },
                { "X-Wassist-Timestamp", timestamp },
                { WebhookSignature.Header, $"t={timestamp},v1={Convert.ToHexStringLower(signature)}" },
            },
            Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } },
        };
        try
        {
            using var response = await _http.SendAsync(request);
            var answer = await response.Content.ReadAsStringAsync();
            return ((int)response.StatusCode, response.IsSuccessStatusCode ? "" : (string?)JsonNode.Parse(answer)?["detail"] ?? "");
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or JsonException)
        {
            return (0, $"The app at {url} did not answer.");
        }
    }

    private static IResult Refuse(string detail) => Results.Json(new JsonObject { ["detail"] = detail }, statusCode: 400);

    private static string Iso(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private sealed record Wanted(string Text, string ConversationId, string Event);
}
