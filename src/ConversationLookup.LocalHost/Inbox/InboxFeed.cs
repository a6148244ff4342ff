using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace ConversationLookup.LocalHost.Inbox;

/// <summary>The last notifications that the inbox was told, in the order they came.</summary>
public sealed class InboxFeed
{
    private const int Kept = 100;

    private readonly Lock _lock = new();
    private readonly Queue<SseItem<string>> _items = new();
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _last = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(); // higher than the last run's: a page may outlive one

    /// <param name="json">One line of JSON.</param>
    public void Add(string json)
    {
        lock (_lock)
        {
            _items.Enqueue(new SseItem<string>(json) { EventId = (++_last).ToString(System.Globalization.CultureInfo.InvariantCulture) });
            if (_items.Count > Kept)
                _items.Dequeue();
            _more.SetResult();
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>What is kept and came after a place, and then everything as it comes.</summary>
    /// <param name="after">The id of the last event that the page has; 0 for none.</param>
    /// <param name="cancellationToken">Ends when the page is closed or the host stops.</param>
    public async IAsyncEnumerable<SseItem<string>> ReadAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new SseItem<string>("", "ready"); // a stream that has nothing to say yet would look to the page as if nobody answered
        while (!cancellationToken.IsCancellationRequested)
        {
            SseItem<string>[] items;
            Task more;
            lock (_lock)
            {
                items = [.. _items.Where(item => IdOf(item) > after)];
                more = _more.Task;
            }

            foreach (var item in items)
            {
                yield return item;
                after = IdOf(item);
            }

            await more.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static long IdOf(SseItem<string> item) => long.Parse(item.EventId!, System.Globalization.CultureInfo.InvariantCulture);
}
