using System.Text.Json;
using ConversationLookup.Actions;
using ConversationLookup.Definition;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol.Protocol;

namespace ConversationLookup.Agents;

/// <summary>An operation of the connector as an agent calls it: one name for each argument, and a description that says when to use it.</summary>
public sealed class AgentTool
{
    private readonly DefinedOperation _operation;
    private readonly Func<HttpRequest, CancellationToken, Task<IResult>> _handle;

    /// <param name="operation">What is done.</param>
    /// <param name="description">When to use it, for a model.</param>
    /// <param name="hints">What a client may know before it asks a person for permission.</param>
    /// <param name="handle">The route's handler.</param>
    /// <param name="action">What the operator must have allowed; null for what only reads.</param>
    public AgentTool(
        DefinedOperation operation, string description, ToolAnnotations hints, Func<HttpRequest, CancellationToken, Task<IResult>> handle, ConversationAction? action = null)
    {
        (_operation, _handle, Action) = (operation, handle, action);
        var input = ToolSchema.OfArguments(operation);
        Arguments = [.. input["properties"]!.AsObject().Select(property => property.Key)];
        Description = new Tool
        {
            Name = operation.Name,
            Title = operation.Summary,
            Description = description,
            InputSchema = JsonElement.Parse(input.ToJsonString()),
            OutputSchema = operation.Payload is { } payload ? JsonElement.Parse(payload.ToJsonString()) : null,
            Annotations = hints,
        };
    }

    /// <summary>What a client is told of it.</summary>
    public Tool Description { get; }

    /// <summary>The names it takes.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>What the operator must have allowed; null for what only reads.</summary>
    public ConversationAction? Action { get; }

    /// <summary>Does what the route does that has this operation, and answers what it answers.</summary>
    /// <param name="arguments">Their names are known.</param>
    public async Task<InnerAnswer> CallAsync(IDictionary<string, JsonElement> arguments, CancellationToken cancellationToken)
    {
        var request = InnerRequest.For(_operation, arguments, cancellationToken);
        var result = await _handle(request, cancellationToken);
        return await InnerAnswer.ReadAsync(result, request.HttpContext);
    }
}
