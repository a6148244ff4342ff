using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Values;
using ConversationLookup.Webhooks;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>
/// Something happens in the sample: a contact writes, a reply window closes. The conversation changes, and a signed event goes out
/// as the real Wassist sends it, once.
/// </summary>
public sealed class Simulation(SampleState state, SampleWebhook webhook, TimeProvider time)
{
    /// <summary>What is left of a reply window when Wassist says that it is about to close.</summary>
    private static readonly TimeSpan Expiring = TimeSpan.FromHours(1);

    /// <summary><c>GET /simulate/conversations</c>: who may write, what each conversation is there for, and which message may be answered.</summary>
    public IResult List() => Results.Json(state.All.Select(conversation =>
    {
        var contact = conversation.At(time.GetUtcNow())["contact"]!;
        return new
        {
            conversation.Id,
            Contact = (string?)contact["name"] ?? PhoneOf(contact),
            conversation.Shows,
            AnswerableId = state.AnswerableIdIn(conversation),
        };
    }));

    /// <summary>
    /// <c>POST /simulate/message</c> with a <see cref="SimulatedEvent"/>: 200 with the delivery's id and how the app answered.
    /// Unless an event is named, a message of a conversation that is routed to a webhook is sent twice, as two events.
    /// </summary>
    public async Task<IResult> SimulateAsync(HttpRequest request)
    {
        if (await ReadAsync(request) is not { } wanted)
            return SampleAnswers.Detail(400, """Send a JSON object such as {"text":"Hello"}. It may have 'event', 'conversationId', 'text', 'buttonText', 'buttonId' and 'replyTo', which are text, and 'media', a list of {"url":"…"}.""");
        if (state.Find(wanted.ConversationId ?? state.All[0].Id) is not { } found)
            return SampleAnswers.Detail(400, $"The sample has no such conversation. It has: {string.Join(", ", state.All.Select(conversation => conversation.Id))}.");
        if (webhook.Url is null)
            return SampleAnswers.Detail(400, "The app does not listen yet, and 'SampleWassist:WebhookUrl' is not set.");

        string[] events = wanted.Event is { } named ? [named] : [.. EventTypes.Default.Take(state.Now(found).IsRoutedToWebhook ? 2 : 1)];
        var messageId = Guid.NewGuid().ToString();
        Happen(found, events[0], wanted, messageId);

        var answers = new List<JsonObject>();
        foreach (var name in events)
        {
            var delivery = await webhook.SendAsync(name, EventFor(found, name, wanted, messageId));
            answers.Add(new JsonObject { ["deliveryId"] = delivery?.Id, ["webhookStatus"] = delivery?.Status ?? 0, ["detail"] = delivery?.Detail ?? "The webhook does not have this event." });
        }

        return Results.Json(answers[0]);
    }

    private static async Task<SimulatedEvent?> ReadAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        try
        {
            return SimulatedEvent.Read(await reader.ReadToEndAsync(request.HttpContext.RequestAborted));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The conversation is from now on as the event says.</summary>
    private void Happen(SampleConversation conversation, string name, SimulatedEvent wanted, string messageId)
    {
        switch (name)
        {
            case var _ when IsMessage(name):
                state.Receive(conversation, SampleMessages.Written(messageId, wanted, time.GetUtcNow()));
                break;
            case "subscription.activated":
                state.Route(conversation, SampleRouting.ToWebhook);
                break;
            case "subscription.revoked":
                state.Route(conversation, SampleRouting.To(SampleAccount.Orders));
                break;
            case "subscription.service_window.expiring":
                state.LeaveWindowOpen(conversation, Expiring);
                break;
            case "subscription.service_window.closed":
                state.LeaveWindowOpen(conversation, TimeSpan.Zero);
                break;
        }
    }

    private static bool IsMessage(string name) => name.EndsWith("message.received", StringComparison.Ordinal);

    private JsonObject EventFor(SampleConversation conversation, string name, SimulatedEvent wanted, string messageId)
    {
        var now = state.Now(conversation).Body;
        var phone = PhoneOf(now["contact"]!);
        var body = new JsonObject
        {
            ["event"] = name,
            ["timestamp"] = SampleConversation.Iso(time.GetUtcNow()),
            ["phoneNumber"] = "+" + SampleAccount.NumberOf(now).Digits,
            ["from"] = phone,
            ["contact"] = new JsonObject { ["name"] = (string?)now["contact"]!["name"], ["phoneNumber"] = phone },
            ["message"] = null,
            ["conversationId"] = conversation.Id,
        };
        if (name == EventTypes.Ping)
            body["message"] = "Test event from the sample";
        else if (IsMessage(name))
        {
            body["message"] = new JsonObject
            {
                ["id"] = messageId,
                ["waId"] = $"wamid.{messageId.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant()}",
                ["body"] = wanted.Body,
                ["media"] = wanted.MediaOfWassist(),
                ["buttons"] = wanted.ButtonsOfWassist(),
                ["replyTo"] = wanted.ReplyTo,
            };
        }

        if (name.StartsWith("subscription.", StringComparison.Ordinal))
            (body["routing"], body["webhookId"]) = (name == "subscription.revoked" ? "agent" : "webhook", SampleRouting.ToWebhook.WebhookId);
        return body;
    }

    /// <summary>As events have it: a number with its <c>+</c>, or WhatsApp's own id of a contact who shows none.</summary>
    private static string PhoneOf(JsonNode contact) =>
        (string)contact["phoneNumber"]! is var phone && WhatsAppUserIds.Is(phone) ? phone : "+" + phone.TrimStart('+');
}
