using ConversationLookup.Wassist;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Conversations;

/// <summary>
/// Conversations, through <see cref="AnswerCache"/>. It throws what <see cref="WassistClient"/> throws.
/// </summary>
public sealed class ConversationReader(
    AnswerCache cache, WassistClient wassist, ChangedConversations changed, TimeProvider time, IOptions<LookupOptions> options)
{
    /// <summary>Events wait for minutes, and an answer serves all that came before it. In seconds.</summary>
    private const int KeptForEvents = 120;

    /// <summary>The least time between two calls for events of one conversation, so that a burst of them is a call every two seconds.</summary>
    private static readonly TimeSpan EventSpacing = TimeSpan.FromSeconds(2);

    private readonly Keeping _forCallers = new(options.Value.CacheSeconds);
    private readonly Keeping _forEvents = new(KeptForEvents);

    /// <summary>One conversation.</summary>
    /// <param name="fresh">Whether an answer kept from before will not do; one that is under way will.</param>
    public ValueTask<Retrieved<WassistConversation>> GetAsync(Guid id, bool fresh, CancellationToken cancellationToken) =>
        cache.ShareAsync(
            "conversation",
            $"conversation:{id:D}",
            cancellationToken => wassist.GetConversationAsync(id, null, cancellationToken),
            _forCallers,
            fresh,
            changed.LastChangeOf(id),
            cancellationToken);

    /// <summary>A list of conversations.</summary>
    public ValueTask<Retrieved<WassistPage<WassistConversation>>> ListAsync(ConversationFilter filter, bool fresh, CancellationToken cancellationToken) =>
        cache.ShareAsync(
            "conversations",
            $"conversations:{filter.ToQueryString()}:{filter.Paging.Limit}",
            cancellationToken => wassist.ListConversationsAsync(filter, cancellationToken),
            _forCallers,
            fresh,
            changed.LastChange,
            cancellationToken);

    /// <summary>Messages of one conversation.</summary>
    public ValueTask<Retrieved<WassistPage<WassistMessage>>> ListMessagesAsync(Guid id, Paging paging, bool fresh, CancellationToken cancellationToken) =>
        cache.ShareAsync(
            "messages",
            $"messages:{id:D}:{paging.Limit}:{paging.Offset}",
            cancellationToken => wassist.ListMessagesAsync(id, paging, cancellationToken),
            _forCallers,
            fresh,
            changed.LastChangeOf(id),
            cancellationToken);

    /// <summary>One conversation, in an answer that knows of everything up to a moment: Wassist was asked after it.</summary>
    /// <param name="moment">When the event arrived that asks.</param>
    /// <param name="waitsUntil">Until when it waits for its turn.</param>
    public async ValueTask<Retrieved<WassistConversation>> GetAskedSinceAsync(
        Guid id, DateTimeOffset moment, DateTimeOffset waitsUntil, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (moment > now)
            moment = now; // the instance that received the event has another clock

        var key = $"event-conversation:{id:D}";
        var known = await cache.ShareAsync(
            "conversation", key, cancellationToken => wassist.GetConversationAsync(id, waitsUntil, cancellationToken), _forEvents, fresh: false, since: default, cancellationToken);
        while (known.AskedAt < moment) // once, or twice after joining a call that had begun before
        {
            var (newer, notBefore) = (known.AskedAt.AddTicks(1), known.AskedAt + EventSpacing);
            known = await cache.ShareAsync(
                "conversation", key, cancellationToken => GetNotBeforeAsync(id, notBefore, waitsUntil, cancellationToken), _forEvents, fresh: false, since: newer, cancellationToken);
        }

        return known;
    }

    private async Task<Retrieved<WassistConversation>> GetNotBeforeAsync(Guid id, DateTimeOffset moment, DateTimeOffset waitsUntil, CancellationToken cancellationToken)
    {
        var wait = moment - time.GetUtcNow();
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellationToken);
        return await wassist.GetConversationAsync(id, waitsUntil, cancellationToken);
    }
}
