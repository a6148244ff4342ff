namespace ConversationLookup.Tests.Support;

/// <summary>What a run installs for itself, kept beside the tests for the next one.</summary>
internal static class Tools
{
    public static string FolderOf(string name) => Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "tools", name)).FullName;
}
