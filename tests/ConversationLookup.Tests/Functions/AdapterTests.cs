using System.Text.Json;
using System.Xml.Linq;
using ConversationLookup.FunctionsHost;
using ConversationLookup.Guardian;
using ConversationLookup.LocalHost.Queues;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Functions;

/// <summary>What the Functions host is told of the app: the metadata of the published worker, its <c>host.json</c> and its settings.</summary>
public sealed class AdapterTests
{
    private const string Adapter = "ConversationLookup.Functions";

    private static readonly JsonElement Metadata =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(PublishedApp.Directory, "functions.metadata"))).RootElement;

    [Fact]
    public async Task Every_trigger_has_the_verb_route_and_key_of_an_endpoint_and_every_endpoint_has_a_trigger()
    {
        var endpoints = (await AppEndpoint.ListAsync()).Select(endpoint => $"{endpoint.Method} {endpoint.Path} {(endpoint.NeedsKey ? "Function" : "Anonymous")}");

        var triggers =
            from trigger in Triggers("httpTrigger")
            from method in trigger.GetProperty("methods").EnumerateArray()
            select $"{method.GetString()!.ToUpperInvariant()} {Routes.Prefix}/{trigger.GetProperty("route")} {trigger.GetProperty("authLevel")}";

        Assert.Equal(endpoints.Order(), triggers.Order());
    }

    [Fact]
    public void Each_queue_has_one_trigger_that_binds_the_message_itself_on_the_hosts_own_storage()
    {
        var triggers = Triggers("queueTrigger").ToList();

        Assert.Equal(StorageNames.Queues.Order(), triggers.Select(trigger => trigger.GetProperty("queueName").GetString()!).Order());
        Assert.All(triggers, trigger => Assert.False(trigger.TryGetProperty("connection", out _)));
        // A string is converted by the host; the message itself is not.
        Assert.All(triggers, trigger => Assert.Equal("True", trigger.GetProperty("properties").GetProperty("supportsDeferredBinding").GetString()));
    }

    [Fact]
    public void The_maintenance_runs_once_a_day_the_purge_at_other_hours_and_the_guardian_every_five_minutes()
    {
        var schedules = Triggers("timerTrigger").Select(trigger => trigger.GetProperty("schedule").GetString()!).ToList();

        Assert.Equal(["0 */5 * * * *", "0 0 3 * * *", "0 0 9,15,21 * * *"], schedules.Order(StringComparer.Ordinal)); // six fields, with seconds
        Assert.Equal(TimeSpan.FromMinutes(5), WebhookGuardian.Interval);
    }

    [Fact]
    public void Function_names_are_unique_ignoring_case()
    {
        var names = Metadata.EnumerateArray().Select(function => function.GetProperty("name").GetString()!).ToList();

        Assert.NotEmpty(names);
        Assert.Equal(names.Count, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    /// <summary>What starts sooner on Linux must be what is deployed, and what is tested here.</summary>
    [Fact]
    public void The_published_app_is_compiled_ahead_of_time_and_brings_no_settings_of_a_person()
    {
        using var assembly = new System.Reflection.PortableExecutable.PEReader(File.OpenRead(Path.Combine(PublishedApp.Directory, "ConversationLookup.dll")));

        Assert.NotEqual(0, assembly.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size);
        Assert.False(File.Exists(Path.Combine(PublishedApp.Directory, "local.settings.json")));
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
        Assert.Equal(QueueWorker.NewBatchThreshold, queues.GetProperty("newBatchThreshold").GetInt32());
        Assert.Equal(QueueWorker.RetryAfter.ToString("c"), queues.GetProperty("visibilityTimeout").GetString());
        Assert.Equal(QueueWorker.LongestPause.ToString("c"), queues.GetProperty("maxPollingInterval").GetString());
        Assert.True(TimeSpan.Parse(root.GetProperty("functionTimeout").GetString()!, System.Globalization.CultureInfo.InvariantCulture) > TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void The_sample_settings_start_the_app_against_the_sample_wassist()
    {
        using var settings = JsonDocument.Parse(Repository.Read("local.settings.sample.json"));
        var values = settings.RootElement.GetProperty("Values").EnumerateObject().ToDictionary(value => value.Name, value => value.Value.GetString());

        Assert.False(settings.RootElement.GetProperty("IsEncrypted").GetBoolean());
        Assert.Equal("dotnet-isolated", values["FUNCTIONS_WORKER_RUNTIME"]);
        Assert.Equal(new SampleOptions().Url, values["Wassist__BaseUrl"]);
        Assert.Equal(SampleServer.ApiKey, values["Wassist__ApiKey"]);
        Assert.Equal(SampleWebhook.Secret, values["Wassist__WebhookSecret"]);
        Assert.Equal("UseDevelopmentStorage=true", values["AzureWebJobsStorage"]);
    }

    private static IEnumerable<JsonElement> Triggers(string type) =>
        from function in Metadata.EnumerateArray()
        from binding in function.GetProperty("bindings").EnumerateArray()
        where binding.GetProperty("type").GetString() == type
        select binding;
}
