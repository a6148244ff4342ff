using ConversationLookup.Wassist;

namespace ConversationLookup.Conversations;

/// <summary>What was written in a conversation: the newest messages, or older ones on further pages; within a page the oldest first.</summary>
/// <remarks>Names and types are a contract with every published flow: between releases none disappears or changes type.</remarks>
public sealed record MessagePage
{
    /// <summary>The conversation's UUID.</summary>
    public required string ConversationId { get; init; }

    /// <summary>The messages, the oldest first.</summary>
    public required IReadOnlyList<ConversationMessage> Items { get; init; }

    /// <summary>How many messages this page has.</summary>
    public required int Count { get; init; }

    /// <summary>Whether there are older messages.</summary>
    public required bool HasMore { get; init; }

    /// <summary>The <c>offset</c> of the next, older page.</summary>
    public required int NextOffset { get; init; }

    /// <summary>The messages as one text for an AI step: a line for each, <c>[2026-11-21 18:04] Amara Osei: Hello</c>, in UTC.</summary>
    public required string Transcript { get; init; }

    /// <param name="page">What Wassist answered for its messages.</param>
    /// <param name="conversation">The conversation, for the names in the transcript.</param>
    public static MessagePage From(WassistPage<WassistMessage> page, WassistConversation conversation)
    {
        var messages = OldestFirst(page.Items);
        return new MessagePage
        {
            ConversationId = conversation.Id.ToString("D"),
            Items = [.. messages.Select(ConversationMessage.From)],
            Count = messages.Count,
            HasMore = page.HasMore,
            NextOffset = page.NextOffset,
            Transcript = Conversations.Transcript.Write(messages, conversation),
        };
    }

    /// <summary>
    /// Wassist gives the newest first. Times decide, should it ever do otherwise; a message without one stays beside its neighbour.
    /// </summary>
    private static List<WassistMessage> OldestFirst(IReadOnlyList<WassistMessage> messages)
    {
        var times = messages.Select(message => message.CreatedAt).OfType<DateTimeOffset>().ToList();
        var risesAlready = times.Count > 1 && times[0] < times[^1];
        var before = DateTimeOffset.MinValue;
        return [.. (risesAlready ? messages : messages.Reverse())
            .Select(message => (Message: message, At: before = message.CreatedAt ?? before))
            .ToList()
            .OrderBy(message => message.At)
            .Select(message => message.Message)];
    }
}

/// <summary>One message: every property always there, never null; only <c>createdAt</c> is left out when unknown.</summary>
public record ConversationMessage
{
    /// <summary>Wassist's id of it.</summary>
    public required string Id { get; init; }

    /// <summary>Who sent it: <c>user</c>, <c>assistant</c> or <c>system</c>.</summary>
    public required string Role { get; init; }

    /// <summary>Its kind: <c>text</c>, <c>image</c>, <c>cta_button</c>, <c>list_selection</c>, <c>template</c>, <c>unified</c>, <c>quick_reply</c> and others.</summary>
    public required string Type { get; init; }

    /// <summary>What a person reads of it: its text or caption, buttons in brackets, a template's name and values; <c>""</c> for none.</summary>
    public required string Text { get; init; }

    /// <summary>Where its first picture, recording or file is; <c>""</c> for none.</summary>
    public required string MediaUrl { get; init; }

    /// <summary>The MIME type of that, <c>image/*</c> where Wassist says only that it is a picture.</summary>
    public required string MediaType { get; init; }

    /// <summary>All of its pictures, recordings and files, the first included.</summary>
    public required IReadOnlyList<Media> Media { get; init; }

    /// <summary>The id of the message that it answers; <c>""</c> for none.</summary>
    public required string ReplyTo { get; init; }

    /// <summary>How far it got: <c>sent</c>, <c>delivered</c>, <c>read</c>, <c>failed</c>; <c>""</c> for a contact's message.</summary>
    public required string Status { get; init; }

    /// <summary>When it was sent.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    public static ConversationMessage From(WassistMessage read) => new()
    {
        Id = read.Id ?? "",
        Role = read.Role ?? "",
        Type = read.Type ?? "",
        Text = read.Text ?? "",
        MediaUrl = read.Media is [var first, ..] ? first.Url : "",
        MediaType = read.Media is [{ Type: var type }, ..] ? type : "",
        Media = read.Media,
        ReplyTo = read.ReplyTo ?? "",
        Status = read.Status ?? "",
        CreatedAt = read.CreatedAt,
    };
}
