using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ConversationLookup.Guardian;
using ConversationLookup.Problems;
using ConversationLookup.Telemetry;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Tests.Infrastructure;

/// <summary>What an operator is given to look at speaks of what the app really sends.</summary>
public sealed partial class OperationTests
{
    private static readonly string[] Tags = ["action", "operation", "outcome", "kind", "source", "type", "queue", "secret", "field"];

    [Fact]
    public async Task Every_query_of_the_workbook_and_the_alerts_asks_for_metrics_tags_and_outcomes_that_exist()
    {
        var metrics = MetricNames();
        var outcomes = ProblemCodes.All.Concat(["ok", "unreadable", "unknown"]).Concat(WebhookOutcomes.Faults).ToHashSet();
        var alerts = (await Prediction.OfAsync("default")).Many("Microsoft.Insights/scheduledQueryRules")
            .Select(alert => alert["properties"]!["criteria"]!["allOf"]![0]!["query"]!.ToString()).ToList();
        var tiles = Tiles().Select(tile => tile["content"]!["query"]!.ToString()).ToList();

        Assert.Equal(8, alerts.Count);
        Assert.All(tiles.Concat(alerts), query =>
        {
            Assert.StartsWith("App", query, StringComparison.Ordinal);
            Assert.All(MetricName().Matches(query), match => Assert.Contains(match.Groups["name"].Value, metrics));
            Assert.All(TagName().Matches(query), match => Assert.Contains(match.Groups["name"].Value, Tags));
            Assert.All(Outcome().Matches(query), match => Assert.Contains(match.Groups["code"].Value, outcomes));
        });
        Assert.Equal(metrics.Order(), tiles.SelectMany(query => MetricName().Matches(query)).Select(match => match.Groups["name"].Value).Distinct().Order()); // none is left out
    }

    [Fact]
    public async Task Every_query_of_the_workbook_is_saved_in_the_workspace_too()
    {
        var saved = (await Prediction.OfAsync("default")).Many("Microsoft.OperationalInsights/workspaces/savedSearches").ToList();

        Assert.Equal(
            Tiles().Select(tile => $"{tile["content"]!["title"]}: {tile["content"]!["query"]}").Order(),
            saved.Select(search => $"{search["properties"]!["displayName"]}: {search["properties"]!["query"]}").Order());
        Assert.All(saved, search => Prediction.AssertProperties(search, ("etag", "*"))); // without it the second deployment is answered 409
    }

    [Fact]
    public async Task The_workbook_is_the_file_and_asks_the_workspace()
    {
        var prediction = await Prediction.OfAsync("default");
        var (workbook, workspace) = (prediction.One("Microsoft.Insights/workbooks"), prediction.One("Microsoft.OperationalInsights/workspaces")["id"]!.ToString());

        var deployed = JsonNode.Parse(workbook["properties"]!["serializedData"]!.ToString())!;

        Assert.Equal($"[\"{workspace}\"]", deployed["fallbackResourceIds"]!.ToJsonString());
        Assert.Equal(workspace, workbook["properties"]!["sourceId"]!.ToString());
        var file = JsonNode.Parse(Repository.Read("infra", "workbook.json"))!;
        file["fallbackResourceIds"] = deployed["fallbackResourceIds"]!.DeepClone();
        Assert.True(JsonNode.DeepEquals(file, deployed));
    }

    [Fact]
    public async Task Azd_gives_only_parameters_that_there_are_and_every_one_without_a_default()
    {
        var given = JsonNode.Parse(Repository.Read("infra", "main.parameters.json"))!["parameters"]!.AsObject().Select(parameter => parameter.Key).ToList();
        var taken = (await Bicep.BuildAsync(Repository.PathOf("infra", "main.bicep")))["parameters"]!.AsObject();

        Assert.All(given, name => Assert.True(taken.ContainsKey(name), name));
        Assert.All(taken.Where(parameter => parameter.Value!["defaultValue"] is null), parameter => Assert.Contains(parameter.Key, given));
        Assert.All(taken, parameter => Assert.DoesNotContain("secure", parameter.Value!["type"]!.ToString(), StringComparison.OrdinalIgnoreCase)); // no secret goes this way
        Assert.Contains("project: src/ConversationLookup.Functions\n", Repository.Read("azure.yaml"), StringComparison.Ordinal);
    }

    /// <summary>The two shells' hooks do the same, so each line is there twice.</summary>
    [Theory]
    [InlineData("az provider register --namespace Microsoft.App --wait")] // the delegation is no resource, so nothing else registers it
    [InlineData("APP_SETTINGS must not contain a quotation mark or a backslash")] // they would break the parameter file
    [InlineData("--name wassist-api-key")]
    [InlineData("--name wassist-webhook-secret")]
    [InlineData("If the answer is Forbidden, wait a few minutes")] // a role takes minutes to work
    public void Azds_hooks_see_to_what_a_deployment_would_trip_over(string line) =>
        Assert.Equal(3, Repository.Read("azure.yaml").Split(line).Length);

    [Theory]
    [InlineData("A=1;B=*.logic.azure.com,x", 0)]
    [InlineData("A=\"1\"", 1)]
    [InlineData(@"A=C:\x", 1)]
    public async Task Settings_that_would_break_azds_parameter_file_are_refused_before_it_provisions(string settings, int exitCode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The hook under test is the one for a POSIX shell.");
        var yaml = Repository.Read("azure.yaml");
        var start = yaml.IndexOf("case \"$APP_SETTINGS\"", StringComparison.Ordinal);
        var script = yaml[start..(yaml.IndexOf("esac", start, StringComparison.Ordinal) + "esac".Length)];

        var shell = await Command.RunAsync(new ProcessStartInfo("sh", ["-c", script]) { Environment = { ["APP_SETTINGS"] = settings } });

        Assert.Equal(exitCode, shell.ExitCode);
    }

    [Fact]
    public async Task Azd_offers_only_regions_that_the_template_allows_and_a_newer_compiler_only_warns()
    {
        var location = (await Bicep.BuildAsync(Repository.PathOf("infra", "main.bicep")))["parameters"]!["location"]!;

        Assert.Equal("location", location["metadata"]!["azd"]!["type"]!.ToString());
        Assert.Contains("westeurope", location["allowedValues"]!.AsArray().Select(region => region!.ToString()));
        Assert.Contains("requiredVersions:\n  azd: ", Repository.Read("azure.yaml"), StringComparison.Ordinal);
        Assert.DoesNotContain("\"error\"", Repository.Read("infra", "bicepconfig.json"), StringComparison.Ordinal);
    }

    private static IEnumerable<JsonNode> Tiles() =>
        JsonNode.Parse(Repository.Read("infra", "workbook.json"))!["items"]!.AsArray().Where(item => (int)item!["type"]! == 3).Select(item => item!);

    /// <summary>Every metric that the app makes.</summary>
    internal static IReadOnlySet<string> MetricNames()
    {
        var names = new HashSet<string>();
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Scope == factory)
                names.Add(instrument.Name);
        };
        listener.Start();
        new LookupMetrics(factory).WatchSecrets(() => []);
        return names;
    }

    [GeneratedRegex("\"(?<name>conversation_lookup[.][a-z_.]+)\"")]
    private static partial Regex MetricName();

    [GeneratedRegex("Properties[.](?<name>[a-z]+)")]
    private static partial Regex TagName();

    [GeneratedRegex("\"(?<code>(?!conversation_lookup)[a-z_]+)\"")]
    private static partial Regex Outcome();
}
