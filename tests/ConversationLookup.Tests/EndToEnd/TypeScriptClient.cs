using System.Diagnostics;
using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.EndToEnd;

/// <summary>The protocol's SDK for TypeScript, from npm, in a process of its own.</summary>
internal static class TypeScriptClient
{
    private const string Package = "@modelcontextprotocol/sdk@1.32.2";

    private static readonly SemaphoreSlim Installing = new(1, 1);

    /// <summary>Lists the tools and calls each.</summary>
    /// <param name="calls">The arguments of each tool.</param>
    /// <returns>A line for each tool: its name, and <c>ok</c> or what went wrong.</returns>
    public static async Task<string[]> RunAsync(Uri endpoint, string key, JsonNode calls)
    {
        var folder = await InstallAsync();
        var output = await RunAsync("node", folder, ["client.mjs"], calls.ToJsonString(), ("MCP_ENDPOINT", endpoint.AbsoluteUri), ("MCP_KEY", key));
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task<string> InstallAsync()
    {
        Programs.RequireOrSkip("npm", "npm");
        var folder = Tools.FolderOf(Package.Replace('/', '-'));
        await Installing.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            File.Copy(Repository.PathOf("tests", "ConversationLookup.Tests", "EndToEnd", "client.mjs"), Path.Combine(folder, "client.mjs"), overwrite: true);
            if (!Directory.Exists(Path.Combine(folder, "node_modules", "@modelcontextprotocol", "sdk")))
                await RunAsync("npm", folder, ["install", "--silent", "--no-save", Package], "");
            return folder;
        }
        finally
        {
            Installing.Release();
        }
    }

    private static async Task<string> RunAsync(string program, string folder, string[] arguments, string input, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var (exitCode, output, error) = await Command.RunAsync(start, input);
        return exitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {exitCode}: {error} {output}");
    }
}
