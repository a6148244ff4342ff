using System.Text.Json.Nodes;
using ConversationLookup.Tests.Documents;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Connector;

/// <summary>The texts beside the connector have the sections that Microsoft asks of a publisher.</summary>
public sealed class ConnectorDocumentsTests
{
    private static readonly Document Readme = new("infra", "connector", "README.md");

    /// <summary>https://github.com/microsoft/PowerPlatformConnectors/blob/dev/templates/Independent%20Publisher/readme.md</summary>
    [Theory]
    [InlineData("Publisher: Conversation Lookup")]
    [InlineData("Prerequisites")]
    [InlineData("Supported Operations")]
    [InlineData("Obtaining Credentials")]
    [InlineData("Getting Started")]
    [InlineData("Known Issues and Limitations")]
    [InlineData("Frequently Asked Questions")]
    [InlineData("Deployment Instructions")]
    public void The_readme_has_the_sections_of_an_independent_publisher(string heading) => Assert.NotEmpty(Readme.Section(heading));

    [Theory]
    [InlineData("Prerequisites")]
    [InlineData("How to get credentials")]
    [InlineData("Get started with your connector")]
    [InlineData("Known issues and limitations")]
    [InlineData("Common errors and remedies")]
    public void The_introduction_has_the_sections_of_a_certified_connector(string heading) =>
        Assert.NotEmpty(new Document("infra", "connector", "intro.md").Section(heading));

    [Fact]
    public void The_readme_names_every_operation_that_a_maker_sees_and_no_other()
    {
        var definition = JsonNode.Parse(Repository.Read("infra", "connector", "apiDefinition.swagger.json"))!.AsObject();
        var seen = ConnectorRules.OperationsOf(definition).Where(operation => operation.Node["x-ms-visibility"]?.ToString() != "internal")
            .Select(operation => operation.Node["summary"]!.ToString());

        var named = Readme.Section("Supported Operations").Split('\n').Where(line => line.StartsWith("### ", StringComparison.Ordinal)).Select(line => line[4..]);

        Assert.Equal(seen.Order(), named.Order());
    }

    [Fact]
    public void The_title_for_an_independent_publisher_is_within_thirty_characters()
    {
        const string Title = "Convo (Independent Publisher)";

        Assert.Contains($"`{Title}`", Readme.Text, StringComparison.Ordinal);
        Assert.True(Title.Length < 30);
    }

    [Fact]
    public void The_deployment_settings_name_a_connection_reference_to_the_connector()
    {
        var settings = JsonNode.Parse(Repository.Read("infra", "connector", "deployment-settings.json"))!;

        var reference = Assert.Single(settings["ConnectionReferences"]!.AsArray())!;
        Assert.Equal(["LogicalName", "ConnectionId", "ConnectorId"], reference.AsObject().Select(member => member.Key));
        Assert.StartsWith("/providers/Microsoft.PowerApps/apis/shared_", reference["ConnectorId"]!.ToString(), StringComparison.Ordinal);
    }
}
