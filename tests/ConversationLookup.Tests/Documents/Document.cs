using System.Text.Json;
using System.Text.RegularExpressions;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Documents;

/// <summary>A Markdown file of the repository, in the parts that tests compare with the code.</summary>
internal sealed partial class Document(params string[] path)
{
    public string Text { get; } = Repository.Read(path);

    /// <summary>Every JSON example, in order.</summary>
    public IReadOnlyList<JsonElement> JsonExamples => [.. JsonBlock().Matches(Text).Select(match => JsonDocument.Parse(match.Groups["json"].Value).RootElement)];

    /// <summary>The addresses of its headings, as GitHub makes them.</summary>
    public IReadOnlyList<string> Anchors => [.. Heading().Matches(Text).Select(match =>
        NotInAnchors().Replace(match.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-'))];

    public string Section(string heading)
    {
        var start = Text.IndexOf($"## {heading}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, heading);
        var end = Text.IndexOf("\n## ", start, StringComparison.Ordinal);
        return end < 0 ? Text[start..] : Text[start..end];
    }

    /// <summary>What the first column of a table names.</summary>
    public static IEnumerable<string> CodesOf(string section) => section.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .SelectMany(line => Code().Matches(line.Split('|')[1]).Select(match => match.Groups["code"].Value)).Order();

    [GeneratedRegex(@"```json\n(?<json>.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();

    [GeneratedRegex("^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("[^a-z0-9 _-]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex("`(?<code>[A-Za-z_]+)`")]
    private static partial Regex Code();
}
