using System.Text.Json;
using System.Text.RegularExpressions;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Documents;

/// <summary>The README is short, and what it says is so.</summary>
public sealed partial class ReadmeTests
{
    private static readonly Document Readme = new("README.md");

    [Fact]
    public async Task Its_curl_line_answers_what_it_shows_but_for_the_times()
    {
        var path = CurlLine().Match(Readme.Text).Groups["path"].Value;
        var shown = Readme.JsonExamples[0];
        await using var sample = await SampleServer.StartAsync(new SampleOptions { Url = "http://127.0.0.1:0" }, TimeProvider.System);
        await using var app = await App.StartAsync(
            new Dictionary<string, string> { ["Wassist:BaseUrl"] = sample.Url, ["Wassist:ApiKey"] = SampleServer.ApiKey });

        var answer = (await app.GetAsync(path)).IsSummary();

        PayloadContract.AssertSummary(shown);
        Assert.Equal(WithoutTimes(shown), WithoutTimes(answer.Body));
    }

    [Fact]
    public void It_names_every_property_of_a_summary_and_no_other() => Names.AssertSame(
        PayloadContract.SummaryNames, Document.CodesOf(Readme.Section("What a lookup answers")),
        "The table under 'What a lookup answers' in README.md has every field; 'To add a field' in CONTRIBUTING.md has the rest.");

    /// <summary>Whoever opens it wants to know in a minute what this is; the rest is in <c>docs/</c>.</summary>
    [Fact]
    public void It_is_about_ten_kilobytes() => Assert.InRange(new FileInfo(Repository.PathOf("README.md")).Length, 7_000, 11_000);

    [Fact]
    public void It_leads_to_every_document_in_docs() => Assert.All(
        Directory.GetFiles(Repository.PathOf("docs"), "*.md"),
        file => Assert.Contains($"](docs/{Path.GetFileName(file)})", Readme.Text, StringComparison.Ordinal));

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
            from schema in new[] { "Conversation", "ConversationPage", "Message", "MessagePage", "SentMessage", "Media", "Notification", "EventMessage" }
            from property in definitions.GetProperty(schema).GetProperty("properties").EnumerateObject()
            where !definitions.GetProperty(schema).GetProperty("required").EnumerateArray().Any(name => name.GetString() == property.Name)
            select property.Name;

        Assert.Equal(["replyWindowClosesAt", "lastMessageAt", "createdAt"], optional.Distinct());
        Assert.Contains("only replyWindowClosesAt, lastMessageAt and createdAt are left out when unknown", said, StringComparison.Ordinal);
        Assert.Single(AlwaysThere().Matches(said));
    }

    [Fact]
    public void Every_file_and_heading_that_a_document_links_to_exists()
    {
        var documents = new[] { "", "docs", "infra" }.SelectMany(folder => Directory.EnumerateFiles(
            Repository.PathOf(folder), "*.md", folder.Length == 0 ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories)).ToList();

        Assert.True(documents.Count >= 12);
        Assert.All(documents, document => Assert.All(Link().Matches(File.ReadAllText(document)), link =>
        {
            var target = link.Groups["path"].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, link.Groups["path"].Value);
            Assert.True(File.Exists(target), $"{document}: {link.Value}");
            if (link.Groups["anchor"].Success)
                Assert.Contains(link.Groups["anchor"].Value, new Document(Path.GetRelativePath(Repository.PathOf(), target)).Anchors);
        }));
    }

    [Fact]
    public void Every_source_file_it_names_exists() => Assert.All(
        SourceFile().Matches(Readme.Text),
        name => Assert.Single(new[] { "src", "tests" }.SelectMany(folder =>
            Directory.GetFiles(Repository.PathOf(folder), name.Groups["name"].Value, SearchOption.AllDirectories))));

    private static IEnumerable<string> WithoutTimes(JsonElement summary) => summary.EnumerateObject()
        .Select(property => $"{property.Name}: {property.Value}").Where(member => !TimeMember().IsMatch(member));

    [GeneratedRegex("^(replyWindowSecondsLeft|[A-Za-z]+At): ")]
    private static partial Regex TimeMember();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex("always there")]
    private static partial Regex AlwaysThere();

    [GeneratedRegex(@"^curl -s http://localhost:7071/api/(?<path>\S+)$", RegexOptions.Multiline)]
    private static partial Regex CurlLine();

    [GeneratedRegex(@"\]\((?<path>[^:)#]*)(?:#(?<anchor>[^)]*))?\)")]
    private static partial Regex Link();

    [GeneratedRegex("`(?<name>[A-Za-z]+\\.cs)`")]
    private static partial Regex SourceFile();
}
