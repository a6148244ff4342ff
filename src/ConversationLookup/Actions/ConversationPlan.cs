using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Conversations;
using ConversationLookup.Json;
using ConversationLookup.Problems;
using ConversationLookup.Wassist;

namespace ConversationLookup.Actions;

/// <summary>Something that is done to a conversation itself, and answered with it.</summary>
/// <param name="route">The last part of its path at Wassist.</param>
public sealed class ConversationPlan(
    ConversationAction action, Guid conversationId, string route, JsonObject body, ConversationReader reader, TimeProvider time)
    : ActionPlan(action, conversationId, body)
{
    private readonly JsonObject _body = body;

    /// <summary>What a conversation shows once it is done; null for what none shows.</summary>
    private bool? IsHumanTakeover => Action switch
    {
        ConversationAction.TakeOver => true,
        ConversationAction.HandBack => false,
        _ => null,
    };

    public override string Advice => Action is ConversationAction.PromptAgent
        ? "The prompt may have reached the agent, and Wassist's answer was lost. Look at the conversation in Wassist. If the agent did not react, prompt it again with a new idempotency key."
        : "It may have been done, and Wassist's answer was lost. Look the conversation up. To do it again is harmless; use a new idempotency key.";

    public override Task<PreparedAction> PrepareAsync(string idempotencyKey, CancellationToken cancellationToken) => Task.FromResult(
        new PreparedAction(new WassistPost(Action.ToOperation(), $"conversations/{conversationId:D}/{route}/", (JsonObject)_body.DeepClone(), idempotencyKey), time.GetUtcNow()));

    /// <summary>The conversation as a lookup gives it: Wassist's own answer to some of these has other fields. It is done, whatever the lookup says.</summary>
    public override async Task<ActionAnswer?> ReadAnswerAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var answered = TolerantJson.Read(body, ConversationParser.Read).Read;
        if (IsHumanTakeover is null && answered is { ReplyWindowSeconds: not null } && answered.Id == conversationId)
            return Answer(new Retrieved<WassistConversation>(answered, time.GetUtcNow(), time.GetUtcNow()));
        try
        {
            return Answer(await reader.GetAsync(conversationId, fresh: true, cancellationToken));
        }
        catch (Exception exception) when (exception is ProblemException or OperationCanceledException)
        {
            var known = answered?.Id == conversationId ? answered : new WassistConversation(conversationId);
            return Answer(new Retrieved<WassistConversation>(known with { IsHumanTakeover = IsHumanTakeover ?? known.IsHumanTakeover }, time.GetUtcNow(), time.GetUtcNow()));
        }
    }

    public override async Task<ActionAnswer?> FindAsync(DateTimeOffset since, Func<CancellationToken, Task<OtherActions>> others, CancellationToken cancellationToken)
    {
        if (IsHumanTakeover is null)
            return null;
        var conversation = await reader.GetAsync(conversationId, fresh: true, cancellationToken);
        return conversation.Value.IsHumanTakeover == IsHumanTakeover ? Answer(conversation) : null;
    }

    private ActionAnswer Answer(Retrieved<WassistConversation> conversation) => new(ConversationAnswer.Write(conversation, time.GetUtcNow()), conversationId);
}

/// <summary>A conversation that is started by the business.</summary>
public sealed class StartPlan(
    string toPhoneNumber, string? fromPhoneNumber, Guid? agentId, TemplateBody template, ConversationReader reader, WassistDirectory directory, TimeProvider time)
    : ActionPlan(ConversationAction.StartConversation, null, Content(toPhoneNumber, fromPhoneNumber, agentId, template))
{
    private const int Looked = 20;

    public override int Status => 201;

    public override string Advice =>
        "The conversation may have been started, and Wassist's answer was lost. Find the conversations of this number. If there is none with the template, start it again with a new idempotency key. Starting it again at once could send the template twice.";

    public override async Task<PreparedAction> PrepareAsync(string idempotencyKey, CancellationToken cancellationToken)
    {
        var body = Content(toPhoneNumber, fromPhoneNumber, agentId, null);
        if (template.Name is not null)
        {
            if (await directory.FindNumberAsync(fromPhoneNumber, cancellationToken) is { IsSandbox: true })
                throw new ProblemException(TemplateMessage.NotFromSandbox());
            body["message"] = await TemplateMessage.BuildAsync(template, fromPhoneNumber, directory, cancellationToken);
        }

        var before = await ListAsync(cancellationToken);
        return new PreparedAction(
            new WassistPost(Action.ToOperation(), "conversations/", body, idempotencyKey),
            before.Select(Baseline.Of).DefaultIfEmpty(DateTimeOffset.MinValue).Max());
    }

    public override Task<ActionAnswer?> ReadAnswerAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var started = TolerantJson.Read(body, ConversationParser.Read).Read;
        return Task.FromResult(started is null ? null : Answer(new Retrieved<WassistConversation>(started, time.GetUtcNow(), time.GetUtcNow())));
    }

    public override async Task<ActionAnswer?> FindAsync(DateTimeOffset since, Func<CancellationToken, Task<OtherActions>> others, CancellationToken cancellationToken)
    {
        var found = (await ListAsync(cancellationToken)).FirstOrDefault(conversation =>
            template.Name is null || (conversation.Value.LastMessage is { Role: not "user" } last && last.CreatedAt > since));
        // A conversation does not say which of two wrote.
        return found is null || await others(cancellationToken) is not { Open: 0, MessageIds.Count: 0 } ? null : Answer(found);
    }

    private async Task<IReadOnlyList<Retrieved<WassistConversation>>> ListAsync(CancellationToken cancellationToken)
    {
        var filter = new ConversationFilter(toPhoneNumber, fromPhoneNumber, null, null, null, null, null, new Paging(Looked, 0));
        var page = await reader.ListAsync(filter, fresh: true, cancellationToken);
        return [.. page.Value.Items
            .Where(conversation => conversation.ContactPhoneNumber == toPhoneNumber && (fromPhoneNumber is null || conversation.BusinessPhoneNumber == fromPhoneNumber))
            .Select(conversation => new Retrieved<WassistConversation>(conversation, page.AskedAt, page.RetrievedAt))];
    }

    private ActionAnswer Answer(Retrieved<WassistConversation> conversation) =>
        new(ConversationAnswer.Write(conversation, time.GetUtcNow()), conversation.Value.Id, conversation.Value.Id.ToString("D"));

    private static JsonObject Content(string toPhoneNumber, string? fromPhoneNumber, Guid? agentId, TemplateBody? template)
    {
        var content = new JsonObject { ["toNumber"] = toPhoneNumber };
        if (fromPhoneNumber is not null)
            content["fromNumber"] = fromPhoneNumber;
        if (agentId is not null)
            content["agentId"] = agentId.Value.ToString("D");
        if (template is not null)
            content["template"] = template.ToContent();
        return content;
    }
}

/// <summary>The conversation that an action answers.</summary>
public static class ConversationAnswer
{
    public static string Write(Retrieved<WassistConversation> conversation, DateTimeOffset now) => JsonSerializer.Serialize(
        ConversationProjection.Summarize(conversation.Value, conversation.RetrievedAt, now), ConversationJson.Payload.ConversationSummary);
}
