using System.Diagnostics;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>Starting the local host as a newcomer does, in a process of its own.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task The_curl_line_it_prints_answers_a_conversation_of_the_sample()
    {
        await using var host = LocalHostProcess.Start(FreePorts());

        var curl = (await host.ReadyAsync()).Split('\n').First(line => line.Trim().StartsWith("curl ", StringComparison.Ordinal)).Trim();
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", curl]) { RedirectStandardOutput = true })!;
        var answer = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        PayloadContract.AssertSummary(System.Text.Json.JsonDocument.Parse(answer).RootElement);
    }

    [Fact]
    public async Task The_curl_line_works_with_a_function_key_too()
    {
        await using var host = LocalHostProcess.Start(FreePorts(), new Dictionary<string, string> { ["LocalHost__Key"] = "local-key-do-not-print" });

        var output = await host.ReadyAsync();
        Assert.DoesNotContain("do-not-print", output, StringComparison.Ordinal);
        var curl = output.Split('\n').First(line => line.Trim().StartsWith("curl ", StringComparison.Ordinal)).Trim();
        var start = new ProcessStartInfo("sh", ["-c", curl]) { RedirectStandardOutput = true };
        start.Environment["LocalHost__Key"] = "local-key-do-not-print";
        using var process = Process.Start(start)!;
        var answer = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        PayloadContract.AssertSummary(System.Text.Json.JsonDocument.Parse(answer).RootElement);
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

    [Fact]
    public void It_has_one_heap_as_the_Functions_worker_has()
    {
        var settings = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ConversationLookup.LocalHost.runtimeconfig.json"))).RootElement;

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

        Assert.DoesNotContain("Sample Wassist", host.Output, StringComparison.Ordinal);
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
        Assert.Contains("--urls", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Wassist__BaseUrl=https://backend.wassist.app", "Wassist:ApiKey")]
    [InlineData("KeyVault__Uri=contoso", "KeyVault:Uri")]
    [InlineData("KeyVault__Uri=http://contoso.vault.azure.net", "KeyVault:Uri")]
    [InlineData("Wassist__ApiKey=k Lookup__CacheSeconds=two", "Lookup:CacheSeconds")]
    [InlineData("Wassist__ApiKey=k Wassist__BaseUrl=http://backend.wassist.app", "Wassist:BaseUrl")]
    public async Task A_missing_or_wrong_setting_stops_the_start_and_is_named(string environment, string setting)
    {
        var variables = environment.Split(' ').Select(variable => variable.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        await using var host = LocalHostProcess.Start(["--urls", $"http://localhost:{LocalServer.FreePort()}"], variables);

        Assert.Equal(1, await host.ExitAsync());

        Assert.Contains("Conversation Lookup did not start:", host.Output, StringComparison.Ordinal);
        Assert.Contains(setting, host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Output, StringComparison.Ordinal);
    }

    private static string[] FreePorts() =>
        ["--urls", $"http://localhost:{LocalServer.FreePort()}", "--SampleWassist:Url", $"http://localhost:{LocalServer.FreePort()}"];
}
