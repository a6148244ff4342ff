using System.Collections.Concurrent;

namespace ConversationLookup.FunctionsHost.Timers;

/// <summary>When each timer is due next; kept while the host starts over, as the real host keeps it in storage.</summary>
internal sealed class TimerSchedules
{
    private readonly ConcurrentDictionary<string, DateTime> _next = [];

    public DateTime NextOf(string function, Func<DateTime> first) => _next.GetOrAdd(function, _ => first());

    public void Set(string function, DateTime next) => _next[function] = next;
}
