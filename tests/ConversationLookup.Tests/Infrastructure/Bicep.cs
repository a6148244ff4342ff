using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Infrastructure;

/// <summary>The Bicep compiler of the NuGet package, which needs no network.</summary>
internal static class Bicep
{
    private static readonly string? Compiler = typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .SingleOrDefault(metadata => metadata.Key == "BicepPath")?.Value?.Replace('\\', '/');

    /// <summary>Every Bicep file of the project, relative to <c>infra</c>.</summary>
    public static IEnumerable<string> Files { get; } =
        Directory.EnumerateFiles(Repository.PathOf("infra"), "*.bicep", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.PathOf("infra"), path)).Order(StringComparer.Ordinal);

    /// <summary>What the compiler and its linter find, whatever the level.</summary>
    public static async Task<IReadOnlyList<string>> LintAsync(string path)
    {
        var (_, output, _) = await RunAsync("lint", path, "--diagnostics-format", "sarif"); // with an error the exit code is 1
        return [.. JsonNode.Parse(output)!["runs"]![0]!["results"]!.AsArray().Select(result => $"{result!["ruleId"]}: {result["message"]!["text"]}")];
    }

    /// <summary>The ARM template.</summary>
    public static async Task<JsonNode> BuildAsync(string path) => JsonNode.Parse(await SucceedAsync("build", path, "--stdout"))!;

    /// <summary>The file as the compiler would lay it out.</summary>
    public static Task<string> FormatAsync(string path) => SucceedAsync("format", path, "--stdout");

    private static async Task<string> SucceedAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await RunAsync(arguments);
        Assert.True(exitCode == 0, error);
        return output;
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        Assert.SkipWhen(Compiler is null, "The compiler's package is for Linux.");
        using var process = Process.Start(new ProcessStartInfo(Compiler, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = Path.Combine(Path.GetTempPath(), "bicep") }, // HOME may be read-only
        })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }
}
