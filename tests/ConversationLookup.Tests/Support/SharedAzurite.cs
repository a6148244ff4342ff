using ConversationLookup.Tests.Support;

[assembly: AssemblyFixture(typeof(SharedAzurite))]

namespace ConversationLookup.Tests.Support;

internal sealed partial class Azurite
{
    /// <summary>A connection string to an account nobody else uses, on an Azurite that all tests share.</summary>
    public static Task<string> NewAccountAsync() => SharedAzurite.NewAccountAsync();
}

/// <summary>The Azurite of the whole test run: started by the first test that needs it, stopped after the last.</summary>
public sealed class SharedAzurite : IAsyncDisposable
{
    private static readonly Lazy<Task<Azurite>> Shared = new(() => Azurite.StartAsync());

    internal static async Task<string> NewAccountAsync() => (await Shared.Value.WaitAsync(TestContext.Current.CancellationToken)).NewAccount();

    public async ValueTask DisposeAsync()
    {
        if (Shared.IsValueCreated)
            await (await Shared.Value).DisposeAsync();
    }
}
