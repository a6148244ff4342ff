using ConversationLookup.Conversations;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Conversations;

public sealed class ChangedConversationsTests
{
    /// <summary>No answer is kept for longer, and memory would grow with every conversation.</summary>
    [Fact]
    public async Task A_change_is_remembered_for_ten_minutes()
    {
        await using var core = await Core.StartAsync();
        var changed = core.Get<ChangedConversations>();
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var start = core.Time.GetUtcNow();
        Assert.Equal((default, default), (changed.LastChangeOf(first), changed.LastChange));

        await changed.NoteAsync(first, TestContext.Current.CancellationToken);
        core.Time.Advance(TimeSpan.FromMinutes(10));
        await changed.NoteAsync(second, TestContext.Current.CancellationToken);
        Assert.Equal((start, start.AddMinutes(10), start.AddMinutes(10)), (changed.LastChangeOf(first), changed.LastChangeOf(second), changed.LastChange));

        core.Time.Advance(TimeSpan.FromTicks(1));
        await changed.NoteAsync(second, TestContext.Current.CancellationToken);
        Assert.Equal((default, core.Time.GetUtcNow()), (changed.LastChangeOf(first), changed.LastChangeOf(second)));
    }
}
