using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.EndToEnd;

/// <summary>The local host in a process of its own, or the app at <c>LOOKUP_BASE_URL</c> instead.</summary>
public sealed class LocalHostUnderTest : AppUnderTest
{
    private LocalHostProcess? _process;

    /// <inheritdoc/>
    protected override async Task StartAsync()
    {
        if (GivenAddress is { } given)
        {
            await UseAsync(given, Environment.GetEnvironmentVariable("LOOKUP_KEY"), Environment.GetEnvironmentVariable("LOOKUP_WEBHOOK_SECRET"));
            return;
        }

        var url = $"http://localhost:{LocalServer.FreePort()}/";
        _process = LocalHostProcess.Start(
            ["--urls", url, "--SampleWassist:Url", $"http://localhost:{LocalServer.FreePort()}", "--SampleWassist:RequestsPerMinute", "0", "--Wassist:RequestsPerMinute", "0"],
            new Dictionary<string, string> { ["LocalHost__Key"] = OwnKey, ["AzureWebJobsStorage"] = await Azurite.NewAccountAsync() });
        await _process.ReadyAsync();
        await UseAsync(url, OwnKey, SampleWebhook.Secret);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_process is not null)
            await _process.DisposeAsync();
    }
}

/// <summary>The cases share the app and run one after the other: a deployed one has 100 calls a minute.</summary>
[CollectionDefinition(Name)]
public sealed class LocalHostCases : ICollectionFixture<LocalHostUnderTest>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "End to end on the local host";
}

/// <inheritdoc/>
[Collection(LocalHostCases.Name)]
public sealed class LookupsOnTheLocalHost(LocalHostUnderTest app) : LookupCases(app);

/// <inheritdoc/>
[Collection(LocalHostCases.Name)]
public sealed class ActionsOnTheLocalHost(LocalHostUnderTest app) : ActionCases(app);

/// <inheritdoc/>
[Collection(LocalHostCases.Name)]
public sealed class AgentsOnTheLocalHost(LocalHostUnderTest app) : AgentCases(app);

/// <inheritdoc/>
[Collection(LocalHostCases.Name)]
public sealed class TriggersOnTheLocalHost(LocalHostUnderTest app) : TriggerCases(app);
