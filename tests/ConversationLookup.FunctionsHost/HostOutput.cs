using Microsoft.Extensions.Logging;

namespace ConversationLookup.FunctionsHost;

/// <summary>Everything that the host and its workers say, in order.</summary>
internal sealed class HostOutput(Action<string>? onLine)
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    /// <summary>What the host itself has to say.</summary>
    public void Say(string text) => Write(LogLevel.Information, "Host", text);

    /// <param name="level">Nothing below Information is shown.</param>
    /// <param name="category">Who says it.</param>
    /// <param name="text">What it says.</param>
    /// <param name="isShown">Whether the real host would show it; it is kept in any case.</param>
    public void Write(LogLevel level, string category, string text, bool isShown = true)
    {
        var line = $"{level} {category}: {text}";
        lock (_lock)
        {
            _lines.Add(line);
            if (isShown && level >= LogLevel.Information)
                onLine?.Invoke(line);
        }
    }
}
