using System.Text.Json.Nodes;
using ConversationLookup.Conversations;
using ConversationLookup.Tests.Support;
using ConversationLookup.Webhooks;

namespace ConversationLookup.Tests.Documents;

/// <summary>Who adds something for the first time is told of every place at once; CONTRIBUTING.md lists the same places.</summary>
public sealed class AddingTests
{
    private static readonly JsonNode Definition = JsonNode.Parse(Repository.Read("infra", "connector", "apiDefinition.swagger.json"))!;

    [Fact]
    public void A_field_is_in_every_place_that_names_fields() => AssertEverywhere(
        SummaryFields.Names,
        "To add a field",
        ("tests/ConversationLookup.Tests/Support/PayloadContract.cs", name => PayloadContract.SummaryNames.Contains(name)),
        ("infra/connector/apiDefinition.swagger.json", name => Definition["definitions"]!["Conversation"]!["properties"]![name] is not null),
        ("tests/ConversationLookup.Tests/Connector/contract.txt", name => Repository.Read("tests", "ConversationLookup.Tests", "Connector", "contract.txt").Contains($"GetConversation /{name} ", StringComparison.Ordinal)),
        ("README.md", name => Repository.Read("README.md").Contains($"`{name}`", StringComparison.Ordinal)));

    [Fact]
    public void An_event_is_in_every_place_that_names_events() => AssertEverywhere(
        EventTypes.ForFlows,
        "To add an event",
        ("docs/reference.md", name => Repository.Read("docs", "reference.md").Contains($"`{name}`", StringComparison.Ordinal)));

    [Fact]
    public void A_setting_is_in_every_place_that_names_settings() => AssertEverywhere(
        [.. ConversationLookupServices.Settings.SelectMany(section => section.Settings.Select(setting => section.Name.Length == 0 ? setting : $"{section.Name}:{setting}"))],
        "To add a setting",
        ("docs/reference.md", name => Repository.Read("docs", "reference.md").Contains($"`{name}`", StringComparison.Ordinal)));

    [Fact]
    public void A_route_is_in_every_place_that_names_routes() => AssertEverywhere(
        [.. typeof(Routes).GetFields().Select(field => field.Name).Except([nameof(Routes.Prefix)])],
        "To add a route",
        ("src/ConversationLookup.Functions/HttpFunctions.cs", name => Repository.Read("src", "ConversationLookup.Functions", "HttpFunctions.cs").Contains($"Routes.{name})", StringComparison.Ordinal)),
        ("src/ConversationLookup.LocalHost/Endpoints.cs", name => Repository.Read("src", "ConversationLookup.LocalHost", "Endpoints.cs").Contains($"Routes.{name},", StringComparison.Ordinal)),
        ("test.http", name => Repository.Read("test.http").Contains($"# Routes.{name}\n", StringComparison.Ordinal)));

    /// <summary>What the lists name is there: a moved file would send a newcomer astray.</summary>
    [Theory]
    [InlineData("To add a field")]
    [InlineData("To add an event")]
    [InlineData("To add a setting")]
    [InlineData("To add a route")]
    public void Every_file_that_a_list_names_exists(string heading)
    {
        var list = Repository.Read("CONTRIBUTING.md").Split($"### {heading}\n")[1].Split("\n#")[0];

        var files = System.Text.RegularExpressions.Regex.Matches(list, "`(?<path>[A-Za-z./]+[.](cs|json|txt|md|http|html|bicep))`").Select(match => match.Groups["path"].Value).ToList();

        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.True(File.Exists(Repository.PathOf(file.Split('/'))), $"CONTRIBUTING.md, '{heading}': there is no {file}."));
    }

    private static void AssertEverywhere(IReadOnlyList<string> names, string heading, params IEnumerable<(string File, Func<string, bool> Has)> places)
    {
        var missing = places.SelectMany(place => names.Where(name => !place.Has(name)).Select(name => $"'{name}' is not in {place.File}.")).ToList();
        Assert.True(missing.Count == 0, $"{string.Join(' ', missing)} See '{heading}' in CONTRIBUTING.md.");
    }
}
