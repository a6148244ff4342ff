using System.Text.Json;
using System.Xml.Linq;
using ConversationLookup.LocalHost.Queues;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConversationLookup.Tests.Functions;

/// <summary>
/// Guards of the Functions adapter that need none of the worker's packages: its source compiles, and its triggers are the local
/// host's endpoints.
/// </summary>
public sealed class AdapterTests
{
    private const string Adapter = "ConversationLookup.Functions";

    private static readonly CSharpCompilation Compilation = Compile();

    [Fact]
    public void The_adapters_source_compiles_against_the_workers_declarations()
    {
        const string UnnecessaryUsing = "CS8019"; // hidden in the compiler, an error (IDE0005) in our build
        var diagnostics = Compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(diagnostic =>
            diagnostic.Severity >= DiagnosticSeverity.Warning
            || (diagnostic.Id == UnnecessaryUsing && diagnostic.Location.SourceTree!.FilePath.Contains(Adapter, StringComparison.Ordinal)));

        Assert.Empty(diagnostics);
    }

    [Fact]
    public async Task Every_trigger_has_the_verb_route_and_key_of_an_endpoint_and_every_endpoint_has_a_trigger()
    {
        var endpoints = (await AppEndpoint.ListAsync()).Select(endpoint => $"{endpoint.Method} {endpoint.Path} {(endpoint.NeedsKey ? "Function" : "Anonymous")}");

        var triggers = HttpTriggers().Select(trigger => $"{trigger.Method.ToUpperInvariant()} {Routes.Prefix}/{trigger.Route} {trigger.Level}");

        Assert.Equal(endpoints.Order(), triggers.Order());
    }

    [Fact]
    public void Every_trigger_is_one_expression_takes_its_route_values_and_can_be_cancelled()
    {
        Assert.All(Functions(), function =>
        {
            var syntax = (MethodDeclarationSyntax)function.DeclaringSyntaxReferences.Single().GetSyntax(TestContext.Current.CancellationToken);
            Assert.NotNull(syntax.ExpressionBody);
            Assert.Equal(Accessibility.Public, function.ContainingType.DeclaredAccessibility);
            Assert.Equal(
                HttpTriggers().Any(trigger => SymbolEqualityComparer.Default.Equals(trigger.Function, function))
                    ? "System.Threading.Tasks.Task<Microsoft.AspNetCore.Http.IResult>"
                    : "System.Threading.Tasks.Task",
                function.ReturnType.ToDisplayString());
            Assert.Contains(function.Parameters, parameter => parameter.Type.Name == nameof(CancellationToken));
        });
        Assert.All(HttpTriggers(), trigger => Assert.All(
            trigger.Route.Split('/').Where(segment => segment.StartsWith('{')),
            segment => Assert.Contains(trigger.Function.Parameters, parameter => parameter.Name == segment.Trim('{', '}') && parameter.Type.SpecialType == SpecialType.System_String)));
    }

    [Fact]
    public void Each_queue_has_one_trigger_that_binds_the_message_itself_on_the_hosts_own_storage()
    {
        var triggers = Triggers("QueueTriggerAttribute").ToList();

        Assert.Equal(StorageNames.Queues.Order(), triggers.Select(trigger => (string)trigger.Attribute.ConstructorArguments[0].Value!).Order());
        Assert.All(triggers, trigger => Assert.Empty(trigger.Attribute.NamedArguments));
        Assert.All(triggers, trigger => Assert.Equal("Azure.Storage.Queues.Models.QueueMessage", trigger.Parameter.Type.ToDisplayString()));
    }

    [Fact]
    public void The_maintenance_runs_once_a_day()
    {
        var trigger = Assert.Single(Triggers("TimerTriggerAttribute"));

        Assert.Matches("^0 [0-9]+ [0-9]+ [*] [*] [*]$", (string)trigger.Attribute.ConstructorArguments[0].Value!); // six fields, with seconds
    }

    [Fact]
    public void Function_names_are_unique_ignoring_case()
    {
        var names = Functions().Select(function => (string)Attribute(function, "FunctionAttribute").ConstructorArguments[0].Value!).ToList();

        Assert.NotEmpty(names);
        Assert.Equal(names.Count, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void Nothing_but_the_adapter_refers_to_the_workers_packages()
    {
        var projects = Directory.GetFiles(Repository.PathOf(), "*.csproj", SearchOption.AllDirectories)
            .Where(path => XDocument.Load(path).Descendants("PackageReference").Any(reference =>
                reference.Attribute("Include")!.Value.StartsWith("Microsoft.Azure.Functions.", StringComparison.Ordinal)));

        Assert.Equal([$"{Adapter}.csproj"], projects.Select(Path.GetFileName));
    }

    [Fact]
    public void The_solution_builds_the_adapter_for_release_and_leaves_it_out_for_debug()
    {
        var lines = Repository.Read("Functions.sln").Split('\n').Select(line => line.Trim()).ToList();
        var id = lines.Single(line => line.Contains($"\"{Adapter}\"", StringComparison.Ordinal)).Split('"')[^2];

        Assert.Contains($"{id}.Release|Any CPU.Build.0 = Release|Any CPU", lines);
        Assert.Contains($"{id}.Debug|Any CPU.ActiveCfg = Debug|Any CPU", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith($"{id}.Debug|Any CPU.Build.0", StringComparison.Ordinal));
    }

    [Fact]
    public void The_hosts_settings_agree_with_the_code()
    {
        using var host = JsonDocument.Parse(Repository.Read("host.json"));
        var root = host.RootElement;

        Assert.Equal("2.0", root.GetProperty("version").GetString());
        Assert.Equal(Routes.Prefix, root.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());
        // A 429 of the host's own would lose a webhook: Wassist sends again on 5xx only.
        var http = root.GetProperty("extensions").GetProperty("http");
        Assert.Equal((-1, -1, false), (http.GetProperty("maxOutstandingRequests").GetInt32(), http.GetProperty("maxConcurrentRequests").GetInt32(), http.GetProperty("dynamicThrottlesEnabled").GetBoolean()));
        Assert.Equal("OpenTelemetry", root.GetProperty("telemetryMode").GetString());
        var queues = root.GetProperty("extensions").GetProperty("queues");
        Assert.Equal(AppStorage.MessageEncoding.ToString(), queues.GetProperty("messageEncoding").GetString(), ignoreCase: true);
        Assert.Equal(AppStorage.MaxDequeueCount, queues.GetProperty("maxDequeueCount").GetInt32());
        Assert.Equal(QueueWorker.BatchSize, queues.GetProperty("batchSize").GetInt32());
        Assert.Equal(QueueWorker.BatchSize / 2, queues.GetProperty("newBatchThreshold").GetInt32());
        Assert.Equal(QueueWorker.RetryAfter.ToString("c"), queues.GetProperty("visibilityTimeout").GetString());
        Assert.Equal(QueueWorker.LongestPause.ToString("c"), queues.GetProperty("maxPollingInterval").GetString());
        Assert.True(TimeSpan.Parse(root.GetProperty("functionTimeout").GetString()!, System.Globalization.CultureInfo.InvariantCulture) > TimeSpan.FromSeconds(30));
    }

    /// <summary>Seen in the worker's log behind a host: <c>Request starting HTTP/1.1 GET …?code=</c> and the function key.</summary>
    [Fact]
    public void The_web_frameworks_everyday_messages_which_name_whole_addresses_are_not_logged() => Assert.Contains(
        """builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);""",
        Repository.Read("src", Adapter, "Program.cs").Split('\n'));

    [Fact]
    public void The_sample_settings_start_the_app_against_the_sample_wassist()
    {
        using var settings = JsonDocument.Parse(Repository.Read("local.settings.sample.json"));
        var values = settings.RootElement.GetProperty("Values").EnumerateObject().ToDictionary(value => value.Name, value => value.Value.GetString());

        Assert.False(settings.RootElement.GetProperty("IsEncrypted").GetBoolean());
        Assert.Equal("dotnet-isolated", values["FUNCTIONS_WORKER_RUNTIME"]);
        Assert.Equal(new SampleOptions().Url, values["Wassist__BaseUrl"]);
        Assert.Equal(SampleServer.ApiKey, values["Wassist__ApiKey"]);
        Assert.Equal(Simulation.WebhookSecret, values["Wassist__WebhookSecret"]);
        Assert.Equal("UseDevelopmentStorage=true", values["AzureWebJobsStorage"]);
    }

    private static CSharpCompilation Compile()
    {
        // The SDK's implicit usings of a project that is no web project.
        const string ImplicitUsings =
            "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; " +
            "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";
        var parsing = new CSharpParseOptions(LanguageVersion.Latest);
        var sources = Directory.GetFiles(Repository.PathOf("src", Adapter), "*.cs")
            .Append(Repository.PathOf("tests", "ConversationLookup.Tests", "Functions", "WorkerDeclarations.cs"))
            .Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), parsing, path))
            .Append(CSharpSyntaxTree.ParseText(ImplicitUsings, parsing));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is not ("ConversationLookup.LocalHost.dll" or "ConversationLookup.Tests.dll"))
            .Select(path => MetadataReference.CreateFromFile(path));
        return CSharpCompilation.Create(
            Adapter,
            sources,
            references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable)
                .WithSpecificDiagnosticOptions([new("CS1701", ReportDiagnostic.Suppress)])); // as the SDK does: newer assemblies stand in for older ones
    }

    private static IEnumerable<IMethodSymbol> Functions() => Compilation.Assembly.GlobalNamespace.GetNamespaceMembers()
        .SelectMany(AllTypes)
        .SelectMany(type => type.GetMembers().OfType<IMethodSymbol>())
        .Where(method => method.GetAttributes().Any(attribute => attribute.AttributeClass!.Name == "FunctionAttribute"));

    private static IEnumerable<INamedTypeSymbol> AllTypes(INamespaceSymbol space) =>
        space.GetTypeMembers().Concat(space.GetNamespaceMembers().SelectMany(AllTypes));

    private static IEnumerable<Trigger> HttpTriggers()
    {
        foreach (var function in Functions())
        {
            foreach (var attribute in function.Parameters.SelectMany(parameter => parameter.GetAttributes()).Where(attribute => attribute.AttributeClass!.Name == "HttpTriggerAttribute"))
            {
                // Without a level the attribute's own default is not the host's: https://github.com/Azure/azure-functions-dotnet-worker HttpTriggerAttribute.cs
                Assert.Equal(2, attribute.ConstructorArguments.Length);
                var level = (int)attribute.ConstructorArguments[0].Value! switch { 0 => "Anonymous", 2 => "Function", var other => $"level {other}" };
                var route = (string)attribute.NamedArguments.Single(argument => argument.Key == "Route").Value.Value!;
                foreach (var method in attribute.ConstructorArguments[1].Values)
                    yield return new Trigger(function, (string)method.Value!, route, level);
            }
        }
    }

    private static IEnumerable<(IParameterSymbol Parameter, AttributeData Attribute)> Triggers(string attribute) => Functions()
        .SelectMany(function => function.Parameters)
        .SelectMany(parameter => parameter.GetAttributes().Where(data => data.AttributeClass!.Name == attribute).Select(data => (parameter, data)));

    private static AttributeData Attribute(IMethodSymbol method, string name) =>
        method.GetAttributes().Single(attribute => attribute.AttributeClass!.Name == name);

    private sealed record Trigger(IMethodSymbol Function, string Method, string Route, string Level);
}
