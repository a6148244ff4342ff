using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Webhooks;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>
/// The sample's one webhook and what was sent to it. As the real one, it is switched off after 20 failures in a row; what happens while it is
/// off is kept as failed. Unlike the real one, a delivery is tried once.
/// </summary>
public sealed class SampleWebhook(TimeProvider time) : IDisposable
{
    /// <summary>Signs the events. It opens nothing but this sample.</summary>
    public const string Secret = "sample-webhook-secret";

    private const int MostFailures = 20;

    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) }; // as the real one waits
    private readonly Lock _lock = new();
    private readonly List<SampleDelivery> _deliveries = [];
    private IReadOnlyList<string> _events = [.. EventTypes.ForFlows, EventTypes.Ping];
    private bool _fails;
    private int _failures;
    private DateTimeOffset? _disabledAt;

    /// <summary>Where the events go; null until the app listens.</summary>
    public Uri? Url { get; set; }

    /// <summary>The API's routes.</summary>
    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/webhooks/", (HttpRequest request) => SampleLists.Paged(request, [Body()]));
        api.MapGet("/webhook-deliveries/", (HttpRequest request) => SampleLists.Paged(request, NewestFirst()));
        api.MapPost("/webhook-deliveries/{id}/replay/", ReplayAsync);
    }

    /// <summary><c>GET /simulate/webhook</c>: as the API has it.</summary>
    public IResult Get() => Results.Json(Body());

    /// <summary><c>POST /simulate/webhook</c> with a <see cref="SimulatedWebhook"/>: what the real one's dashboard does, and an app that is down.</summary>
    public async Task<IResult> SetAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        try
        {
            if (JsonSerializer.Deserialize<SimulatedWebhook>(await reader.ReadToEndAsync(request.HttpContext.RequestAborted), Strict) is { } wanted)
            {
                Set(wanted);
                return Get();
            }
        }
        catch (JsonException)
        {
        }

        return SampleAnswers.Detail(400, """Send a JSON object such as {"fails":true}. 'fails' says whether every delivery fails, as if the app were down; 'active' whether the webhook is on; 'events' is a list of the events that it has.""");
    }

    /// <summary>Sends an event.</summary>
    /// <returns>What became of it; null where the webhook does not have it.</returns>
    public async Task<SampleDelivery?> SendAsync(string name, JsonObject content)
    {
        lock (_lock)
        {
            if (!_events.Contains(name) && EventTypes.ForFlows.Contains(name))
                return null;
        }

        return await DeliverAsync(name, JsonSerializer.SerializeToUtf8Bytes(content));
    }

    public void Dispose() => _http.Dispose();

    private void Set(SimulatedWebhook wanted)
    {
        lock (_lock)
        {
            _fails = wanted.Fails ?? _fails;
            _events = wanted.Events ?? _events;
            if (wanted.Active is { } active)
                (_disabledAt, _failures) = (active ? null : _disabledAt ?? time.GetUtcNow(), 0);
        }
    }

    private async Task<IResult> ReplayAsync(string id)
    {
        SampleDelivery? first;
        lock (_lock)
        {
            first = _deliveries.Find(one => one.Id == id);
            if (first is not null && _disabledAt is not null)
                return SampleAnswers.Detail(400, "The webhook is disabled.");
        }

        return first is null
            ? SampleAnswers.Detail(404, "No WebhookDelivery matches the given query.")
            : Results.Json((await DeliverAsync(first.Event, first.Content)).ToJson(), statusCode: 201);
    }

    private async Task<SampleDelivery> DeliverAsync(string name, byte[] content)
    {
        bool isOn, fails;
        lock (_lock)
            (isOn, fails) = (_disabledAt is null, _fails);
        var (id, at) = (Guid.NewGuid().ToString(), time.GetUtcNow());
        var (status, detail) = !isOn ? (0, "The webhook is switched off.") : fails ? (503, "The sample was told to fail.") : await PostAsync(name, id, content);
        var delivery = new SampleDelivery(id, name, content, at, status, detail);
        lock (_lock)
        {
            _deliveries.Add(delivery);
            if (isOn)
                _failures = delivery.IsDelivered ? 0 : _failures + 1;
            if (_failures >= MostFailures)
                _disabledAt ??= time.GetUtcNow();
        }

        return delivery;
    }

    private JsonObject Body()
    {
        lock (_lock)
        {
            return new()
            {
                ["id"] = SampleRouting.ToWebhook.WebhookId,
                ["name"] = "Conversation Lookup",
                ["url"] = Url?.ToString(),
                ["secret"] = Secret,
                ["events"] = new JsonArray([.. _events]),
                ["active"] = _disabledAt is null,
                ["consecutiveFailures"] = _failures,
                ["disabledAt"] = _disabledAt is { } at ? SampleConversation.Iso(at) : null,
                ["disabledReason"] = _disabledAt is not null && _failures >= MostFailures ? $"{MostFailures} consecutive failures" : null,
            };
        }
    }

    private List<JsonNode> NewestFirst()
    {
        lock (_lock)
            return [.. _deliveries.AsEnumerable().Reverse().Select(delivery => delivery.ToJson())];
    }

    private async Task<(int Status, string Detail)> PostAsync(string name, string deliveryId, byte[] body)
    {
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), (byte[])[.. Encoding.ASCII.GetBytes(timestamp), (byte)'.', .. body]);
        using var request = new HttpRequestMessage(HttpMethod.Post, Url)
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
            return (0, $"The app at {Url} did not answer.");
        }
    }
}

/// <summary>What an event became on its way to the app.</summary>
/// <param name="Content">The body, which a replay sends again.</param>
/// <param name="Status">What the app answered; 0 for nothing.</param>
/// <param name="Detail">Why it did not arrive.</param>
public sealed record SampleDelivery(string Id, string Event, byte[] Content, DateTimeOffset At, int Status, string Detail)
{
    public bool IsDelivered => Status is >= 200 and < 300;

    /// <summary>As the list of deliveries has it. The real one's is not published.</summary>
    public JsonNode ToJson() => new JsonObject
    {
        ["id"] = Id,
        ["webhook"] = SampleRouting.ToWebhook.WebhookId,
        ["event"] = Event,
        ["status"] = IsDelivered ? "delivered" : "failed",
        ["responseStatus"] = Status == 0 ? null : Status,
        ["createdAt"] = SampleConversation.Iso(At),
    };
}

/// <summary>What is to be so; what is left out stays.</summary>
/// <param name="Fails">Whether every delivery fails, as if the app were down.</param>
/// <param name="Active">Whether the webhook is on; switching it on forgets the failures in a row.</param>
/// <param name="Events">The events that it has.</param>
public sealed record SimulatedWebhook(bool? Fails, bool? Active, IReadOnlyList<string>? Events);
