using System.Reflection;

namespace ConversationLookup.Tests.Support;

/// <summary>The checkout the tests were built from.</summary>
internal static class Repository
{
    private static readonly string Root = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "RepositoryRoot").Value!;

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    /// <summary>Copies a folder, or one file, to the same place under another root.</summary>
    /// <returns>The files, relative to either root.</returns>
    public static IReadOnlyList<string> CopyOf(string path, string root)
    {
        var source = PathOf(path);
        var files = File.Exists(source) ? [source] : Directory.GetFiles(source, "*", SearchOption.AllDirectories);
        var relative = files.Select(file => Path.GetRelativePath(Root, file)).ToList();
        foreach (var file in relative)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, file))!);
            File.Copy(PathOf(file), Path.Combine(root, file));
        }

        return relative;
    }
}
