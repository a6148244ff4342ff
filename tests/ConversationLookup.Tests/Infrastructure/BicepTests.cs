using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Infrastructure;

/// <summary>Every Bicep file compiles, without one finding of the linter.</summary>
public sealed class BicepTests
{
    [Fact]
    public async Task Nothing_is_found_in_any_file() => Assert.Empty(await Bicep.LintAsync(Repository.PathOf("infra", "**", "*.bicep")));

    [Fact]
    public async Task Every_file_is_laid_out_as_the_compiler_does()
    {
        var copy = Directory.CreateTempSubdirectory("bicep").FullName;
        try
        {
            var files = Repository.CopyOf("infra", copy).Where(path => path.EndsWith(".bicep", StringComparison.Ordinal)).ToList();
            await Bicep.FormatAsync(Path.Combine(copy, "**", "*.bicep"));

            Assert.Contains(Path.Combine("infra", "main.bicep"), files);
            Assert.All(files, file => Assert.Equal(File.ReadAllText(Path.Combine(copy, file)), Repository.Read(file)));
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    [Fact]
    public async Task What_is_wrong_is_found()
    {
        var wrong = new Dictionary<string, string>
        {
            ["no-unused-params"] = "param unused string",
            ["no-hardcoded-location"] = "resource plan 'Microsoft.Web/serverfarms@2025-03-01' = { name: 'plan', location: 'westus' }",
            ["BCP089"] = "param location string\nresource plan 'Microsoft.Web/serverfarms@2025-03-01' = {\n  name: 'plan'\n  location: location\n  sku: { nome: 'FC1' }\n}",
            ["outputs-should-not-contain-secrets"] = "output key string = listKeys('x', '2025-06-01').key",
            ["BCP007"] = "not bicep",
        };
        var folder = Directory.CreateTempSubdirectory("bicep");
        try
        {
            File.Copy(Repository.PathOf("infra", "bicepconfig.json"), Path.Combine(folder.FullName, "bicepconfig.json"));
            foreach (var (rule, text) in wrong)
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, $"{rule}.bicep"), text, TestContext.Current.CancellationToken);

            var found = await Bicep.LintAsync(Path.Combine(folder.FullName, "*.bicep"));

            Assert.All(wrong.Keys, rule => Assert.Contains(
                found, finding => finding.StartsWith($"{rule}:", StringComparison.Ordinal) && finding.Contains($"{rule}.bicep", StringComparison.Ordinal)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_silence_that_the_app_does_not_start_with_is_refused_before_anything_is_deployed(int minutes) =>
        Assert.Contains("SILENCE_AFTER_MINUTES must be 0 or at least 5", await Prediction.RefusalOfAsync("default", $"param silenceAfterMinutes = {minutes}"), StringComparison.Ordinal);

    [Fact]
    public async Task The_shortest_silence_is_taken() => Assert.Equal("", await Prediction.RefusalOfAsync("default", "param silenceAfterMinutes = 5"));
}
