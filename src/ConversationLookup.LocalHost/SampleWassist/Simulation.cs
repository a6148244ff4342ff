using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
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
public sealed class Simulation(IReadOnlyList<SampleConversation> conversations, TimeProvider time) : IDisposable
{
    /// <summary>Signs the sample's events. It opens nothing but this sample.</summary>
    public const string WebhookSecret = "sample-webhook-secret";

    private static readonly TimeSpan ReplyWindow = TimeSpan.FromHours(24);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) }; // as the real one waits
    private readonly ConcurrentDictionary<string, ImmutableList<JsonObject>> _written = new();
    private readonly FrozenDictionary<string, IReadOnlyList<JsonObject>> _before = conversations.ToFrozenDictionary(
        conversation => conversation.Id,
        conversation => SampleMessages.Before(conversation.At(time.GetUtcNow()), everyType: conversation == conversations[0]));

    /// <summary>Where the events go; null until the app listens.</summary>
    public Uri? WebhookUrl { get; set; }

    /// <summary>The conversation as it is after what was simulated.</summary>
    public JsonNode Now(SampleConversation conversation)
    {
        var now = time.GetUtcNow();
        var body = conversation.At(now);
        if (_written.TryGetValue(conversation.Id, out var written))
        {
            var (text, at) = (written[^1]["text"]!["body"]!.DeepClone(), (string)written[^1]["createdAt"]!);
            body["lastMessage"] = new JsonObject { ["type"] = "text", ["body"] = text, ["role"] = "user", ["createdAt"] = at };
            body["chatWindowRemainingTime"] = Math.Max(0, (int)(DateTimeOffset.Parse(at, CultureInfo.InvariantCulture) + ReplyWindow - now).TotalSeconds);
        }

        return body;
    }

    /// <summary>Everything that was written in a conversation, the newest first, as the live API gives it.</summary>
    public IEnumerable<JsonNode> Messages(SampleConversation conversation) =>
        _before[conversation.Id].Concat(_written.GetValueOrDefault(conversation.Id, [])).Reverse().Select(message => message.DeepClone());

    /// <summary>
    /// <c>POST /simulate/message</c> with <c>{ text?, conversationId?, event? }</c>: 200 with the delivery's id and how the app answered.
    /// Unless an event is named, a message of a conversation that is routed to a webhook is sent twice, as two events.
    /// </summary>
    public async Task<IResult> SimulateAsync(HttpRequest request)
    {
        if (await ReadAsync(request) is not { } wanted)
            return Refuse("""Send a JSON object such as {"text":"Hello"}; 'text', 'conversationId' and 'event' are text, and all may be left out.""");
        if (conversations.FirstOrDefault(conversation => string.Equals(conversation.Id, wanted.ConversationId, StringComparison.OrdinalIgnoreCase)) is not { } found)
            return Refuse($"The sample has no such conversation. It has: {string.Join(", ", conversations.Select(conversation => conversation.Id))}.");
        if (WebhookUrl is not { } url)
            return Refuse("The app does not listen yet, and 'SampleWassist:WebhookUrl' is not set.");

        var isRouted = (string?)found.At(time.GetUtcNow())["routing"] == "webhook";
        string[] events = wanted.Event is { } named ? [named] : [.. EventTypes.Default.Take(isRouted ? 2 : 1)];
        var messageId = Guid.NewGuid().ToString();
        if (events.Any(IsMessage))
        {
            var message = SampleMessages.Written(found.Id, messageId, wanted.Text, time.GetUtcNow());
            _written.AddOrUpdate(found.Id, [message], (_, earlier) => earlier.Add(message));
        }

        var answers = new List<JsonObject>();
        foreach (var name in events)
        {
            var deliveryId = Guid.NewGuid().ToString();
            var (status, detail) = await SendAsync(url, name, deliveryId, EventFor(found, name, wanted.Text, messageId));
            answers.Add(new JsonObject { ["deliveryId"] = deliveryId, ["webhookStatus"] = status, ["detail"] = detail });
        }

        return Results.Json(answers[0]);
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
                (string?)body["event"]);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or NullReferenceException or ArgumentException)
        {
            return null;
        }
    }

    private static bool IsMessage(string name) => name.EndsWith("message.received", StringComparison.Ordinal);

    private JsonObject EventFor(SampleConversation conversation, string name, string text, string messageId)
    {
        var now = Now(conversation);
        var phone = "+" + ((string?)now["contact"]!["phoneNumber"])!.TrimStart('+');
        var body = new JsonObject
        {
            ["event"] = name,
            ["timestamp"] = SampleConversation.Iso(time.GetUtcNow()),
            ["phoneNumber"] = "+" + ((string?)now["whatsappNumber"]?["number"] ?? "447700900111"),
            ["from"] = phone,
            ["contact"] = new JsonObject { ["name"] = (string?)now["contact"]!["name"], ["phoneNumber"] = phone },
            ["message"] = null,
            ["conversationId"] = conversation.Id,
        };
        if (name == EventTypes.Ping)
            body["message"] = "Test event from the sample";
        else if (IsMessage(name))
            body["message"] = new JsonObject { ["id"] = messageId, ["waId"] = "wamid.SAMPLE", ["body"] = text, ["media"] = new JsonArray(), ["buttons"] = new JsonArray() };
        if (name.StartsWith("subscription.", StringComparison.Ordinal))
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

    private sealed record Wanted(string Text, string ConversationId, string? Event);
}
