using ConversationLookup.Tests.Support;

[assembly: AssemblyFixture(typeof(SharedAzurite))]

namespace ConversationLookup.Tests.Support;

internal sealed partial class Azurite
{
    /// <summary>A connection string to an account nobody else uses, on an Azurite that all tests share.</summary>
    public static Task<string> NewAccountAsync() => SharedAzurite.NewAccountAsync();

    /// <summary>The same on one that only storms share: they keep its one thread busy, and other tests would wait for it.</summary>
    public static Task<string> NewStormAccountAsync() => SharedAzurite.NewStormAccountAsync();
}

/// <summary>The Azurites of the whole test run: started by the first test that needs one, stopped after the last.</summary>
public sealed class SharedAzurite : IAsyncDisposable
{
    private static readonly Lazy<Task<Azurite>> Shared = new(() => Azurite.StartAsync());

    private static readonly Lazy<Task<Azurite>> ForStorms = new(() => Azurite.StartAsync());

    internal static async Task<string> NewAccountAsync() => (await StartedAsync(Shared)).NewAccount();

    /// <summary>Where its tables are.</summary>
    internal static async Task<string> UrlAsync() => (await StartedAsync(Shared)).TablesUrl;

    internal static async Task<string> NewStormAccountAsync() => (await StartedAsync(ForStorms)).NewAccount();

    private static Task<Azurite> StartedAsync(Lazy<Task<Azurite>> azurite)
    {
        Programs.RequireOrSkip("npx", "npm");
        return azurite.Value.WaitAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var azurite in new[] { Shared, ForStorms }.Where(azurite => azurite.IsValueCreated).Select(azurite => azurite.Value))
        {
            if (await Task.WhenAny(azurite) is { IsCompletedSuccessfully: true }) // else every test that needs it has said why it did not start
                await (await azurite).DisposeAsync();
        }
    }
}
