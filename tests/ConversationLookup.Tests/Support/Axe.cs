using System.Diagnostics;
using System.Text.Json;
using Microsoft.Playwright;

namespace ConversationLookup.Tests.Support;

/// <summary>axe, which finds what shuts people out of a page: npm's package.</summary>
internal static class Axe
{
    private const string Package = "axe-core@4.14.1";

    private static readonly Lazy<Task<string>> Script = new(InstallAsync);

    /// <summary>Asserts that nothing is wrong with the page as it is now.</summary>
    public static async Task AssertCleanAsync(IPage page)
    {
        var found = await FindAsync(page);
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    /// <summary>What is wrong with the page as it is now, a line for each element.</summary>
    private static async Task<IReadOnlyList<string>> FindAsync(IPage page)
    {
        if (!await page.EvaluateAsync<bool>("'axe' in window"))
            await page.EvaluateAsync(await Script.Value.WaitAsync(TestContext.Current.CancellationToken));
        var found = await page.EvaluateAsync<JsonElement>("async () => (await axe.run({ resultTypes: ['violations'] })).violations");
        return
        [
            .. from rule in found.EnumerateArray()
               from element in rule.GetProperty("nodes").EnumerateArray()
               select $"{rule.GetProperty("id").GetString()}: {element.GetProperty("html").GetString()} {element.GetProperty("failureSummary").GetString()}",
        ];
    }

    private static async Task<string> InstallAsync()
    {
        Programs.RequireOrSkip("npm", "npm");
        var folder = Tools.FolderOf(Package);
        var script = Path.Combine(folder, "node_modules", "axe-core", "axe.min.js");
        if (!File.Exists(script))
        {
            var (exitCode, output, error) = await Command.RunAsync(new ProcessStartInfo("npm", ["install", "--silent", "--prefix", folder, Package]) { WorkingDirectory = folder });
            Assert.True(exitCode == 0, $"npm ended with {exitCode}: {error} {output}");
        }

        return await File.ReadAllTextAsync(script, CancellationToken.None);
    }
}
