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

    [Theory]
    [InlineData("param unused string", "no-unused-params")]
    [InlineData("resource plan 'Microsoft.Web/serverfarms@2025-03-01' = { name: 'plan', location: 'westus' }", "no-hardcoded-location")]
    [InlineData("param location string\nresource plan 'Microsoft.Web/serverfarms@2025-03-01' = {\n  name: 'plan'\n  location: location\n  sku: { nome: 'FC1' }\n}", "BCP089")]
    [InlineData("output key string = listKeys('x', '2025-06-01').key", "outputs-should-not-contain-secrets")]
    [InlineData("not bicep", "BCP007")]
    public async Task What_is_wrong_is_found(string text, string rule)
    {
        var folder = Directory.CreateTempSubdirectory("bicep");
        try
        {
            File.Copy(Repository.PathOf("infra", "bicepconfig.json"), Path.Combine(folder.FullName, "bicepconfig.json"));
            var path = Path.Combine(folder.FullName, "wrong.bicep");
            await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);

            Assert.Contains(await Bicep.LintAsync(path), finding => finding.StartsWith($"{rule}:", StringComparison.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
