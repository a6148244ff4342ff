using System.Text.RegularExpressions;
using ConversationLookup.Health;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ConversationLookup.Tests.Health;

/// <summary>What an operator reads first.</summary>
public sealed partial class StartupReportTests
{
    [Theory]
    [InlineData("none", "Lookups go to http|Secrets come from the configuration|Webhooks and subscriptions are off, because AzureWebJobsStorage is not set")]
    [InlineData("Azurite", "Lookups go to http|Secrets come from the configuration")]
    [InlineData("with a wrong key", "Lookups go to http|Secrets come from the configuration|The storage account is not usable: ")]
    public async Task It_says_where_secrets_and_conversations_come_from_and_what_keeps_triggers_off(string storage, string expected)
    {
        await using var wassist = await FakeWassist.StartAsync();
        var address = storage == "none" ? "" : await Azurite.NewAccountAsync();
        if (storage == "with a wrong key")
            address = Key().Replace(address, "AccountKey=d3Jvbmc=");
        await using var app = await App.StartAsync(wassist, new Dictionary<string, string> { ["AzureWebJobsStorage"] = address });

        await app.Services.GetServices<IHostedService>().OfType<StartupReport>().Single().ExecuteTask!;

        var said = app.Logs.Lines.Where(line => line.Category == typeof(StartupReport).FullName).Select(line => line.Text).ToList();
        var starts = expected.Split('|');
        Assert.Equal(starts.Length, said.Count);
        Assert.All(starts.Zip(said), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
    }

    [GeneratedRegex("AccountKey=[^;]+")]
    private static partial Regex Key();
}
