using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using ConversationLookup.LocalHost;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>Starting the local host as a newcomer does, in a process of its own.</summary>
public sealed partial class StartTests
{
    [Fact]
    public async Task The_curl_line_it_prints_answers_a_conversation_of_the_sample()
    {
        Programs.RequireOrSkip("curl", "curl");
        await using var host = LocalHostProcess.Start(FreePorts());

        var output = await host.ReadyAsync();

        PayloadContract.AssertSummary(await RunAsync(Assert.Single(CurlLines(output))));
        Assert.Contains("Flow inbox            off, because AzureWebJobsStorage is not set", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_storage_it_prints_another_that_has_the_contact_write()
    {
        Programs.RequireOrSkip("curl", "curl");
        await using var host = LocalHostProcess.Start(FreePorts(), new Dictionary<string, string> { ["AzureWebJobsStorage"] = await Azurite.NewAccountAsync() });

        var output = await host.ReadyAsync();

        using var http = new HttpClient();
        Assert.Contains("<html", await http.GetStringAsync(InboxLine().Match(output).Groups["address"].Value, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var curls = CurlLines(output);
        Assert.Equal(2, curls.Count);
        PayloadContract.AssertSummary(await RunAsync(curls[0]));
        Assert.Equal(202, (await RunAsync(curls[1])).GetProperty("webhookStatus").GetInt32());
    }

    [Fact]
    public async Task The_curl_line_works_with_a_function_key_too()
    {
        Programs.RequireOrSkip("curl", "curl");
        await using var host = LocalHostProcess.Start(FreePorts(), new Dictionary<string, string> { ["LocalHost__Key"] = "local-key-do-not-print" });

        var output = await host.ReadyAsync();
        Assert.DoesNotContain("do-not-print", output, StringComparison.Ordinal);
        var curl = Assert.Single(CurlLines(output));

        PayloadContract.AssertSummary(await RunAsync(curl));
        var keyFile = KeyFile().Match(curl).Groups["path"].Value;
        Assert.True(File.Exists(keyFile));
        await host.StopAsync();
        Assert.False(Directory.Exists(Path.GetDirectoryName(keyFile)));
    }

    [Theory]
    [InlineData("2026-10-25T01:30:00+00:00", "2026-10-25T01:30:00Z")] // Dublin has this hour twice
    [InlineData("2026-03-29T01:30:00+00:00", "2026-03-29T01:30:00Z")] // and this one not at all
    public async Task The_time_zone_of_the_machine_changes_no_time(string createdAt, string expected)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Json(_ => Bodies.With("lastMessage.createdAt", $"\"{createdAt}\""));
        var url = $"http://127.0.0.1:{LocalServer.FreePort()}";
        await using var host = LocalHostProcess.Start(
            ["--urls", url],
            new Dictionary<string, string> { ["Wassist__BaseUrl"] = wassist.Url, ["Wassist__ApiKey"] = FakeWassist.Key, ["TZ"] = "Europe/Dublin" });
        await host.ReadyAsync();
        using var http = new HttpClient { BaseAddress = new Uri(url) };

        using var response = await http.GetAsync($"/api/conversations/{Bodies.Id}", TestContext.Current.CancellationToken);

        Assert.Equal(expected, (await Answer.ReadAsync(response)).IsSummary()["lastMessageAt"].GetString());
    }

    [Theory]
    [InlineData("secrets", "dotnet user-secrets remove Wassist:ApiKey --project src/ConversationLookup.LocalHost")]
    [InlineData("environment", "unset Wassist__ApiKey")]
    [InlineData("command line", "Wassist:ApiKey is on the command line")]
    public async Task Without_the_sample_it_says_why_and_how_to_get_it_back(string where, string advice)
    {
        var environment = await WithSecretsAsync(where == "secrets" ? "{\"Wassist:ApiKey\":\"a-real-key\\n\"}" : "{}");
        if (where == "environment")
            environment["Wassist__ApiKey"] = "a-real-key";
        await using var host = LocalHostProcess.Start([.. FreePorts(), .. where == "command line" ? (string[])["--Wassist:ApiKey", "a-real-key"] : []], environment);

        var output = await host.ReadyAsync();

        Assert.Contains("Sample Wassist        off", output, StringComparison.Ordinal);
        Assert.Contains(advice, output, StringComparison.Ordinal);
        Assert.DoesNotContain("a-real-key", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelled_setting_is_warned_of()
    {
        await using var host = LocalHostProcess.Start(FreePorts(), new Dictionary<string, string> { ["Lookup__CacheSecond"] = "5" });

        await host.ReadyAsync();

        await host.SaysAsync("'Lookup:CacheSecond' is not a setting of this app. Did you mean 'Lookup:CacheSeconds'");
    }

    [Fact]
    public void Where_endpoints_of_Kestrel_are_set_the_addresses_that_they_replace_are_not_looked_at()
    {
        string[] wrong = ["--Wassist:ApiKey", "key", "--urls", "ftp://127.0.0.1"];

        Assert.StartsWith("urls", Assert.Single(FaultsOf(wrong)), StringComparison.Ordinal);
        Assert.Empty(FaultsOf([.. wrong, "--Kestrel:Endpoints:Http:Url", "http://127.0.0.1:0"]));

        static IReadOnlyList<string> FaultsOf(string[] args) => LocalHostApp.Faults(LocalHostApp.CreateBuilder(args).Configuration);
    }

    [Theory]
    [InlineData("1.3.6.1.4.1.311.84.1.1", true, true)]
    [InlineData("1.3.6.1.4.1.311.84.1.1", false, false)] // such as the one of another machine that is trusted here
    [InlineData("1.3.6.1.4.1.311.84.1.2", true, false)]
    public void A_certificate_for_https_is_one_that_dotnet_made_and_has_its_key(string extension, bool hasKey, bool isOne)
    {
        using var key = ECDsa.Create();
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension(extension, [2], critical: false));
        using var whole = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        using var publicPart = X509CertificateLoader.LoadCertificate(whole.Export(X509ContentType.Cert));

        Assert.Equal(isOne, ListenAddresses.IsDeveloperCertificate(hasKey ? whole : publicPart));
    }

    [Fact]
    public void It_has_one_heap_as_the_Functions_worker_has()
    {
        var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ConversationLookup.LocalHost.runtimeconfig.json"))).RootElement;

        Assert.False(settings.GetProperty("runtimeOptions").GetProperty("configProperties").GetProperty("System.GC.Server").GetBoolean());
    }

    [Fact]
    public async Task It_says_where_lookups_go_and_where_the_key_comes_from()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var host = LocalHostProcess.Start(
            ["--urls", $"http://localhost:{LocalServer.FreePort()}"],
            new Dictionary<string, string> { ["Wassist__BaseUrl"] = wassist.Url, ["Wassist__ApiKey"] = FakeWassist.Key });

        await host.ReadyAsync();
        await host.SaysAsync($"Lookups go to {wassist.Url}");
        await host.SaysAsync("Secrets come from the configuration (Wassist:ApiKey)");

        Assert.Contains("Sample Wassist        off", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeWassist.Key, host.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("this app")]
    [InlineData("the sample")]
    public async Task A_taken_port_is_said_plainly(string whose)
    {
        await using var taken = await FakeWassist.StartAsync();
        var port = new Uri(taken.Url).Port;
        string[] arguments = whose == "this app"
            ? ["--urls", $"http://127.0.0.1:{port}", "--SampleWassist:Url", $"http://localhost:{LocalServer.FreePort()}"]
            : ["--urls", $"http://localhost:{LocalServer.FreePort()}", "--SampleWassist:Url", $"http://127.0.0.1:{port}"];
        await using var host = LocalHostProcess.Start(arguments);

        Assert.Equal(1, await host.ExitAsync());

        Assert.Contains($"{port}: address already in use", host.Output, StringComparison.Ordinal);
        Assert.Contains($"--{(whose == "this app" ? "urls" : "SampleWassist:Url")} http://localhost:{port + 1}", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Wassist__BaseUrl=https://backend.wassist.app", "Wassist:ApiKey")]
    [InlineData("KeyVault__Uri=contoso", "KeyVault:Uri")]
    [InlineData("KeyVault__Uri=http://contoso.vault.azure.net", "KeyVault:Uri")]
    [InlineData("Wassist__ApiKey=k Lookup__CacheSeconds=two", "Lookup:CacheSeconds")]
    [InlineData("Wassist__ApiKey=k Wassist__BaseUrl=http://backend.wassist.app", "Wassist:BaseUrl")]
    [InlineData("AzureWebJobsStorage=UseDevelopmentStorage=True", "UseDevelopmentStorage=true")]
    [InlineData("AzureWebJobsStorage=BlobEndpoint=https://contoso.blob.core.windows.net/;SharedAccessSignature=ss=b&sig=abc", "AzureWebJobsStorage")]
    [InlineData("AzureWebJobsStorage__queueServiceUri=https://contoso.queue.core.windows.net/x", "AzureWebJobsStorage:QueueServiceUri")]
    [InlineData("Subscriptions__LookupPatience=2m", "00:02:00")]
    [InlineData("Subscriptions__AllowLocalCallbacks=yes", "true or false")]
    [InlineData("ConnectionStrings__Redis=redis://localhost", "ConnectionStrings:Redis")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=collector", "OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("APPLICATIONINSIGHTS_CONNECTION_STRING=key", "APPLICATIONINSIGHTS_CONNECTION_STRING")]
    [InlineData("SampleWassist__RequestsPerMinute=many", "SampleWassist:RequestsPerMinute")]
    [InlineData("SampleWassist__WebhookUrl=here", "SampleWassist:WebhookUrl")]
    [InlineData("SampleWassist__Url=http://localhost:8050/path", "SampleWassist:Url")]
    [InlineData("SampleWassist__Url=https://localhost:8050", "SampleWassist:Url")]
    [InlineData("Logging__LogLevel__Default=Loud", "Loud")]
    [InlineData("Kestrel__Endpoints__Web__Url=nonsense", "nonsense")]
    [InlineData("Wassist__BaseUrl=https://backend.wassist.app Wassist__ApiKeey=k", "Did you mean 'Wassist:ApiKey'")]
    [InlineData("Wassist__BaseUrl=https://backend.wassist.app Wassist__Timeout=1", "unset Wassist__BaseUrl")]
    public async Task A_missing_or_wrong_setting_stops_the_start_and_is_named(string environment, string setting)
    {
        var variables = environment.Split(' ').Select(variable => variable.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        variables.TryAdd("SampleWassist__Url", $"http://localhost:{LocalServer.FreePort()}");
        await using var host = LocalHostProcess.Start(["--urls", $"http://localhost:{LocalServer.FreePort()}"], variables);

        Assert.Equal(1, await host.ExitAsync());

        Assert.Contains("Conversation Lookup did not start:", host.Output, StringComparison.Ordinal);
        Assert.Contains(setting, host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:7071/path", "without a path")]
    [InlineData("https://localhost:7071", "dotnet dev-certs https")]
    [InlineData("http://203.0.113.7:7071", "does not have that address")]
    [InlineData("http://localhost:70000", "1 to 65535")]
    [InlineData("http://localhost:port", "1 to 65535")]
    [InlineData("http://localhost:0", "1 to 65535")]
    [InlineData("ftp://localhost:7071", "such as http://localhost:7071")]
    [InlineData("localhost:7071", "such as http://localhost:7071")]
    [InlineData("7071", "such as http://localhost:7071")]
    [InlineData("", "such as http://localhost:7071")]
    public async Task An_address_it_cannot_listen_at_is_named_with_what_would_be_right(string url, string advice)
    {
        await using var host = LocalHostProcess.Start(["--urls", url, "--SampleWassist:Url", $"http://localhost:{LocalServer.FreePort()}"]);

        Assert.Equal(1, await host.ExitAsync());

        Assert.Contains("Conversation Lookup did not start:", host.Output, StringComparison.Ordinal);
        Assert.Contains("urls", host.Output, StringComparison.Ordinal);
        Assert.Contains(advice, host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_said_at_once()
    {
        await using var taken = await FakeWassist.StartAsync();
        await using var host = LocalHostProcess.Start(
            ["--urls", "http://localhost:7071/path", "--SampleWassist:Url", taken.Url],
            new Dictionary<string, string>
            {
                ["AzureWebJobsStorage"] = "UseDevelopmentStorage=True",
                ["Lookup__CacheSeconds"] = "two",
                ["Subscriptions__LookupPatience"] = "2m",
                ["KeyVault__Urii"] = "https://contoso.vault.azure.net",
            });

        Assert.Equal(1, await host.ExitAsync());

        Assert.All(
            ["urls", "SampleWassist:Url", "AzureWebJobsStorage", "Lookup:CacheSeconds", "Subscriptions:LookupPatience", "'KeyVault:Urii'"],
            setting => Assert.Contains($"\n  {setting}", host.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_nobody_foresaw_is_said_in_its_own_words_once()
    {
        await using var host = LocalHostProcess.Start(["--Kestrel:Endpoints:Http:Url", "nonsense", "--SampleWassist:Url", $"http://localhost:{LocalServer.FreePort()}"]);

        Assert.Equal(1, await host.ExitAsync());

        Assert.Contains("Conversation Lookup did not start:", host.Output, StringComparison.Ordinal);
        Assert.Single(host.Output.Split('\n'), line => line.Contains("Invalid url", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_of_settings_that_is_no_JSON_is_named_with_what_is_wrong_in_it()
    {
        await using var host = LocalHostProcess.Start(FreePorts(), await WithSecretsAsync("{\"Wassist:ApiKey\""));

        Assert.Equal(1, await host.ExitAsync());

        Assert.Matches("did not start:\n  .*secrets\\.json'\\.\n  .*LineNumber: 0", host.Output);
        Assert.DoesNotContain("   at ", host.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"Flow inbox {12}(?<address>http\S+/inbox)")]
    private static partial Regex InboxLine();

    [GeneratedRegex("@(?<path>[^\"]+)\"")]
    private static partial Regex KeyFile();

    private static List<string> CurlLines(string output) =>
        [.. output.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("curl ", StringComparison.Ordinal))];

    /// <summary>As in another terminal, which does not know the key.</summary>
    private static async Task<JsonElement> RunAsync(string line) =>
        JsonElement.Parse((await Command.RunAsync(new ProcessStartInfo("sh", ["-c", line]))).Output);

    /// <summary>The environment of a developer with these user secrets; the run's temporary folder has them.</summary>
    private static async Task<Dictionary<string, string>> WithSecretsAsync(string json)
    {
        var home = Directory.CreateTempSubdirectory().FullName;
        var folder = Directory.CreateDirectory(Path.Combine(home, "Microsoft", "UserSecrets", "conversation-lookup")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "secrets.json"), json, TestContext.Current.CancellationToken);
        return new Dictionary<string, string> { ["DOTNET_ENVIRONMENT"] = "Development", ["APPDATA"] = home };
    }

    private static string[] FreePorts() =>
        ["--urls", $"http://localhost:{LocalServer.FreePort()}", "--SampleWassist:Url", $"http://localhost:{LocalServer.FreePort()}"];
}
