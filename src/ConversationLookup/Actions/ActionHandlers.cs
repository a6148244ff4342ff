using System.Text;
using System.Text.Json.Nodes;
using ConversationLookup.Conversations;
using ConversationLookup.Http;
using ConversationLookup.Problems;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Actions;

/// <summary>The HTTP side of actions, the same for every host. Nothing is sent that the operator did not allow.</summary>
public sealed class ActionHandlers(
    ActionPolicy policy, ActionRunner runner, ConversationReader reader, WassistDirectory directory, RequestBodies bodies, ProblemBoundary boundary, TimeProvider time)
{
    /// <summary>In bytes: the longest prompt, with every character escaped.</summary>
    private const int LargestBody = 64 * 1024;

    private const int LongestPrompt = 4000;

    private const int DefaultMinutes = 10; // Wassist's own

    private const int MostMinutes = 7 * 24 * 60;

    /// <summary><c>POST conversations/{id}/messages</c> with a <see cref="MessageBody"/>: 200 with a <see cref="SentMessage"/>, or a problem. Never throws.</summary>
    /// <param name="request">Its body and, as for every action, the headers of <see cref="IdempotencyKey"/> are read.</param>
    /// <param name="id">The route value, as the caller wrote it.</param>
    public Task<IResult> SendMessageAsync(HttpRequest request, string id, CancellationToken cancellationToken) => AnswerAsync(
        ConversationAction.SendMessage, request, id, (id, body) => new TextPlan(id, MessageBody.Read(body), reader), cancellationToken);

    /// <summary><c>POST conversations/{id}/template</c> with a <see cref="TemplateBody"/>: 200 with a <see cref="SentMessage"/>, or a problem. Never throws.</summary>
    public Task<IResult> SendTemplateAsync(HttpRequest request, string id, CancellationToken cancellationToken) => AnswerAsync(
        ConversationAction.SendTemplate, request, id, (id, body) => new TemplatePlan(id, TemplateBody.Read(body, isRequired: true), reader, directory), cancellationToken);

    /// <summary><c>POST conversations/{id}/prompt</c> with <c>{ prompt }</c>: 200 with a <see cref="ConversationSummary"/>, or a problem. Never throws.</summary>
    public Task<IResult> PromptAgentAsync(HttpRequest request, string id, CancellationToken cancellationToken) => AnswerAsync(
        ConversationAction.PromptAgent, request, id, (id, body) => Plan(ConversationAction.PromptAgent, id, "prompt", new JsonObject { ["prompt"] = body.Text("prompt", LongestPrompt, isRequired: true) }), cancellationToken);

    /// <summary><c>POST conversations/{id}/takeover</c> with <c>{ minutes? }</c>: 200 with a <see cref="ConversationSummary"/>, or a problem. Never throws.</summary>
    public Task<IResult> TakeOverAsync(HttpRequest request, string id, CancellationToken cancellationToken) => AnswerAsync(
        ConversationAction.TakeOver, request, id, (id, body) => Plan(ConversationAction.TakeOver, id, "takeover", new JsonObject { ["durationMinutes"] = body.WholeNumber("minutes", DefaultMinutes, 1, MostMinutes) }), cancellationToken);

    /// <summary><c>POST conversations/{id}/handback</c>: 200 with a <see cref="ConversationSummary"/>, or a problem. Never throws.</summary>
    public Task<IResult> HandBackAsync(HttpRequest request, string id, CancellationToken cancellationToken) => AnswerAsync(
        ConversationAction.HandBack, request, id, (id, _) => Plan(ConversationAction.HandBack, id, "handback", []), cancellationToken);

    /// <summary><c>POST conversations/{id}/read</c>: 200 with a <see cref="ConversationSummary"/>, or a problem. Never throws.</summary>
    public Task<IResult> MarkReadAsync(HttpRequest request, string id, CancellationToken cancellationToken) => AnswerAsync(
        ConversationAction.MarkRead, request, id, (id, _) => Plan(ConversationAction.MarkRead, id, "read", []), cancellationToken);

    /// <summary><c>POST conversations/{id}/typing</c>: 200 with a <see cref="ConversationSummary"/>, or a problem. Never throws.</summary>
    public Task<IResult> ShowTypingAsync(HttpRequest request, string id, CancellationToken cancellationToken) => AnswerAsync(
        ConversationAction.ShowTyping, request, id, (id, _) => Plan(ConversationAction.ShowTyping, id, "typing", []), cancellationToken);

    /// <summary>
    /// <c>POST conversations</c> with <c>{ toPhoneNumber, fromPhoneNumber?, agentId?, templateName?, values? }</c>: 201 with a
    /// <see cref="ConversationSummary"/>, or a problem. Never throws.
    /// </summary>
    public Task<IResult> StartConversationAsync(HttpRequest request, CancellationToken cancellationToken) => AnswerAsync(
        ConversationAction.StartConversation, request, null, (_, body) => ReadStart(body), cancellationToken);

    private StartPlan ReadStart(BodyProperties body) => new(
        body.PhoneNumber("toPhoneNumber", isRequired: true) ?? "",
        body.PhoneNumber("fromPhoneNumber"),
        body.AgentId("agentId"),
        TemplateBody.Read(body, isRequired: false),
        reader,
        directory,
        time);

    private ConversationPlan Plan(ConversationAction action, Guid id, string route, JsonObject body) => new(action, id, route, body, reader, time);

    private Task<IResult> AnswerAsync(
        ConversationAction action, HttpRequest request, string? id, Func<Guid, BodyProperties, ActionPlan> read, CancellationToken cancellationToken) => boundary.AnswerAsync(
        action.ToOperation(),
        request,
        async cancellationToken =>
        {
            policy.Require(action);
            var (plan, key) = await ReadAsync(request, id, read, cancellationToken);
            var answer = await runner.RunAsync(plan, key, cancellationToken);
            return new JsonResult(plan.Status, Encoding.UTF8.GetBytes(answer.Json), null);
        },
        cancellationToken,
        readsQuery: true);

    private async Task<(ActionPlan Plan, string? Key)> ReadAsync(
        HttpRequest request, string? id, Func<Guid, BodyProperties, ActionPlan> read, CancellationToken cancellationToken)
    {
        var faults = new List<Fault>();
        Guid conversationId = default;
        if (id is not null)
            conversationId = RouteValues.ConversationId(id, faults);
        new QueryParameters(request.Query, faults).RefuseOthers();
        using var body = (await bodies.ReadAsync(request, LargestBody, cancellationToken)).Require();
        return BodyProperties.Read(body.Memory, properties => (read(conversationId, properties), IdempotencyKey.Read(request.Headers, properties)), faults);
    }
}
