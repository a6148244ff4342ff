using System.Text.Json.Nodes;
using CsCheck;

namespace ConversationLookup.Tests.Support;

/// <summary>Generators of what an upstream might answer some day.</summary>
internal static class AnyJson
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String,
        Gen.OneOf("", " ", "True", "false", "3600", "-1", "01:00:00", "PT1H", "P1Y", "447700900222", "+44 (0)7700", "agent", "sandbox", "user"),
        Gen.OneOf("2026-11-21T18:04:09.512Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.9999999-14:00", "2026-13-45", "1e308", "NaN", "\u0000"),
        Gen.Int[1_000, 200_000].Select(length => new string('x', length)),
        Gen.Guid.Select(guid => guid.ToString()));

    private static readonly Gen<JsonNode?> Scalar = Gen.OneOf<JsonNode?>(
        Gen.Const((JsonNode?)null),
        Gen.Bool.Select(value => (JsonNode?)JsonValue.Create(value)),
        Gen.Double.Where(double.IsFinite).Select(value => (JsonNode?)JsonValue.Create(value)),
        Gen.Long.Select(value => (JsonNode?)JsonValue.Create(value)),
        Text.Select(value => (JsonNode?)JsonValue.Create(value)));

    public static readonly Gen<JsonNode?> Any = Gen.Frequency(
        (6, Scalar),
        (1, Scalar.Array[0, 4].Select(items => (JsonNode?)new JsonArray([.. items]))),
        (2, Gen.Select(Gen.OneOf("id", "name", "phoneNumber", "number", "isSandbox", "body", "type", "role", "createdAt"), Scalar)
            .Array[0, 6].Select(pairs => (JsonNode?)ToObject(pairs))));

    /// <summary>The live or the published shape with any field replaced by anything, removed, or left.</summary>
    public static readonly Gen<Func<string, JsonObject>> Conversation = Gen.Select(
        Gen.Bool,
        Gen.Select(
            Gen.OneOf(
                "id", "contact", "contact.name", "contact.phoneNumber", "activeAgent", "activeAgent.id", "activeAgent.name", "whatsappNumber",
                "whatsappNumber.number", "whatsappNumber.isSandbox", "chatWindowRemainingTime", "lastMessage", "lastMessage.body",
                "lastMessage.createdAt", "lastMessage.role", "isHumanTakeover", "active", "routing", "other"),
            Any).Array[0, 5]).Select((live, changes) => new Func<string, JsonObject>(id =>
        {
            var body = live ? Bodies.Live(id) : Bodies.Published(id);
            foreach (var (path, value) in changes)
                Replace(body, path, value?.DeepClone());
            return body;
        }));

    /// <summary>Any message of the live or the published shape, with any field replaced by anything, removed, or left.</summary>
    public static readonly Gen<JsonNode?> Message = Gen.Select(
        Gen.Int[0, MessageBodies.All.Count - 1],
        Gen.Select(
            Gen.OneOf("id", "role", "type", "status", "createdAt", "text", "text.body", "image", "image.image", "image.caption", "cta", "cta.buttonText", "listSelection",
                "template", "template.templateName", "template.variables", "unified", "unified.body", "unified.buttons", "unified.media", "quickReply", "quickReply.text", "other"),
            Any).Array[0, 4]).Select((type, changes) =>
        {
            var message = MessageBodies.All[type].DeepClone().AsObject();
            foreach (var (path, value) in changes)
                Replace(message, path, value?.DeepClone());
            return (JsonNode?)message;
        });

    private static JsonObject ToObject((string Name, JsonNode? Value)[] pairs)
    {
        var made = new JsonObject();
        foreach (var (name, value) in pairs)
            made[name] = value;
        return made;
    }

    private static void Replace(JsonObject body, string path, JsonNode? value)
    {
        var names = path.Split('.');
        var parent = names.Length == 1 ? body : body[names[0]] as JsonObject;
        if (parent is not null)
            parent[names[^1]] = value;
    }
}
