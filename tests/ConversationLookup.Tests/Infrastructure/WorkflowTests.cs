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

    /// <summary>azd reads the last provisioning's outputs back, so each option is one; only then may a variable that GitHub has replace it.</summary>
    [Fact]
    public async Task A_variable_that_github_does_not_have_removes_nothing_that_a_person_set()
    {
        var deploy = Workflows["deploy.yml"];
        var outputs = (await Bicep.BuildAsync(Repository.PathOf("infra", "main.bicep")))["outputs"]!.AsObject();
        string[] noOption = ["OPERATOR_TYPE", "RECOVER_VAULT"]; // the pipeline's own, and one that is for a single deployment
        var options = AzdVariables().Where(name => !name.StartsWith("AZURE_", StringComparison.Ordinal)).Except(noOption).ToList();

        Assert.NotEmpty(options);
        Assert.All(options, name => Assert.Contains($"\n          {name}: ${{{{ vars.{name} }}}}\n", deploy, StringComparison.Ordinal));
        Assert.Contains($"for name in {string.Join(' ', options)}; do\n            if [ -n \"${{!name}}\" ]; then azd env set", deploy, StringComparison.Ordinal);
        Assert.All(options, name => Assert.True(outputs.ContainsKey(name), name));
        Assert.True(deploy.IndexOf("azd env refresh", StringComparison.Ordinal) < deploy.IndexOf("azd env set", StringComparison.Ordinal));
        Assert.True(deploy.IndexOf("azd env set", StringComparison.Ordinal) < deploy.IndexOf("azd provision", StringComparison.Ordinal));
    }

    [Fact]
    public void The_pipeline_gets_no_role_and_deploys_again_when_one_is_not_in_effect_yet_and_asks_for_keys_when_the_app_is_up()
    {
        var deploy = Workflows["deploy.yml"];

        Assert.Contains("\n      OPERATOR_TYPE: None ", deploy, StringComparison.Ordinal);
        Assert.Contains("azd deploy --no-prompt || { sleep 300 && azd deploy --no-prompt; }", deploy, StringComparison.Ordinal);
        Assert.True(deploy.IndexOf("/api/health", StringComparison.Ordinal) < deploy.IndexOf("az functionapp keys list", StringComparison.Ordinal));
    }

    [Fact]
    public void Azurite_is_the_one_of_the_readme_everywhere()
    {
        var versions = Workflows.Values.Append(Repository.Read("README.md")).Append(Repository.Read("docs", "reference.md")).SelectMany(text => Azurite().Matches(text)).Select(match => match.Value).ToList();

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
