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

    public void Write(LogLevel level, string category, string text)
    {
        var line = $"{level} {category}: {text}";
        lock (_lock)
        {
            _lines.Add(line);
            onLine?.Invoke(line);
        }
    }
}
