using System.Reflection;
using System.Text.Json;
using ConversationLookup.Actions;
using ConversationLookup.Conversations;
using ConversationLookup.Files;
using ConversationLookup.Http;
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

/// <summary><c>docs/reference.md</c> has every parameter, event, setting and error, and no other.</summary>
public sealed class ReferenceTests
{
    private static readonly Document Reference = new("docs", "reference.md");

    [Fact]
    public void Its_notification_is_one_that_a_flow_gets() => PayloadContract.AssertNotification(Reference.JsonExamples[0]);

    [Fact]
    public async Task Its_problem_is_one_that_the_app_answers()
    {
        var shown = Reference.JsonExamples[^1];
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(404);
        await using var app = await App.StartAsync(wassist);

        var answer = await app.LookUpAsync();

        Assert.Equal(WithoutTrace(shown), WithoutTrace(answer.Body));
    }

    [Fact]
    public void It_names_every_event_a_flow_may_want() => Names.AssertSame(
        EventTypes.ForFlows, EventTypes.ForFlows.Where(type => Reference.Section("What a trigger does").Contains($"`{type}`", StringComparison.Ordinal)),
        "'What a trigger does' in docs/reference.md names every event; 'To add an event' in CONTRIBUTING.md has the rest.");

    [Fact]
    public void It_names_every_problem_code_with_its_status_and_no_other()
    {
        var all = typeof(ProblemCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!).ToList();
        var made = typeof(Catalogue).GetMethods(BindingFlags.Public | BindingFlags.Static).Select(Make).OfType<Problem>().ToList();
        var rows = Reference.Section("Errors").Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|'))
            .SelectMany(cells => cells[1].Split(',').Zip(cells[2].Split(','), (code, status) => $"{code.Trim(' ', '`')} {status.Trim()}"));

        Assert.Equal(all.Order(), ProblemCodes.All.Order());
        Assert.Equal(all.Order(), made.Select(problem => problem.Code).Distinct().Order());
        Assert.Equal(made.Select(problem => $"{problem.Code} {problem.Status}").Distinct().Order(), rows.Order());

        // Each problem of the catalogue, about anything.
        static Problem? Make(MethodInfo method) => method.ReturnType == typeof(Problem) && method.Name != nameof(Catalogue.InvalidRequest) ? (Problem)Call(method)!
            : method.ReturnType == typeof(Fault) ? Catalogue.InvalidRequest([(Fault)Call(method)!])
            : null;

        static object? Call(MethodInfo method) => method.Invoke(null, [.. method.GetParameters().Select(parameter => parameter.ParameterType switch
        {
            var type when type == typeof(int) => 400,
            var type when type == typeof(IEnumerable<string>) => (string[])["something"],
            var type when type == typeof(IReadOnlyList<string>) => (string[])["something"],
            var type when type.IsValueType => Activator.CreateInstance(type),
            _ => "something",
        })]);
    }

    [Fact]
    public void It_names_every_setting_with_its_default_and_no_other()
    {
        var settings = Of("KeyVault:", new KeyVaultOptions()).Concat(Of("Wassist:", new WassistOptions())).Concat(Of("Lookup:", new LookupOptions()))
            .Concat(Of("Files:", new FilesOptions())).Concat(Of("Actions:", new ActionOptions())).Concat(Of("Subscriptions:", new SubscriptionOptions())).Concat(Of("Webhooks:", new WebhookOptions())).Concat(Of("", new PublicUrlOptions()))
            .Concat(Of("ConnectionStrings:", new RedisOptions())).Concat(Of("AzureWebJobsStorage:", new StorageOptions())).Append(KeyValuePair.Create("AzureWebJobsStorage", ""))
            .ToList();
        var rows = Reference.Section("Settings").Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|'))
            .SelectMany(cells => cells[1].Split(',').Select(name => KeyValuePair.Create(name.Trim(' ', '`'), cells[2].Trim(' ', '`'))));

        Names.AssertSame(
            ConversationLookupServices.Settings.SelectMany(section => section.Settings.Select(setting => section.Name.Length == 0 ? setting : $"{section.Name}:{setting}")).Append("AzureWebJobsStorage"),
            settings.Select(setting => setting.Key), "ConversationLookupServices.Settings lists the sections, and this test their types.");
        Names.AssertSame(
            settings.Select(setting => $"{setting.Key} = {setting.Value}"), rows.Select(setting => $"{setting.Key} = {setting.Value}"),
            "The table under 'Settings' in docs/reference.md has every setting with its default; 'To add a setting' in CONTRIBUTING.md has the rest.");

        static IEnumerable<KeyValuePair<string, string>> Of(string prefix, object defaults) => defaults.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetSetMethod() is not null)
            .Select(property => KeyValuePair.Create($"{prefix}{property.Name}", property.GetValue(defaults)?.ToString()!.TrimEnd('/') ?? ""));
    }

    [Fact]
    public async Task It_names_every_parameter_of_a_search_and_no_other()
    {
        var definition = await ServedDefinition.ParseAsync(Repository.Read("infra", "connector", "apiDefinition.swagger.json"));

        Assert.Equal(
            definition.Operation("FindConversations").Operation.Parameters.Select(parameter => parameter.Name).Append("fields").Order(),
            Document.CodesOf(Reference.Section("Find conversations and list messages")));
    }

    private static IEnumerable<string> WithoutTrace(JsonElement problem) => problem.EnumerateObject()
        .Where(property => property.Name != "traceId").Select(property => $"{property.Name}: {property.Value}");
}
