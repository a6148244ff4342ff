using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Infrastructure;

/// <summary>The Bicep compiler of the NuGet package, which needs no network.</summary>
internal static class Bicep
{
    private static readonly string? Compiler = typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .SingleOrDefault(metadata => metadata.Key == "BicepPath")?.Value?.Replace('\\', '/');

    private static readonly ConcurrentDictionary<string, Task<string>> Built = [];

    /// <summary>What the compiler and its linter find, whatever the level.</summary>
    /// <param name="pattern">A file, or files by a glob pattern.</param>
    public static async Task<IReadOnlyList<string>> LintAsync(string pattern)
    {
        var (_, output, _) = await RunAsync("lint", "--pattern", pattern, "--diagnostics-format", "sarif"); // with an error the exit code is 1
        var results = Reports(Encoding.UTF8.GetBytes(output)).SelectMany(report => report["runs"]![0]!["results"]!.AsArray());
        return [.. results.Select(result => $"{result!["ruleId"]}: {result["message"]!["text"]} {result["locations"]?[0]?["physicalLocation"]?.ToJsonString()}")];
    }

    /// <summary>The ARM template; each file is compiled once.</summary>
    public static async Task<JsonNode> BuildAsync(string path) =>
        JsonNode.Parse(await Built.GetOrAdd(path, file => SucceedAsync("build", file, "--stdout")))!;

    /// <summary>Lays files out as the compiler would.</summary>
    public static Task FormatAsync(string pattern) => SucceedAsync("format", "--pattern", pattern);

    /// <summary>Writes the resources that a parameter file would lead to beside it.</summary>
    /// <returns>Why it would lead to none; empty otherwise.</returns>
    public static async Task<string> SnapshotAsync(string path)
    {
        var (exitCode, _, error) = await RunAsync(
            "snapshot",
            path,
            "--mode", "overwrite",
            "--subscription-id", "00000000-0000-4000-8000-000000000001",
            "--tenant-id", "00000000-0000-4000-8000-000000000002",
            "--location", "westeurope");
        return exitCode == 0 ? "" : $"{exitCode}: {error}";
    }

    /// <summary>One SARIF report for each file, one after the other.</summary>
    private static List<JsonNode> Reports(ReadOnlySpan<byte> output)
    {
        var reader = new Utf8JsonReader(output, new JsonReaderOptions { AllowMultipleValues = true });
        var reports = new List<JsonNode>();
        while (reader.Read())
            reports.Add(JsonNode.Parse(ref reader)!);
        Assert.NotEmpty(reports);
        return reports;
    }

    private static async Task<string> SucceedAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await RunAsync(arguments);
        Assert.True(exitCode == 0, error);
        return output;
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        Assert.SkipWhen(Compiler is null, "The compiler's package is for Linux.");
        return Command.RunAsync(new ProcessStartInfo(Compiler, arguments)
        {
            Environment = { ["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = Tools.FolderOf("bicep") }, // HOME may be read-only
        });
    }
}
