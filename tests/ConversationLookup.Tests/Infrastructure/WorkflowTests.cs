using System.Text.RegularExpressions;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Infrastructure;

/// <summary>GitHub's workflows run what the documents say, with nothing that somebody else could change meanwhile.</summary>
public sealed partial class WorkflowTests
{
    private static readonly IReadOnlyDictionary<string, string> Workflows =
        Directory.GetFiles(Repository.PathOf(".github", "workflows")).ToDictionary(path => Path.GetFileName(path), File.ReadAllText);

    [Fact]
    public void Every_action_is_pinned_by_commit_and_says_its_version()
    {
        var uses = Workflows.Values.SelectMany(text => text.Split('\n')).Where(line => line.Contains("uses:", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(uses);
        Assert.All(uses, line => Assert.Matches(PinnedAction(), line));
    }

    [Fact]
    public void No_workflow_may_write_but_where_it_says_why_and_none_keeps_a_secret() => Assert.All(Workflows.Values, text =>
    {
        Assert.Contains("\npermissions:\n  contents: read\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secrets.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("pull_request_target", text, StringComparison.Ordinal);
    });

    [Fact]
    public void The_deployment_gives_every_parameter_that_azd_fills_in_and_no_role_to_the_pipeline()
    {
        var deploy = Workflows["deploy.yml"];
        var variables = AzdVariables();

        Assert.Contains("AZURE_ENV_NAME", variables);
        Assert.All(variables.Where(name => name != "AZURE_PRINCIPAL_ID"), name => Assert.Contains($"\n      {name}: ", deploy, StringComparison.Ordinal)); // azd's own
        Assert.Contains("\n      OPERATOR_TYPE: None ", deploy, StringComparison.Ordinal);
    }

    [Fact]
    public void Azurite_is_the_one_of_the_readme_everywhere()
    {
        var versions = Workflows.Values.Append(Repository.Read("README.md")).SelectMany(text => Azurite().Matches(text)).Select(match => match.Value).ToList();

        Assert.True(versions.Count >= 3);
        Assert.Single(versions.Distinct());
    }

    /// <summary>What azd fills into <c>infra/main.parameters.json</c>.</summary>
    internal static IReadOnlyList<string> AzdVariables() =>
        [.. Variable().Matches(Repository.Read("infra", "main.parameters.json")).Select(match => match.Groups["name"].Value)];

    [GeneratedRegex(@"uses: [A-Za-z-]+/[a-z-]+(/[a-z-]+)?@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$")]
    private static partial Regex PinnedAction();

    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+)(=[^}]*)?\}")]
    private static partial Regex Variable();

    [GeneratedRegex("azurite@[0-9.]+[0-9]")]
    private static partial Regex Azurite();
}
