using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>The sample runs where nothing says which Wassist to ask.</summary>
public static class SampleChoice
{
    private static readonly string[] Deciding = ["Wassist:BaseUrl", "Wassist:ApiKey", "KeyVault:Uri"];

    public static bool IsWanted(IConfiguration configuration) => Deciding.All(setting => string.IsNullOrWhiteSpace(configuration[setting]));

    /// <summary>Why there is no sample, and how to get it back.</summary>
    /// <returns>Lines for a person; never a value.</returns>
    public static IEnumerable<string> ExplainAbsence(IConfigurationRoot configuration) => Deciding
        .Where(setting => !string.IsNullOrWhiteSpace(configuration[setting]))
        .Select(setting => Explain(setting, configuration.Providers.LastOrDefault(provider => provider is not MemoryConfigurationProvider && provider.TryGet(setting, out _))));

    private static string Explain(string setting, IConfigurationProvider? provider) => provider switch
    {
        JsonConfigurationProvider { Source.Path: "secrets.json" } =>
            $"{setting} is in your user secrets; take it out: dotnet user-secrets remove {setting} --project src/ConversationLookup.LocalHost",
        EnvironmentVariablesConfigurationProvider =>
            $"{setting} is in the environment; take it out: unset {setting.Replace(":", "__", StringComparison.Ordinal)} (PowerShell: Remove-Item Env:{setting.Replace(":", "__", StringComparison.Ordinal)})",
        CommandLineConfigurationProvider =>
            $"{setting} is on the command line; leave it out",
        _ => $"{setting} is set; take it out of the settings",
    };
}
