using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Values;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>What a caller may do to the sample's conversations, refused where the real Wassist refuses it.</summary>
public sealed class SampleActions(SampleState state, SentMessages sent, TimeProvider time)
{
    /// <summary>From a prompt to what the agent says.</summary>
    public static readonly TimeSpan Thinking = TimeSpan.FromSeconds(2);

    private const int LongestTakeover = 60 * 24 * 365; // the real one's limit, if it has one, is not published

    private const string WindowClosed = "The 24-hour reply window is closed. Send a template.";

    /// <param name="conversations">The routes below <c>conversations</c>.</param>
    public void Map(RouteGroupBuilder conversations)
    {
        conversations.MapPost("/", (HttpRequest request) => WithAsync<SampleStartRequest>(request, wanted => Start(wanted, KeyOf(request))));
        conversations.MapPost("/{id}/messages/", (string id, HttpRequest request) =>
            OnAsync<SampleMessageRequest>(id, request, (found, wanted) => Send(found, wanted, KeyOf(request))));
        conversations.MapPost("/{id}/prompt/", (string id, HttpRequest request) => OnAsync<SamplePromptRequest>(id, request, Prompt));
        conversations.MapPost("/{id}/takeover/", (string id, HttpRequest request) => OnAsync<SampleTakeoverRequest>(id, request, TakeOver));
        conversations.MapPost("/{id}/handback/", (string id) => On(id, found => state.TakeOver(found, TimeSpan.Zero)));
        conversations.MapPost("/{id}/read/", (string id) => On(id, state.MarkRead));
        conversations.MapPost("/{id}/typing/", (string id) => On(id, state.MarkRead)); // whoever types has read
    }

    private static async Task<IResult> WithAsync<T>(HttpRequest request, Func<T, IResult> answer)
    {
        try
        {
            return answer(await SampleRequests.ReadAsync<T>(request));
        }
        catch (JsonException exception)
        {
            return SampleAnswers.Detail(400, $"JSON parse error - {exception.Message}");
        }
    }

    private async Task<IResult> OnAsync<T>(string id, HttpRequest request, Func<SampleConversation, T, IResult> answer) => state.Find(id) is { } found
        ? await WithAsync<T>(request, wanted => answer(found, wanted))
        : SampleAnswers.NoConversation();

    private IResult On(string id, Action<SampleConversation> change)
    {
        if (state.Find(id) is not { } found)
            return SampleAnswers.NoConversation();
        change(found);
        return Results.Json(state.Now(found).Body);
    }

    private IResult Start(SampleStartRequest wanted, string? key)
    {
        if (PhoneNumbers.ToE164(wanted.ToNumber ?? "") is not { } contact)
            return SampleAnswers.Detail(400, "toNumber: Enter a valid phone number.");
        var number = wanted.FromNumber is { } from
            ? SampleAccount.Numbers.FirstOrDefault(number => number.Digits == PhoneNumbers.ToE164(from)?[1..])
            : SampleAccount.Numbers[0];
        if (number is null)
            return SampleAnswers.Detail(400, "fromNumber: The organization has no such number.");
        var agent = SampleAccount.Agents.FirstOrDefault(agent => agent.Id == wanted.AgentId);
        if (agent is null && wanted.AgentId is not null)
            return SampleAnswers.Detail(400, "agentId: The organization has no such agent.");
        if (agent is not null && number.IsSandbox)
            return SampleAnswers.Detail(400, "agentId: Who answers the sandbox number cannot be changed.");
        if (wanted.Message is { Type: not "template" })
            return SampleAnswers.Detail(400, "message: A conversation starts with a template.");
        if (wanted.Message?.FaultFrom(number) is { } fault)
            return SampleAnswers.Detail(400, fault);

        var conversation = state.FindOrStart(contact[1..], number);
        if (agent is not null)
            state.Route(conversation, SampleRouting.To(agent));
        if (wanted.Message is { } message)
            Write(conversation, message, key);
        return Results.Json(state.Now(conversation).Body, statusCode: 201);
    }

    private IResult Send(SampleConversation conversation, SampleMessageRequest wanted, string? key)
    {
        var now = state.Now(conversation);
        var fault = wanted.FaultFrom(now.Number) ?? (wanted.Type == "unified" && !now.IsOpen ? WindowClosed : null);
        return fault is null
            ? Results.Json(Write(conversation, wanted, key).AsOf(time.GetUtcNow()), statusCode: 201)
            : SampleAnswers.Detail(400, fault);
    }

    /// <summary>What a prompt is answered is not published: here it is nothing that a caller could take for a conversation or a message.</summary>
    private IResult Prompt(SampleConversation conversation, SamplePromptRequest wanted)
    {
        var now = state.Now(conversation);
        if (string.IsNullOrWhiteSpace(wanted.Prompt))
            return SampleAnswers.Detail(400, "prompt: This field may not be blank.");
        if (!now.HasAgent)
            return SampleAnswers.Detail(400, "The conversation has no active agent.");
        if (!now.IsOpen)
            return SampleAnswers.Detail(400, WindowClosed);
        state.Send(conversation, SampleMessages.Answered(wanted.Prompt, time.GetUtcNow() + Thinking));
        return Results.Json(new JsonObject { ["success"] = true });
    }

    /// <summary>Its answer calls the agent by another name than every other conversation does.</summary>
    private IResult TakeOver(SampleConversation conversation, SampleTakeoverRequest wanted)
    {
        if (wanted.DurationMinutes is < 1 or > LongestTakeover)
            return SampleAnswers.Detail(400, $"durationMinutes: Ensure this value is between 1 and {LongestTakeover}.");
        state.TakeOver(conversation, TimeSpan.FromMinutes(wanted.DurationMinutes));
        var body = state.Now(conversation).Body.AsObject();
        body.Remove("activeAgent", out var agent);
        body["agent"] = agent;
        return Results.Json(body);
    }

    private SampleMessage Write(SampleConversation conversation, SampleMessageRequest wanted, string? key)
    {
        var message = wanted.Template is { } template && wanted.Type == "template"
            ? SampleMessages.Sent(template, time.GetUtcNow())
            : SampleMessages.Sent(wanted.Unified!, time.GetUtcNow());
        state.Send(conversation, message);
        sent.Add(new SentMessage(conversation.Id, message.Id, message.Text, wanted.Type == "template" ? wanted.Template!.Name : null, key));
        return message;
    }

    private static string? KeyOf(HttpRequest request) => request.Headers["Idempotency-Key"] is [{ } key] ? key : null;
}
