namespace ConversationLookup.FunctionsHost;

/// <summary>What a <see cref="FunctionsHost"/> runs and how.</summary>
public sealed record FunctionsHostOptions
{
    /// <summary>Where it serves: an address with a port, 0 for any free one.</summary>
    public string Url { get; init; } = "http://127.0.0.1:0";

    /// <summary>The function key that callers must show; null asks for none, as Core Tools does.</summary>
    public string? Key { get; init; }

    /// <summary>The app's settings, which are the worker's environment variables beside those of this process.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The published app.</summary>
    public string AppDirectory { get; init; } = PublishedApp.Directory;

    /// <summary>Gets each line that the real host would show, as it comes.</summary>
    public Action<string>? OnOutput { get; init; }
}
