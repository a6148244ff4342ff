using System.Collections.Concurrent;
using ConversationLookup.Redis;
using ConversationLookup.Values;
using ConversationLookup.Wassist;

namespace ConversationLookup.Conversations;

/// <summary>
/// Which conversations this app itself has changed, and when: what Wassist was asked before is then no answer any more. Where there is a
/// Redis, all instances hear of it.
/// </summary>
public sealed class ChangedConversations
{
    /// <summary>Longer than any answer is kept.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _changed = new();
    private readonly SharedState _shared;
    private readonly TimeProvider _time;
    private readonly string _channel;
    private long _lastChange;

    public ChangedConversations(SharedState shared, WassistAccount account, TimeProvider time)
    {
        (_shared, _time, _channel) = (shared, time, $"conversation-lookup:{account.Name}:changed");
        shared.Listen(_channel, text =>
        {
            if (Uuids.TryParse(text, out var id))
                Note(id);
        });
    }

    /// <summary>When a conversation was changed; the beginning of time for one that was not.</summary>
    public DateTimeOffset LastChangeOf(Guid id) => _changed.TryGetValue(id, out var changedAt) ? changedAt : default;

    /// <summary>When any was.</summary>
    public DateTimeOffset LastChange => new(Interlocked.Read(ref _lastChange), TimeSpan.Zero);

    /// <summary>A conversation was changed just now.</summary>
    public async ValueTask NoteAsync(Guid id, CancellationToken cancellationToken)
    {
        Note(id);
        await _shared.PublishAsync(_channel, id.ToString("D"), cancellationToken);
    }

    private void Note(Guid id)
    {
        var now = _time.GetUtcNow();
        Interlocked.Exchange(ref _lastChange, now.UtcTicks);
        _changed[id] = now;
        foreach (var (old, changedAt) in _changed)
        {
            if (now - changedAt > Remembered)
                _changed.TryRemove(KeyValuePair.Create(old, changedAt));
        }
    }
}
