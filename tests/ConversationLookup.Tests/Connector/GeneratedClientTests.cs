using System.Reflection;
using System.Runtime.Loader;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;
using ConversationLookup.Webhooks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;

namespace ConversationLookup.Tests.Connector;

/// <summary>A public generator (NSwag) makes a client of the served definition; it compiles, and its calls succeed.</summary>
public sealed class GeneratedClientTests
{
    /// <summary>What a user of the client would write; typed, so that compiling it is half of the test.</summary>
    private const string Program =
        """
        public static class Program
        {
            public static async System.Threading.Tasks.Task<string> RunAsync(System.Net.Http.HttpClient http, string callbackUrl)
            {
                var client = new Generated.LookupClient(http);
                Generated.ConversationPage found = await client.FindConversationsAsync("+44 7700 900222", null, null, Generated.Status.Active, true, null, null, 10, 0);
                var id = System.Guid.Parse(System.Linq.Enumerable.Single(found.Items).Id);
                Generated.Conversation conversation = await client.GetConversationAsync(id);
                Generated.MessagePage messages = await client.ListMessagesAsync(id, 3, null);
                Generated.EventList events = await client.ListEventsAsync();
                var picked = System.Linq.Enumerable.ToList(System.Linq.Enumerable.Select(events.Items, item => item.Id));
                Generated.Subscription subscription = await client.WhenAMessageIsReceivedAsync(new Generated.Subscribe { CallbackUrl = callbackUrl, Events = picked });
                await client.DeleteSubscriptionAsync(subscription.Id);
                Generated.Button[] buttons = [new() { Text = "Another day", Id = "another-day" }];
                Generated.SentMessage sent = await client.SendMessageAsync(id, new Generated.MessageToSend { Text = "It arrives tomorrow.", Buttons = buttons, IdempotencyKey = "once" });
                Generated.SentMessage again = await client.SendMessageAsync(id, new Generated.MessageToSend { Text = "It arrives tomorrow.", Buttons = buttons, IdempotencyKey = "once" });
                var name = System.Linq.Enumerable.First((await client.ListTemplatesAsync(conversation.BusinessPhoneNumber)).Items).Name;
                Generated.TemplateSchema template = await client.GetTemplateSchemaAsync(name, null);
                var values = System.Linq.Enumerable.ToDictionary(template.Schema.Required, field => field, field => "Amara");
                Generated.SentMessage templated = await client.SendTemplateAsync(id, new Generated.TemplateToSend { TemplateName = name, Values = values });
                Generated.Conversation prompted = await client.PromptAgentAsync(id, new Generated.Prompt { Prompt1 = "Ask for the order number." });
                Generated.Conversation taken = await client.TakeOverAsync(id, new Generated.Takeover { Minutes = 30 });
                Generated.Conversation back = await client.HandBackAsync(id, new Generated.ActionOptions());
                await client.MarkReadAsync(id, new Generated.ActionOptions());
                await client.ShowTypingAsync(id, new Generated.ActionOptions());
                Generated.Conversation started = await client.StartConversationAsync(new Generated.ConversationToStart { ToPhoneNumber = "+44 7700 900999" });
                var picks = $"{(await client.ListAgentsAsync()).Items.Count > 0} {(await client.ListBusinessNumbersAsync()).Items.Count > 0}";
                string code;
                try
                {
                    await client.GetConversationAsync(System.Guid.Empty);
                    code = "none";
                }
                catch (Generated.LookupException<Generated.Problem> exception) when (exception.StatusCode == 404)
                {
                    code = exception.Result.Code;
                }

                int seconds = conversation.ReplyWindowSecondsLeft;
                System.DateTimeOffset? closesAt = conversation.ReplyWindowClosesAt;
                return $"{conversation.ContactName} {seconds > 0} {closesAt.HasValue} {messages.Count} {messages.HasMore} {subscription.Events.Count} {code}"
                    + $" {sent.Id == again.Id} {templated.ConfirmedBy} {prompted.Id == conversation.Id} {taken.IsHumanTakeover} {back.IsHumanTakeover} {started.ContactPhoneNumber} {picks}";
            }
        }
        """;

    [Fact]
    public async Task A_client_generated_from_the_served_definition_compiles_and_calls_the_local_host()
    {
        await using var sample = await SampleServer.StartAsync(new SampleOptions { Url = "http://127.0.0.1:0" }, TimeProvider.System);
        await using var app = await App.StartAsync(new Dictionary<string, string>
        {
            ["Wassist:BaseUrl"] = sample.Url,
            ["Wassist:ApiKey"] = SampleServer.ApiKey,
            ["AzureWebJobsStorage"] = await Azurite.NewAccountAsync(),
            ["Subscriptions:AllowLocalCallbacks"] = "true",
            ["Actions:Allowed"] = "all",
            ["LocalHost:Key"] = "the-function-key",
        });
        await using var flow = await FakeFlow.StartAsync();

        var client = Compile(await GenerateAsync(app));
        using var http = new HttpClient { DefaultRequestHeaders = { { "x-functions-key", "the-function-key" } } };
        var run = (Task<string>)client.GetType("Program")!.GetMethod("RunAsync")!.Invoke(null, [http, flow.CallbackUrl])!;

        Assert.Equal(
            $"Amara Osei True True 3 True {EventTypes.ForFlows.Count} conversation_not_found True answer True True False +447700900999 True True", await run);
    }

    /// <summary>It asks the address that the definition names, so that one is tested, too.</summary>
    private static async Task<string> GenerateAsync(App app)
    {
        var document = await OpenApiDocument.FromUrlAsync($"{app.Http.BaseAddress}swagger.json", TestContext.Current.CancellationToken);
        var settings = new CSharpClientGeneratorSettings
        {
            ClassName = "LookupClient",
            ExceptionClass = "LookupException",
            OperationNameGenerator = new NSwag.CodeGeneration.OperationNameGenerators.SingleClientFromOperationIdOperationNameGenerator(),
            CSharpGeneratorSettings = { Namespace = "Generated", JsonLibrary = CSharpJsonLibrary.SystemTextJson, DateTimeType = "System.DateTimeOffset" },
        };
        return new CSharpClientGenerator(document, settings).GenerateFile();
    }

    private static Assembly Compile(string generated)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal) || Path.GetFileName(path) is "netstandard.dll")
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "GeneratedClient",
            [CSharpSyntaxTree.ParseText(generated), CSharpSyntaxTree.ParseText(Program)],
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var assembly = new MemoryStream();
        var result = compilation.Emit(assembly);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)));
        assembly.Position = 0;
        return new AssemblyLoadContext("GeneratedClient", isCollectible: true).LoadFromStream(assembly);
    }
}
