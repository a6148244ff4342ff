using System.Collections;
using System.Runtime.CompilerServices;
using ConversationLookup.LocalHost;

namespace ConversationLookup.Tests.Support;

/// <summary>What a person has set for the app on this machine is not the tests': neither in this process nor in those it starts.</summary>
internal static class CleanEnvironment
{
    /// <summary>In Development the host would read the person's user secrets.</summary>
    private static readonly string[] Hosting = ["DOTNET_ENVIRONMENT", "ASPNETCORE_ENVIRONMENT", "DOTNET_URLS", "ASPNETCORE_URLS", "URLS", "PublicBaseUrl", "WEBSITE_HOSTNAME"];

    [ModuleInitializer]
    public static void Make()
    {
        foreach (var name in Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(variable => (string)variable.Key).Where(IsTheApps))
            Environment.SetEnvironmentVariable(name, null);
    }

    private static bool IsTheApps(string name) => Hosting.Contains(name, StringComparer.OrdinalIgnoreCase)
        || LocalHostApp.Settings.Any(section => section.Name.Length > 0 && section.Name.Equals(name.Split("__")[0], StringComparison.OrdinalIgnoreCase));
}
