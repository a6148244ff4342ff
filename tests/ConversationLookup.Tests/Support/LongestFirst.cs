using ConversationLookup.Tests.Delivery;
using ConversationLookup.Tests.Support;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace ConversationLookup.Tests.Support;

/// <summary>What takes longest begins first, so that the run does not end with everybody waiting for it.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = [Storm.Collection, nameof(Functions.WorkerDeathTests), nameof(Inbox.InboxTests)];

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => Long.Index().Where(one => collection.TestCollectionDisplayName.Contains(one.Item, StringComparison.Ordinal))
            .Select(one => (int?)one.Index).FirstOrDefault() ?? Long.Length)];
}
