using System.Text.RegularExpressions;

namespace ConversationLookup.Tests.Support;

/// <summary>The codes of the problems in <c>Catalogue.cs</c>; those of a request's faults are not among them.</summary>
internal static partial class ProblemCodes
{
    public static IReadOnlyList<string> All { get; } =
        [.. Entry().Matches(Repository.Read("src", "ConversationLookup", "Problems", "Catalogue.cs")).Select(match => match.Groups["code"].Value)];

    [GeneratedRegex(@"=> new\(\s*""(?<code>[a-z_]+)"",\s*(?:[0-9]{3}|status),")]
    private static partial Regex Entry();
}
