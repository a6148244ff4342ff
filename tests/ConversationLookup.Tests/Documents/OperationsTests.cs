using System.Text.RegularExpressions;
using ConversationLookup.Problems;
using ConversationLookup.Tests.Infrastructure;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Documents;

/// <summary><c>docs/operations.md</c> has every option, metric, alert and problem, and no other.</summary>
public sealed partial class OperationsTests
{
    private static readonly Document Operations = new("docs", "operations.md");

    [Fact]
    public void It_says_for_every_problem_code_what_to_do_when_something_is_wrong() => Assert.Equal(
        ProblemCodes.All.Order(), Document.CodesOf(Operations.Section("When something is wrong").Split("What has no code:")[0]));

    [Fact]
    public void It_names_every_metric_and_no_other() => Assert.Equal(
        OperationTests.MetricNames().Order(),
        MetricRow().Matches(Operations.Section("See what it does")).Select(match => match.Groups["name"].Value).Order());

    [Fact]
    public void It_names_every_option_of_the_deployment_with_its_default_and_no_other()
    {
        var given = Variable().Matches(Repository.Read("infra", "main.parameters.json"))
            .Select(match => (Name: match.Groups["name"].Value, Default: match.Groups["default"].Value))
            .Where(option => !option.Name.StartsWith("AZURE_", StringComparison.Ordinal));
        var rows = Operations.Section("Options").Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|')).Select(cells => (Name: cells[1].Trim(' ', '`'), Default: cells[2].Trim(' ', '`')));

        Assert.Equal(given.Order(), rows.Order());
    }

    /// <summary>Wassist shows the signing secret only once there is a webhook, so the secret cannot come first.</summary>
    [Fact]
    public void It_deploys_in_an_order_that_works()
    {
        var steps = Operations.Section("Deploy it");

        Assert.Equal(
            ["azd up", "/api/webhooks/wassist", "--name wassist-api-key", "--name wassist-webhook-secret", "/api/health", "*App keys*"],
            new[] { "*App keys*", "/api/health", "--name wassist-webhook-secret", "--name wassist-api-key", "/api/webhooks/wassist", "azd up" }
                .OrderBy(step => steps.IndexOf(step, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Each_region_that_needs_the_other_storage_is_one_that_the_template_allows()
    {
        var allowed = (await Bicep.BuildAsync(Repository.PathOf("infra", "main.bicep")))["parameters"]!["location"]!["allowedValues"]!.AsArray()
            .Select(region => region!.ToString());

        var named = Region().Matches(Operations.Section("Regions")).Select(match => match.Groups["name"].Value).ToList();

        Assert.NotEmpty(named);
        Assert.Empty(named.Except(allowed));
    }

    [GeneratedRegex(@"^\| `(?<name>conversation_lookup[.][a-z_.]+)`", RegexOptions.Multiline)]
    private static partial Regex MetricRow();

    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+)(=(?<default>[^}]*))?\}")]
    private static partial Regex Variable();

    [GeneratedRegex("`(?<name>[a-z0-9]{5,})`")]
    private static partial Regex Region();
}
