using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using ConversationLookup.Conversations;
using ConversationLookup.Json;

namespace ConversationLookup.Actions;

/// <summary>A message that was sent.</summary>
public sealed record SentMessage : ConversationMessage
{
    /// <summary>Wassist answered with the message.</summary>
    public const string ByAnswer = "answer";

    /// <summary>Wassist's answer was lost, and the message was found in the conversation.</summary>
    public const string ByReading = "reading";

    [SetsRequiredMembers]
    public SentMessage(ConversationMessage message, string conversationId, string confirmedBy)
        : base(message) => (ConversationId, ConfirmedBy) = (conversationId, confirmedBy);

    /// <summary>The conversation's UUID.</summary>
    public required string ConversationId { get; init; }

    /// <summary>How it is known that it was sent: <c>answer</c> or <c>reading</c>.</summary>
    public required string ConfirmedBy { get; init; }
}

/// <summary>What actions answer, beside summaries.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(SentMessage))]
[JsonSerializable(typeof(AgentList))]
[JsonSerializable(typeof(BusinessNumberList))]
[JsonSerializable(typeof(TemplateList))]
public sealed partial class ActionJson : JsonSerializerContext
{
    public static ActionJson Payload { get; } = new(PayloadJson.Options());
}
