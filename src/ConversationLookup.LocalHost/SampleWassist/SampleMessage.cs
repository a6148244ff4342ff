using System.Text.Json.Nodes;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>A message that was written since the sample started.</summary>
/// <param name="Body">As the live API answers it, but for its status.</param>
/// <param name="Text">What a conversation says of it while it is the last one; null for a template, of which it says nothing.</param>
/// <param name="At">When it was written: it may lie ahead, as an agent takes a moment to answer.</param>
public sealed record SampleMessage(JsonObject Body, string? Text, DateTimeOffset At)
{
    /// <summary>From a message's creation to the contact's phone.</summary>
    private static readonly TimeSpan Delivery = TimeSpan.FromSeconds(3);

    /// <summary>From a message's creation to the contact's eyes.</summary>
    private static readonly TimeSpan Reading = TimeSpan.FromSeconds(8);

    public string Id => (string)Body["id"]!;

    /// <summary>The message with its status at a moment; what a contact wrote has none.</summary>
    public JsonObject AsOf(DateTimeOffset now)
    {
        var body = Body.DeepClone().AsObject();
        if ((string?)body["role"] != "user")
            body["status"] = (now - At) switch { var age when age < Delivery => "sent", var age when age < Reading => "delivered", _ => "read" };
        return body;
    }

    /// <summary>As a conversation has its last message.</summary>
    public JsonObject AsLastMessage() => new()
    {
        ["type"] = (string?)Body["type"],
        ["body"] = Text,
        ["createdAt"] = SampleConversation.Iso(At),
        ["role"] = (string?)Body["role"],
    };
}
