using System.Text.RegularExpressions;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Documents;

/// <summary>The folders of the core depend on each other in one direction.</summary>
public sealed partial class FoldersTests
{
    /// <summary>What each folder may know: only folders that stand above it.</summary>
    private static readonly (string Folder, string[] Knows)[] Directions =
    [
        ("Bytes", []),
        ("Values", []),
        ("Settings", ["Values"]),
        ("Problems", ["Values"]),
        ("Telemetry", []),
        ("Json", ["Values"]),
        ("Http", ["Bytes", "Values", "Settings", "Problems", "Telemetry", "Json"]),
        ("Redis", ["Settings"]),
        ("Secrets", ["Settings", "Problems", "Telemetry"]),
        ("Storage", ["Settings", "Problems", "Telemetry"]),
        ("Wassist", ["Bytes", "Values", "Settings", "Problems", "Telemetry", "Json", "Redis", "Secrets"]),
        ("Conversations", ["Values", "Settings", "Problems", "Telemetry", "Json", "Http", "Redis", "Wassist"]),
        ("Files", ["Values", "Settings", "Problems", "Telemetry", "Http", "Wassist", "Conversations"]),
        ("Actions", ["Values", "Settings", "Problems", "Telemetry", "Json", "Http", "Storage", "Wassist", "Conversations"]),
        ("Webhooks", ["Values", "Settings", "Problems", "Telemetry", "Json", "Http", "Storage", "Wassist"]),
        ("Subscriptions", ["Values", "Settings", "Problems", "Json", "Http", "Storage", "Wassist", "Webhooks"]),
        ("Delivery", ["Values", "Problems", "Telemetry", "Json", "Http", "Storage", "Wassist", "Conversations", "Actions", "Webhooks", "Subscriptions"]),
        ("Guardian", ["Values", "Problems", "Telemetry", "Json", "Http", "Storage", "Wassist", "Webhooks", "Subscriptions", "Delivery"]),
        ("Definition", ["Http"]),
        ("Agents", ["Values", "Problems", "Telemetry", "Http", "Conversations", "Files", "Actions", "Definition"]),
        ("Health", ["Settings", "Problems", "Json", "Http", "Redis", "Secrets", "Storage", "Wassist", "Webhooks", "Guardian"]),
    ];

    private static readonly string Core = Repository.PathOf("src", "ConversationLookup");

    public static TheoryData<string> Folders => [.. Directions.Select(direction => direction.Folder)];

    [Fact]
    public void Each_folder_has_its_place_and_knows_only_those_above_it()
    {
        var folders = Directory.GetDirectories(Core).Select(Path.GetFileName).Except(["bin", "obj"]);

        Assert.Equal(["ConversationLookupServices.cs", "Routes.cs"], Directory.GetFiles(Core, "*.cs").Select(Path.GetFileName).Order());
        Assert.Equal(folders.Order(), Directions.Select(direction => direction.Folder).Order());
        Assert.All(Directions.Index(), direction => Assert.Empty(
            direction.Item.Knows.Except(Directions.Take(direction.Index).Select(above => above.Folder))));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_names_the_folders_it_may_know_and_no_other(string folder)
    {
        var sources = Directory.GetFiles(Path.Combine(Core, folder), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText);

        var known = sources.SelectMany(source => Using().Matches(source).Concat(Qualified().Matches(source)))
            .Select(match => match.Groups["folder"].Value)
            .Where(name => name != folder && Directions.Any(direction => direction.Folder == name));

        Assert.Equal(Directions.Single(direction => direction.Folder == folder).Knows.Order(), known.Distinct().Order());
    }

    [GeneratedRegex(@"^using ConversationLookup\.(?<folder>\w+)", RegexOptions.Multiline)]
    private static partial Regex Using();

    /// <summary>A name such as <c>Storage.Verdict</c>, which needs no <c>using</c>.</summary>
    [GeneratedRegex(@"(?<![.\w])(?:ConversationLookup\.)?(?<folder>[A-Z]\w+)\.[A-Z]\w+")]
    private static partial Regex Qualified();
}
