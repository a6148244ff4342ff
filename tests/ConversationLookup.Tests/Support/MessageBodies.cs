using System.Text.Json.Nodes;

namespace ConversationLookup.Tests.Support;

/// <summary>A message of every type that Wassist is known to send, written from the facts about its live API and its published schema.</summary>
internal static class MessageBodies
{
    public static IReadOnlyList<JsonNode> All { get; } =
    [
        Live("text", "user", """{"text":{"id":"21111111-aaaa-4bbb-8ccc-000000000001","body":"Hello, order 5512 please"}}"""),
        Live("image", "user", """{"image":{"image":{"url":"https://media.example/door.jpg"},"caption":"This door"}}"""),
        Live("cta_button", "assistant", """{"cta":{"text":"You can do it here.","url":"https://shop.example/5512","buttonText":"Open order"}}"""),
        Live("list_selection", "assistant", """{"listSelection":{"text":"Which day suits you?","buttonText":"Choose a day"}}"""),
        Live("template", "assistant", """{"template":{"templateName":"order_update","variables":{"body":["Amara","5512"],"header":null,"buttons":[]}}}"""),
        Live("unified", "assistant", """
            {"unified":{"body":"What would you like to do?","footer":"Orders assistant",
             "buttons":[{"type":"quick_reply","text":"Change address","quickReplyId":"address"}],"media":[{"url":"https://media.example/r.png","mimeType":"image/png"}]}}
            """),
        Live("quick_reply", "user", """{"quickReply":{"text":"Change address","quickReplyId":"address"}}"""),
        Live("location", "user", """{"location":{"name":"Harbour office","address":"1 Quay Street","latitude":51.5}}"""),
        Live("system_note", "system", "{}"),
        JsonNode.Parse("""{"id":"11111111-aaaa-4bbb-8ccc-000000000009","role":"user","type":"text","status":"read","createdAt":"2026-11-21T18:04:09Z","text":"Hello","image":"string","template":"string"}""")!,
    ];

    private static JsonObject Live(string type, string role, string part)
    {
        var message = JsonNode.Parse(
            $$"""
            {
              "id": "11111111-aaaa-4bbb-8ccc-000000000001", "role": "{{role}}", "type": "{{type}}", "status": null,
              "createdAt": "2026-11-21T18:03:40.100Z", "replyTo": null,
              "text": null, "image": null, "cta": null, "listSelection": null, "template": null, "unified": null, "quickReply": null
            }
            """)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(part)!.AsObject())
            message[name] = value?.DeepClone();
        return message;
    }
}
