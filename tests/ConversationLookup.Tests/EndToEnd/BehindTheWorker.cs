using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.EndToEnd;

/// <summary>The published function app with the sample Wassist behind it.</summary>
public sealed class WorkerUnderTest : AppUnderTest
{
    private SampleServer? _wassist;
    private WorkerApp? _app;

    /// <inheritdoc/>
    protected override async Task StartAsync()
    {
        // An app at an address of its own is tried once, not once for each host.
        Assert.SkipWhen(GivenAddress is not null, "LOOKUP_BASE_URL is set: the cases ran against it.");
        _wassist = await SampleServer.StartAsync(new SampleOptions { Url = "http://127.0.0.1:0", RequestsPerMinute = 0 }, TimeProvider.System);
        _app = await WorkerApp.StartAsync(
            new Dictionary<string, string>
            {
                ["Wassist__BaseUrl"] = _wassist.Url,
                ["Wassist__ApiKey"] = SampleServer.ApiKey,
                ["Wassist__RequestsPerMinute"] = "0",
                ["Actions__Allowed"] = "all",
                ["Wassist__WebhookSecret"] = SampleWebhook.Secret,
                ["Subscriptions__AllowLocalCallbacks"] = "true",
                ["Files__AllowLocalHosts"] = "true",
                ["AzureWebJobsStorage"] = await Azurite.NewAccountAsync(),
            },
            OwnKey);
        await UseAsync(_app.Url, OwnKey, SampleWebhook.Secret);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_app is not null)
            await _app.DisposeAsync();
        if (_wassist is not null)
            await _wassist.DisposeAsync();
    }
}

/// <summary>The cases share the app, as they do on the local host.</summary>
[CollectionDefinition(Name)]
public sealed class WorkerCases : ICollectionFixture<WorkerUnderTest>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "End to end behind the worker";
}

/// <inheritdoc/>
[Collection(WorkerCases.Name)]
public sealed class LookupsBehindTheWorker(WorkerUnderTest app) : LookupCases(app);

/// <inheritdoc/>
[Collection(WorkerCases.Name)]
public sealed class ActionsBehindTheWorker(WorkerUnderTest app) : ActionCases(app);

/// <inheritdoc/>
[Collection(WorkerCases.Name)]
public sealed class AgentsBehindTheWorker(WorkerUnderTest app) : AgentCases(app);

/// <inheritdoc/>
[Collection(WorkerCases.Name)]
public sealed class TriggersBehindTheWorker(WorkerUnderTest app) : TriggerCases(app);
