using System.Text.Json;

namespace ConversationLookup.FunctionsHost.Standalone;

/// <summary>The settings that Core Tools would give the app.</summary>
internal static class LocalSettings
{
    /// <summary>The person's own, or else the sample's; what the environment has already wins, as with Core Tools.</summary>
    /// <returns>The file's name and the values.</returns>
    public static (string File, IReadOnlyDictionary<string, string> Values) Read(string repositoryRoot)
    {
        var file = File.Exists(Path.Combine(repositoryRoot, "local.settings.json")) ? "local.settings.json" : "local.settings.sample.json";
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(repositoryRoot, file)));
        var values = json.RootElement.GetProperty("Values").EnumerateObject().ToDictionary(
            value => value.Name,
            value => Environment.GetEnvironmentVariable(value.Name) ?? value.Value.ToString());
        values["AZURE_FUNCTIONS_ENVIRONMENT"] = "Development";
        return (file, values);
    }
}
