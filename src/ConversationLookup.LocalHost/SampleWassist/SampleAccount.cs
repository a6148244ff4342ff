using System.Text.Json.Nodes;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>What the sample's organization has: agents, numbers, and the WhatsApp Business accounts of the numbers.</summary>
public static class SampleAccount
{
    /// <summary>Stands in an agent's tools, as the real one's have it there: whatever shows it shows too much.</summary>
    public const string ToolSecret = "tool-secret-that-nobody-may-see";

    /// <summary>The agent that answers.</summary>
    public static readonly SampleAgent Orders = new("b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", "Orders assistant");

    /// <summary>Its number is the one that the first conversations are with.</summary>
    public static readonly SampleBusinessAccount ShopAccount = new("3e9a7c50-6d1b-4f82-9c04-b5a6d7e8f901", "Harbour Shop", "104857600000001");

    /// <summary>Another account: a template may be approved for one and not for the other.</summary>
    public static readonly SampleBusinessAccount BerlinAccount = new("4f0b8d61-7e2c-4093-8d15-c6b7e8f90a12", "Harbour Shop Berlin", "104857600000002");

    public static readonly SampleNumber Shop = new("0f6d2c1b-9a8e-4b7c-a6d5-e4f3c2b1a099", "447700900111", ShopAccount, SampleRouting.To(Orders));

    /// <summary>Wassist's own number to try things on: it belongs to none of the organization's accounts.</summary>
    public static readonly SampleNumber Sandbox = new("2b8f4e3d-bca0-4d9e-88f7-061504d3c2bb", "12025550100", null, new SampleRouting("sandbox", Orders, null));

    private static readonly SampleNumber Berlin = new("1a7e3d2c-ab9f-4c8d-97e6-f504c3d2b1aa", "493023125111", BerlinAccount, SampleRouting.ToWebhook);

    public static IReadOnlyList<SampleAgent> Agents { get; } =
        [Orders, new("c8b2eaf1-6d4f-4f3c-9072-1ead9c8b7f66", "Returns assistant"), new("d9c3fb02-7e50-404d-a183-2fbead9c8077", "Bestellhilfe")];

    /// <summary>The first is where a conversation starts that names no other.</summary>
    public static IReadOnlyList<SampleNumber> Numbers { get; } = [Shop, Berlin, Sandbox];

    /// <summary>The accounts with their numbers.</summary>
    public static IEnumerable<JsonObject> Accounts() => ((SampleBusinessAccount[])[ShopAccount, BerlinAccount]).Select(account =>
    {
        var body = account.ToJson();
        body["phoneNumbers"] = new JsonArray([.. Numbers.Where(number => number.Account == account).Select(number => number.InConversation())]);
        return body;
    });

    /// <summary>The number of a conversation; one in the shape of the published schema does not say it.</summary>
    public static SampleNumber NumberOf(JsonNode conversation) =>
        Numbers.FirstOrDefault(number => number.Digits == (string?)conversation["whatsappNumber"]?["number"]) ?? Shop;
}

/// <summary>An agent.</summary>
public sealed record SampleAgent(string Id, string Name)
{
    /// <summary>As conversations and numbers name it.</summary>
    public JsonObject ToReference() => new() { ["id"] = Id, ["name"] = Name };

    /// <summary>As the list of agents has it: with all that it is made of.</summary>
    public JsonObject ToJson() => new()
    {
        ["id"] = Id,
        ["name"] = Name,
        ["description"] = null,
        ["systemPrompt"] = "Help the customers of the Harbour Shop.",
        ["tools"] = new JsonArray(new JsonObject
        {
            ["id"] = $"e0d4{Id[4..]}",
            ["name"] = "look_up_order",
            ["apiSchema"] = new JsonObject
            {
                ["url"] = "https://shop.example/api/orders",
                ["method"] = "GET",
                ["request_headers"] = new JsonObject { ["Authorization"] = $"Bearer {SampleAccount.ToolSecret}" },
            },
        }),
    };
}

/// <summary>A WhatsApp Business account.</summary>
/// <param name="WaId">Meta's id of it.</param>
public sealed record SampleBusinessAccount(string Id, string Name, string WaId)
{
    public JsonObject ToJson() => new() { ["id"] = Id, ["name"] = Name, ["waId"] = WaId };
}

/// <summary>A number of the business.</summary>
/// <param name="Account">Null for Wassist's sandbox number.</param>
/// <param name="Routing">Who answers its conversations unless one says otherwise.</param>
public sealed record SampleNumber(string Id, string Digits, SampleBusinessAccount? Account, SampleRouting Routing)
{
    public bool IsSandbox => Account is null;

    /// <summary>As conversations and accounts name it.</summary>
    public JsonObject InConversation() => new() { ["id"] = Id, ["number"] = Digits, ["isSandbox"] = IsSandbox };

    /// <summary>As the list of numbers has it.</summary>
    public JsonObject ToJson()
    {
        var body = InConversation();
        body["whatsappBusinessAccount"] = Account?.ToJson();
        body["activeAgent"] = Routing.Agent?.ToReference();
        body["defaultRouting"] = Routing.Name;
        body["defaultWebhook"] = Routing.WebhookId;
        return body;
    }
}

/// <summary>Who answers a conversation.</summary>
/// <param name="Name">Wassist's word for it.</param>
public sealed record SampleRouting(string Name, SampleAgent? Agent, string? WebhookId)
{
    public static readonly SampleRouting ToWebhook = new("webhook", null, "d2c1b0a9-8f7e-4d6c-b5a4-938271605f4e");

    public static SampleRouting To(SampleAgent agent) => new("agent", agent, null);

    /// <summary>Makes a conversation be answered so.</summary>
    public void ApplyTo(JsonNode conversation)
    {
        conversation["routing"] = Name;
        conversation["activeAgent"] = Agent?.ToReference();
        conversation["webhookId"] = WebhookId;
    }
}
