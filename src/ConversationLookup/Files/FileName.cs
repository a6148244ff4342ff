namespace ConversationLookup.Files;

/// <summary>What a file is called. Pure.</summary>
public static class FileName
{
    private const int Longest = 100;

    /// <summary>The last part of its address if that looks like a file's name of this type, else one made of the message's id.</summary>
    public static string Of(Uri address, string messageId, int index, FileType type)
    {
        var last = Clean(Uri.UnescapeDataString(address.Segments[^1]));
        var ending = Path.GetExtension(last);
        // An ending that says another type would have it opened by another program.
        return last.Length <= Longest && ending.Length > 1 && last.Length > ending.Length && (IsSame(ending, type.Ending) || type.Ending == ".bin" && !IsProgram(ending))
            ? last
            : $"{Clean(messageId[..Math.Min(messageId.Length, Longest)])}-{index}{type.Ending}";
    }

    private static bool IsSame(string ending, string expected) => (ending.ToLowerInvariant(), expected) switch
    {
        (".jpeg", ".jpg") or (".oga" or ".opus", ".ogg") or (".mp4", ".m4a") or (".m4a", ".mp4") or (".3gpp", ".3gp") or (".mpga" or ".mpeg", ".mp3") => true,
        var (given, wanted) => given == wanted,
    };

    private static bool IsProgram(string ending) =>
        ending.ToLowerInvariant() is ".exe" or ".dll" or ".com" or ".scr" or ".msi" or ".bat" or ".cmd" or ".ps1" or ".vbs" or ".js" or ".jar" or ".lnk" or ".hta" or ".html" or ".htm" or ".svg" or ".sh";

    private static string Clean(string name) => new([.. name.Select(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' or ' ' ? c : '_')]);
}
