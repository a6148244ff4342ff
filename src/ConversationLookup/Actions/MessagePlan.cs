using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Conversations;
using ConversationLookup.Json;
using ConversationLookup.Problems;
using ConversationLookup.Wassist;

namespace ConversationLookup.Actions;

/// <summary>A message into a conversation. If Wassist's answer is lost, the conversation's messages say whether it is there.</summary>
public abstract class MessagePlan(ConversationAction action, Guid conversationId, JsonObject content, ConversationReader reader)
    : ActionPlan(action, conversationId, content)
{
    /// <summary>How many of the newest messages are looked at.</summary>
    private const int Looked = 50;

    public override string Advice =>
        "The message may have been sent, and Wassist's answer was lost. Look at the conversation in Wassist, or list its messages. If the message is not there, send it again with a new idempotency key. Sending it again at once could send it twice.";

    protected abstract Task<JsonObject> BuildAsync(WassistConversation conversation, CancellationToken cancellationToken);

    /// <summary>Whether a message says what is to be sent.</summary>
    protected abstract bool IsSame(WassistMessage message);

    public override async Task<PreparedAction> PrepareAsync(string idempotencyKey, CancellationToken cancellationToken)
    {
        var conversation = await reader.GetAsync(conversationId, fresh: true, cancellationToken);
        var body = await BuildAsync(conversation.Value, cancellationToken);
        return new PreparedAction(
            new WassistPost(Action.ToOperation(), $"conversations/{conversationId:D}/messages/", body, idempotencyKey),
            Baseline.Of(conversation));
    }

    public override Task<ActionAnswer?> ReadAnswerAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var (message, _) = TolerantJson.Read(body, MessageParser.Read);
        return Task.FromResult(message.Id is null ? null : Answer(message, SentMessage.ByAnswer));
    }

    public override async Task<ActionAnswer?> FindAsync(DateTimeOffset since, Func<CancellationToken, Task<OtherActions>> others, CancellationToken cancellationToken)
    {
        var page = await reader.ListMessagesAsync(conversationId, new Paging(Looked, 0), fresh: true, cancellationToken);
        var found = page.Value.Items
            .Where(message => message.Id is not null && message.CreatedAt > since && message.Role != "user" && IsSame(message))
            .OrderBy(message => message.CreatedAt)
            .ToList();
        if (found.Count == 0)
            return null;

        var (known, open) = await others(cancellationToken);
        found.RemoveAll(message => known.Contains(message.Id!));
        // While another one is open, nobody can say which of two messages is whose.
        return open == 0 && found is [.., var newest] ? Answer(newest, SentMessage.ByReading) : null;
    }

    private ActionAnswer Answer(WassistMessage message, string confirmedBy) => new(
        JsonSerializer.Serialize(
            new SentMessage(ConversationMessage.From(message with { Role = message.Role ?? "assistant" }), conversationId.ToString("D"), confirmedBy), ActionJson.Payload.SentMessage),
        conversationId,
        message.Id);
}

/// <summary>Free text, which WhatsApp allows while the reply window is open.</summary>
public sealed class TextPlan(Guid conversationId, MessageBody wanted, ConversationReader reader)
    : MessagePlan(ConversationAction.SendMessage, conversationId, wanted.ToUnified(), reader)
{
    private readonly string _text = ReadBack(wanted);

    protected override Task<JsonObject> BuildAsync(WassistConversation conversation, CancellationToken cancellationToken)
    {
        // Where Wassist does not say, it decides.
        if (conversation.ReplyWindowSeconds == 0)
            throw new ProblemException(Catalogue.ReplyWindowClosed("Wassist says that the window is closed"));
        return Task.FromResult(new JsonObject { ["type"] = "unified", ["unified"] = wanted.ToUnified() });
    }

    protected override bool IsSame(WassistMessage message) => (message.Text ?? "") == _text && message.Media.Count > 0 == wanted.MediaUrl is not null;

    /// <summary>What is read of it when Wassist gives it back.</summary>
    private static string ReadBack(MessageBody message)
    {
        var unified = message.ToUnified();
        unified["body"] = unified["text"]?.DeepClone(); // the name it is given back with
        unified.Remove("text");
        var sent = new JsonObject { ["unified"] = unified };
        return TolerantJson.Read(System.Text.Encoding.UTF8.GetBytes(sent.ToJsonString()), MessageParser.Read).Read.Text ?? "";
    }
}

/// <summary>A template, which WhatsApp allows at any time.</summary>
public sealed class TemplatePlan(Guid conversationId, TemplateBody template, ConversationReader reader, WassistDirectory directory)
    : MessagePlan(ConversationAction.SendTemplate, conversationId, template.ToContent(), reader)
{
    protected override async Task<JsonObject> BuildAsync(WassistConversation conversation, CancellationToken cancellationToken)
    {
        if (conversation.IsSandbox ?? conversation.Routing is Routing.Sandbox)
            throw new ProblemException(TemplateMessage.NotFromSandbox());
        return await TemplateMessage.BuildAsync(template, conversation.BusinessPhoneNumber, directory, cancellationToken);
    }

    /// <summary>Wassist gives back the name and the values, in an order of its own.</summary>
    protected override bool IsSame(WassistMessage message)
    {
        var values = template.Values.Values.Where(value => value.Length > 0).ToList();
        var expected = values.Count == 0 ? template.Name! : $"{template.Name} ({string.Join(", ", values)})";
        return message.Text is { } text && text.Length == expected.Length
            && text.StartsWith(template.Name!, StringComparison.Ordinal) && values.All(value => text.Contains(value, StringComparison.Ordinal));
    }
}

/// <summary>A template as Wassist takes it.</summary>
public static class TemplateMessage
{
    /// <exception cref="ProblemException"><c>template_not_found</c>, or <c>invalid_parameter</c> with every value that is missing or too much.</exception>
    public static async Task<JsonObject> BuildAsync(TemplateBody wanted, string? businessPhoneNumber, WassistDirectory directory, CancellationToken cancellationToken)
    {
        var template = await directory.GetTemplateAsync(wanted.Name!, businessPhoneNumber, cancellationToken);
        var fields = TemplateField.Of(template);
        var faults = fields.Where(field => !wanted.Values.ContainsKey(field.Name))
            .Select(field => Catalogue.InvalidParameter($"values.{field.Name}", $"'values.{field.Name}' is missing: the template needs it for {field.Place}."))
            .Concat(Catalogue.UnknownNames(wanted.Values.Keys.Except(fields.Select(field => field.Name)), [.. fields.Select(field => field.Name)]))
            .ToList();
        if (faults.Count > 0)
            throw new ProblemException(Catalogue.InvalidRequest(faults));
        return new JsonObject { ["type"] = "template", ["template"] = new JsonObject { ["name"] = wanted.Name, ["variables"] = TemplateField.Fill(template, wanted.Values) } };
    }

    public static Problem NotFromSandbox() => Catalogue.InvalidRequest([Catalogue.InvalidParameter(
        "templateName", "'templateName' cannot be sent here: the number is Wassist's shared sandbox number, which takes no templates. Use a number of your own.")]);
}

/// <summary>What was there before, by Wassist's clock. Pure.</summary>
public static class Baseline
{
    /// <summary>How far the clocks of this app and of Wassist may be apart.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(10);

    /// <summary>The moment of the last message that was there when Wassist was asked.</summary>
    public static DateTimeOffset Of(Retrieved<WassistConversation> conversation) => conversation.Value.LastMessage switch
    {
        null => DateTimeOffset.MinValue,
        { CreatedAt: { } at } => at + Step(at),
        _ => conversation.AskedAt - Skew,
    };

    /// <summary>The same message may be listed with a more exact time than the conversation gives it.</summary>
    private static TimeSpan Step(DateTimeOffset at) => at.Ticks % TimeSpan.TicksPerSecond == 0 ? TimeSpan.FromSeconds(1) : TimeSpan.FromMilliseconds(1);
}
