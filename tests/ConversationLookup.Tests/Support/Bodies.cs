using System.Text.Json.Nodes;

namespace ConversationLookup.Tests.Support;

/// <summary>Bodies as Wassist answers them, written from the facts about its live API and its published schema.</summary>
internal static class Bodies
{
    public const string Id = "7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33";

    /// <summary>The live API's shape.</summary>
    public static JsonObject Live(string id = Id) => JsonNode.Parse(
        $$"""
        {
          "id": "{{id}}",
          "contact": { "id": "c0a80001-0000-4000-8000-00000000000a", "phoneNumber": "447700900222", "name": "Amara Osei" },
          "activeAgent": { "id": "b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", "name": "Orders assistant" },
          "whatsappNumber": { "id": "0f6d2c1b-9a8e-4b7c-a6d5-e4f3c2b1a099", "number": "447700900111", "isSandbox": false },
          "chatWindowRemainingTime": 41230,
          "lastMessage": { "type": "text", "body": "Can I change the delivery address?", "createdAt": "2026-11-21T18:04:09.512Z", "role": "user" },
          "isHumanTakeover": false,
          "active": true,
          "routing": "agent",
          "webhookId": null,
          "routingOverride": false,
          "activeSupportHandoff": null,
          "supportHandoffs": [],
          "shopifyCustomer": null,
          "latestReferral": null,
          "needsReview": false,
          "reviewReasons": [],
          "analyticsEnabled": true
        }
        """)!.AsObject();

    /// <summary>The published schema's shape, where nearly everything is a string.</summary>
    public static JsonObject Published(string id = Id) => JsonNode.Parse(
        $$"""
        {
          "id": "{{id}}",
          "contact": { "phoneNumber": "+447700900222", "name": null },
          "activeAgent": "Orders assistant",
          "chatWindowRemainingTime": "11:27:10",
          "lastMessage": "Can I change the delivery address?",
          "isHumanTakeover": "False",
          "active": "True"
        }
        """)!.AsObject();

    /// <summary>The live shape with one field replaced by any JSON.</summary>
    public static JsonObject With(string field, string json)
    {
        var body = Live();
        var path = field.Split('.');
        var parent = path[..^1].Aggregate((JsonNode)body, (node, name) => node[name]!);
        parent[path[^1]] = JsonNode.Parse(json);
        return body;
    }
}
