using System.Collections.Concurrent;
using System.Reflection;
using ConversationLookup.Tests.Support;
using Xunit.v3;

[assembly: BoundedTest]

namespace ConversationLookup.Tests.Support;

/// <summary>
/// No test waits forever: after its <see cref="IFactAttribute.Timeout"/>, or some minutes where it has none, the token of its context is
/// cancelled, which every wait of a test takes.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class BoundedTestAttribute : BeforeAfterTestAttribute
{
    /// <summary>The longest test takes half a minute where nothing else runs.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(4);

    private static readonly ConcurrentDictionary<string, Bound> Bounds = new();

    /// <summary>The tests that run now.</summary>
    internal static IEnumerable<string> Running => Bounds.Values.Select(bound => bound.Test);

    /// <inheritdoc/>
    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        var bound = new Bound(test.TestDisplayName, test.Timeout > 0 ? TimeSpan.FromMilliseconds(test.Timeout) : Longest, TestContext.Current);
        Bounds[test.UniqueID] = bound;
    }

    /// <inheritdoc/>
    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Bounds.TryRemove(test.UniqueID, out var bound))
        {
            using (bound)
                bound.ThrowIfOver();
        }
    }

    private sealed class Bound : IDisposable
    {
        private readonly TimeSpan _longest;
        private readonly Timer _timer;
        private volatile bool _isOver;

        public Bound(string test, TimeSpan longest, ITestContext context)
        {
            (Test, _longest) = (test, longest);
            _timer = new Timer(_ =>
            {
                _isOver = true;
                context.CancelCurrentTest();
            });
            _timer.Change(longest, Timeout.InfiniteTimeSpan);
        }

        public string Test { get; }

        public void Dispose() => _timer.Dispose();

        public void ThrowIfOver()
        {
            if (_isOver)
                throw new TimeoutException($"The test was ended after {_longest}.");
        }
    }
}
