namespace ConversationLookup.Tests.Support;

/// <summary>Waits for what happens beside the test. Its end is the test's own: see <see cref="BoundedTestAttribute"/>.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(5);

    /// <summary>Waits until something is so.</summary>
    /// <param name="isSo">Looks.</param>
    /// <param name="every">The time between two looks; 5 ms where none is given.</param>
    public static Task IsSoAsync(Func<bool> isSo, TimeSpan? every = null) => IsSoAsync(() => Task.FromResult(isSo()), every);

    /// <inheritdoc cref="IsSoAsync(Func{bool}, TimeSpan?)"/>
    public static async Task IsSoAsync(Func<Task<bool>> isSo, TimeSpan? every = null)
    {
        while (!await isSo())
            await Task.Delay(every ?? Often, TestContext.Current.CancellationToken);
    }
}
