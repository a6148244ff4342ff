namespace ConversationLookup.LocalHost;

/// <summary>
/// The header with the function key in a file that only this person can read, for the printed curl line: it works in any terminal, and the
/// key is neither on the screen nor in the list of processes.
/// </summary>
public sealed class KeyFile : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("conversation-lookup-");

    private KeyFile(string key)
    {
        Path = System.IO.Path.Combine(_directory.FullName, "key.txt");
        File.WriteAllText(Path, $"x-functions-key: {key}{Environment.NewLine}");
    }

    public string Path { get; }

    /// <returns>Null where no key is asked for.</returns>
    public static KeyFile? For(IConfiguration configuration) => configuration[FunctionKey.Setting] is { Length: > 0 } key ? new KeyFile(key) : null;

    public void Dispose() => _directory.Delete(recursive: true);
}
