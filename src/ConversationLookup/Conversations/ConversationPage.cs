using ConversationLookup.Wassist;

namespace ConversationLookup.Conversations;

/// <summary>Conversations that fit, the one with the newest message first.</summary>
/// <remarks>Names and types are a contract with every published flow: between releases none disappears or changes type.</remarks>
public sealed record ConversationPage
{
    /// <summary>The conversations of this page.</summary>
    public required IReadOnlyList<ConversationSummary> Items { get; init; }

    /// <summary>How many conversations this page has.</summary>
    public required int Count { get; init; }

    /// <summary>How many fit in all, as Wassist counts; at least so many, where it does not say and this is not the last page.</summary>
    public required int Total { get; init; }

    /// <summary>Whether there is a next page.</summary>
    public required bool HasMore { get; init; }

    /// <summary>The <c>offset</c> of the next page.</summary>
    public required int NextOffset { get; init; }

    /// <param name="retrieved">What Wassist answered.</param>
    /// <param name="now">The moment of the answer.</param>
    public static ConversationPage From(Retrieved<WassistPage<WassistConversation>> retrieved, DateTimeOffset now)
    {
        var page = retrieved.Value;
        return new ConversationPage
        {
            Items = [.. page.Items.Select(item => ConversationProjection.Summarize(item, retrieved.RetrievedAt, now))],
            Count = page.Items.Count,
            Total = page.Total,
            HasMore = page.HasMore,
            NextOffset = page.NextOffset,
        };
    }
}
