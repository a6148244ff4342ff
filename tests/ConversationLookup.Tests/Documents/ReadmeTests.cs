using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using ConversationLookup.Conversations;
using ConversationLookup.Http;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Problems;
using ConversationLookup.Redis;
using ConversationLookup.Secrets;
using ConversationLookup.Storage;
using ConversationLookup.Subscriptions;
using ConversationLookup.Tests.Connector;
using ConversationLookup.Tests.Support;
using ConversationLookup.Wassist;
using ConversationLookup.Webhooks;

namespace ConversationLookup.Tests.Documents;

/// <summary>The README says what is.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Readme = Repository.Read("README.md");

    [Fact]
    public async Task Its_curl_line_answers_what_it_shows_but_for_the_times()
    {
        var path = CurlLine().Match(Readme).Groups["path"].Value;
        var shown = JsonDocument.Parse(JsonBlocks().First()).RootElement;
        await using var sample = await SampleServer.StartAsync(new SampleOptions { Url = "http://127.0.0.1:0" }, TimeProvider.System);
        await using var app = await App.StartAsync(
            new Dictionary<string, string> { ["Wassist:BaseUrl"] = sample.Url, ["Wassist:ApiKey"] = SampleServer.ApiKey });

        var answer = (await app.GetAsync(path)).IsSummary();

        PayloadContract.AssertSummary(shown);
        Assert.Equal(WithoutTimes(shown), WithoutTimes(answer.Body));
    }

    [Fact]
    public async Task Its_problem_is_one_that_the_app_answers()
    {
        var shown = JsonDocument.Parse(JsonBlocks().Last()).RootElement;
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(404);
        await using var app = await App.StartAsync(wassist);

        var answer = await app.LookUpAsync();

        Assert.Equal(
            Members(shown).Where(member => !member.StartsWith("traceId", StringComparison.Ordinal)),
            Members(answer.Body).Where(member => !member.StartsWith("traceId", StringComparison.Ordinal)));
    }

    [Fact]
    public void Its_notification_is_one_that_a_flow_gets() => PayloadContract.AssertNotification(JsonDocument.Parse(JsonBlocks().ElementAt(1)).RootElement);

    [Fact]
    public void It_names_every_event_a_flow_may_want() =>
        Names.AssertSame(
            EventTypes.ForFlows, EventTypes.ForFlows.Where(type => Section("## What a trigger does").Contains($"`{type}`", StringComparison.Ordinal)),
            "'What a trigger does' in README.md names every event; 'To add an event' in CONTRIBUTING.md has the rest.");

    [Fact]
    public void It_names_every_problem_code_with_its_status_and_no_other()
    {
        var all = typeof(ProblemCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!).ToList();

        Assert.Equal(all.Order(), ProblemCodes.All.Order());
        Assert.Equal(all.Order(), CodesOf(Section("## Errors")));
    }

    [Fact]
    public void It_says_for_every_problem_code_what_to_do_when_something_is_wrong() => Assert.Equal(
        CodesOf(Section("## Errors")), CodesOf(Section("## When something is wrong").Split("What has no code:")[0]));

    [Fact]
    public void It_names_every_metric_and_no_other() => Assert.Equal(
        Infrastructure.OperationTests.MetricNames().Order(),
        MetricRow().Matches(Section("## See what it does")).Select(match => match.Groups["name"].Value).Order());

    [Fact]
    public void It_names_every_option_of_the_deployment_and_no_other() => Assert.Equal(
        Infrastructure.WorkflowTests.AzdVariables().Where(name => !name.StartsWith("AZURE_", StringComparison.Ordinal)).Order(),
        CodesOf(Section("## Deploy it")));

    [Fact]
    public void It_names_every_setting_with_its_default_and_no_other()
    {
        var settings = Of("KeyVault:", new KeyVaultOptions()).Concat(Of("Wassist:", new WassistOptions())).Concat(Of("Lookup:", new LookupOptions()))
            .Concat(Of("Subscriptions:", new SubscriptionOptions())).Concat(Of("", new PublicUrlOptions()))
            .Concat(Of("ConnectionStrings:", new RedisOptions())).Concat(Of("AzureWebJobsStorage:", new StorageOptions())).Append(KeyValuePair.Create("AzureWebJobsStorage", ""))
            .ToList();
        var rows = Section("## Settings").Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|'))
            .SelectMany(cells => cells[1].Split(',').Select(name => KeyValuePair.Create(name.Trim(' ', '`'), cells[2].Trim(' ', '`'))));

        Names.AssertSame(
            ConversationLookupServices.Settings.SelectMany(section => section.Settings.Select(setting => section.Name.Length == 0 ? setting : $"{section.Name}:{setting}")).Append("AzureWebJobsStorage"),
            settings.Select(setting => setting.Key), "ConversationLookupServices.Settings lists the sections, and this test their types.");
        Names.AssertSame(
            settings.Select(setting => $"{setting.Key} = {setting.Value}"), rows.Select(setting => $"{setting.Key} = {setting.Value}"),
            "The table under 'Settings' in README.md has every setting with its default; 'To add a setting' in CONTRIBUTING.md has the rest.");

        static IEnumerable<KeyValuePair<string, string>> Of(string prefix, object defaults) => defaults.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetSetMethod() is not null)
            .Select(property => KeyValuePair.Create($"{prefix}{property.Name}", property.GetValue(defaults)?.ToString()!.TrimEnd('/') ?? ""));
    }

    [Fact]
    public void It_names_every_property_of_a_summary_and_no_other()
    {
        var named = CodesOf(Section("## What a lookup answers"));

        Names.AssertSame(
            PayloadContract.SummaryNames, named,
            "The table under 'What a lookup answers' in README.md has every field; 'To add a field' in CONTRIBUTING.md has the rest.");
    }

    /// <summary>A maker who reads that nothing is ever missing writes a flow that fails at the first conversation without a message.</summary>
    [Theory]
    [InlineData("README.md")]
    [InlineData("infra/connector/README.md")]
    [InlineData("infra/connector/apiDefinition.swagger.json")] // and so the reference page
    public void What_may_be_missing_is_said_alike_everywhere_and_is_what_the_definition_does_not_require(string file)
    {
        var said = Blanks().Replace(Repository.Read(file.Split('/')).Replace("`", "", StringComparison.Ordinal), " ");
        var definitions = JsonDocument.Parse(Repository.Read("infra", "connector", "apiDefinition.swagger.json")).RootElement.GetProperty("definitions");
        var optional =
            from schema in new[] { "Conversation", "ConversationPage", "Message", "MessagePage", "Media", "Notification", "EventMessage" }
            from property in definitions.GetProperty(schema).GetProperty("properties").EnumerateObject()
            where !definitions.GetProperty(schema).GetProperty("required").EnumerateArray().Any(name => name.GetString() == property.Name)
            select property.Name;

        Assert.Equal(["replyWindowClosesAt", "lastMessageAt", "createdAt"], optional);
        Assert.Contains("only replyWindowClosesAt, lastMessageAt and createdAt are left out when unknown", said, StringComparison.Ordinal);
        Assert.Single(AlwaysThere().Matches(said));
    }

    [Fact]
    public async Task It_names_every_parameter_of_a_search_and_no_other()
    {
        var definition = await ServedDefinition.ParseAsync(Repository.Read("infra", "connector", "apiDefinition.swagger.json"));
        var named = CodesOf(Section("## Find conversations"));

        Assert.Equal(
            definition.Operation("FindConversations").Operation.Parameters.Select(parameter => parameter.Name).Append("fields").Order(),
            named);
    }

    [Fact]
    public void Every_file_that_a_document_links_to_exists()
    {
        var documents = new[] { "", "docs", "infra" }.SelectMany(folder => Directory.EnumerateFiles(
            Repository.PathOf(folder), "*.md", folder.Length == 0 ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories)).ToList();

        Assert.True(documents.Count >= 4);
        Assert.All(documents, document => Assert.All(
            Link().Matches(File.ReadAllText(document)),
            link => Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(document)!, link.Groups["path"].Value)), $"{document}: {link.Value}")));
    }

    [Fact]
    public void Every_source_file_it_names_exists() => Assert.All(
        SourceFile().Matches(Readme),
        name => Assert.Single(new[] { "src", "tests" }.SelectMany(folder =>
            Directory.GetFiles(Repository.PathOf(folder), name.Groups["name"].Value, SearchOption.AllDirectories))));

    private static IEnumerable<string> JsonBlocks() => JsonBlock().Matches(Readme).Select(match => match.Groups["json"].Value);

    private static string Section(string heading)
    {
        var start = Readme.IndexOf(heading, StringComparison.Ordinal);
        return Readme[start..Readme.IndexOf("\n## ", start, StringComparison.Ordinal)];
    }

    /// <summary>What the first column of a table names.</summary>
    private static IEnumerable<string> CodesOf(string section) => section.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .SelectMany(line => Code().Matches(line.Split('|')[1]).Select(match => match.Groups["code"].Value)).Order();

    private static IEnumerable<string> WithoutTimes(JsonElement summary) =>
        Members(summary).Where(member => !TimeMember().IsMatch(member));

    private static IEnumerable<string> Members(JsonElement body) => body.EnumerateObject().Select(property => $"{property.Name}: {property.Value}");

    [GeneratedRegex("^(replyWindowSecondsLeft|[A-Za-z]+At): ")]
    private static partial Regex TimeMember();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex("always there")]
    private static partial Regex AlwaysThere();

    [GeneratedRegex(@"^curl -s http://localhost:7071/api/(?<path>\S+)$", RegexOptions.Multiline)]
    private static partial Regex CurlLine();

    [GeneratedRegex(@"```json\n(?<json>.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();

    [GeneratedRegex("`(?<code>[A-Za-z_]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"^\| `(?<name>conversation_lookup[.][a-z_.]+)`", RegexOptions.Multiline)]
    private static partial Regex MetricRow();

    [GeneratedRegex(@"\]\((?<path>[^:)#]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();

    [GeneratedRegex("`(?<name>[A-Za-z]+\\.cs)`")]
    private static partial Regex SourceFile();
}
