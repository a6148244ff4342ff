using System.Text.Json.Nodes;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>One conversation of the sample.</summary>
/// <param name="Id">Its UUID.</param>
/// <param name="Shows">What it is there for, for the banner.</param>
/// <param name="At">The body as Wassist would answer it at a moment.</param>
public sealed record SampleConversation(string Id, string Shows, Func<DateTimeOffset, JsonNode> At)
{
    /// <summary>From the contact's last message to the end of the reply window.</summary>
    public static readonly TimeSpan ReplyWindow = TimeSpan.FromHours(24);

    /// <summary>The ones the sample knows; their last messages are placed so that the reply windows are right at <paramref name="start"/>.</summary>
    public static IReadOnlyList<SampleConversation> All(DateTimeOffset start) =>
    [
        Live(
            "7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33",
            "answered by an agent",
            start,
            "Amara Osei",
            "447700900222",
            Text("Can I change the delivery address?"),
            windowSeconds: 41_230),
        Live(
            "2d9f6a10-8b4c-4e57-a1c3-5f0e7d2b9a44",
            "taken over by a person",
            start,
            "Jonas Weber",
            "4915735550123",
            Text("I would like to talk to somebody, please."),
            windowSeconds: 82_800,
            body => body["isHumanTakeover"] = true),
        Live(
            "a4e0c7d8-1b25-4f39-8c6e-93d1f2b7e055",
            "answered by a webhook",
            start,
            "Mei Lin",
            "6591234567",
            Text("Is my table booked for eight?"),
            windowSeconds: 3_605,
            SampleRouting.ToWebhook.ApplyTo),
        Live(
            "5b7d3e91-c6a2-4480-b9f5-0e8a1c4d7f66",
            "on Wassist's sandbox number",
            start,
            "Test phone",
            "447700900333",
            Text("join test"),
            windowSeconds: 600,
            body =>
            {
                body["routing"] = "sandbox";
                body["whatsappNumber"] = SampleAccount.Sandbox.InConversation();
            }),
        Live(
            "e8f21c06-7d3b-4a95-92be-6c5d0f1a8b77",
            "reply window closed",
            start,
            "Lucía Fernández",
            "34600111222",
            new JsonObject { ["type"] = "template", ["body"] = null, ["createdAt"] = Iso(start.AddDays(-3)), ["role"] = "assistant" },
            windowSeconds: 0,
            body => body["active"] = false),
        Live(
            "09c4a5b3-e1f7-4d28-86a0-b7e9d3c2f188",
            "no message yet, no agent, no name",
            start,
            null,
            "12025550143",
            null,
            windowSeconds: 0,
            body => (body["routing"], body["activeAgent"]) = (null, null)),
        Live(
            "f1b8d2e7-4a60-4c93-bd15-28c7e6f0a999",
            "Unicode and emoji",
            start,
            "Zoë 🌍 محمد",
            "201001234567",
            Text("Ça va ? 👩‍👩‍👧‍👦 你好 — \"quotes\" & <tags>\nand a second line"),
            windowSeconds: 86_399),
        Live(
            "c3a7f9e4-2d81-4b06-9e5c-7f14b0d8a5aa",
            "a message of 4,096 characters",
            start,
            "Priya Nair",
            "919876543210",
            Text(string.Concat(Enumerable.Repeat("All work and no play makes a dull day. ", 106))[..4096]),
            windowSeconds: 12_000),
        Live(
            "b9d0e2f5-6c17-4a38-8d4b-1e9f7a3c5cbb",
            "no phone number, as WhatsApp lets a contact hide it",
            start,
            "Noor Haddad",
            "US.13491208655302741918",
            Text("Do you ship to Detroit?"),
            windowSeconds: 50_000,
            body => body["contact"]!["id"] = null),
        Published("d6e5f4a3-b2c1-4098-8765-432109fedcbb", start, windowSeconds: 41_230),
    ];

    /// <summary>One that the API started: the contact has not written yet.</summary>
    /// <param name="phoneNumber">The contact's, digits only.</param>
    public static SampleConversation Started(string id, string phoneNumber, SampleNumber number, DateTimeOffset at) => Live(
        id,
        "started by the business",
        at,
        null,
        phoneNumber,
        null,
        windowSeconds: 0,
        body =>
        {
            body["whatsappNumber"] = number.InConversation();
            number.Routing.ApplyTo(body);
        });

    private static JsonObject Text(string body) => new() { ["type"] = "text", ["body"] = body, ["role"] = "user" };

    /// <summary>The shape that the live API answers.</summary>
    private static SampleConversation Live(
        string id,
        string shows,
        DateTimeOffset start,
        string? name,
        string phoneNumber,
        JsonObject? lastMessage,
        int windowSeconds,
        Action<JsonObject>? change = null)
    {
        if (lastMessage is not null)
            lastMessage["createdAt"] ??= Iso(start.AddSeconds(windowSeconds) - ReplyWindow);

        var template = new JsonObject
        {
            ["id"] = id,
            ["contact"] = new JsonObject { ["id"] = $"c0a80001{id[8..]}", ["phoneNumber"] = phoneNumber, ["name"] = name },
            ["activeAgent"] = SampleAccount.Orders.ToReference(),
            ["whatsappNumber"] = SampleAccount.Shop.InConversation(),
            ["chatWindowRemainingTime"] = windowSeconds,
            ["lastMessage"] = lastMessage,
            ["isHumanTakeover"] = false,
            ["active"] = true,
            ["routing"] = "agent",
            ["webhookId"] = null,
            ["routingOverride"] = false,
            ["activeSupportHandoff"] = null,
            ["supportHandoffs"] = new JsonArray(),
            ["shopifyCustomer"] = null,
            ["latestReferral"] = null,
            ["needsReview"] = false,
            ["reviewReasons"] = new JsonArray(),
            ["analyticsEnabled"] = true,
        };
        change?.Invoke(template);

        return new SampleConversation(id, shows, now =>
        {
            var body = template.DeepClone();
            body["chatWindowRemainingTime"] = SecondsLeft(start, windowSeconds, now);
            return body;
        });
    }

    /// <summary>The shape that Wassist's published schema describes, where nearly everything is a string.</summary>
    private static SampleConversation Published(string id, DateTimeOffset start, int windowSeconds) =>
        new(id, "the shape of Wassist's published schema", now => new JsonObject
        {
            ["id"] = id,
            ["contact"] = new JsonObject { ["phoneNumber"] = "+447700900444", ["name"] = null },
            ["activeAgent"] = "Orders assistant",
            ["chatWindowRemainingTime"] = TimeSpan.FromSeconds(SecondsLeft(start, windowSeconds, now)).ToString("c"),
            ["lastMessage"] = "Where is my parcel?",
            ["isHumanTakeover"] = "False",
            ["active"] = "True",
        });

    private static int SecondsLeft(DateTimeOffset start, int windowSeconds, DateTimeOffset now) =>
        Math.Max(0, windowSeconds - (int)(now - start).TotalSeconds);

    public static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
