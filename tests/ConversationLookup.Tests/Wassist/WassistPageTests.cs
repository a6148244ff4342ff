using ConversationLookup.Json;
using ConversationLookup.Wassist;

namespace ConversationLookup.Tests.Wassist;

public sealed class WassistPageTests
{
    /// <summary>What Wassist sends for a limit and an offset, and the page that comes of it.</summary>
    [Theory]
    // A bare array, as the live API gives messages: one more than the limit was asked for.
    [InlineData(20, 0, 3, null, null, 3, false, 3, 3)]
    [InlineData(20, 0, 21, null, null, 20, true, 20, 21)]
    [InlineData(20, 0, 20, null, null, 20, false, 20, 20)]
    [InlineData(20, 40, 5, null, null, 5, false, 45, 45)]
    // Of what is before an empty page nobody knows how much there is.
    [InlineData(20, 40, 0, null, null, 0, false, 40, 0)]
    // Of a full hundred nobody knows whether there are more.
    [InlineData(100, 0, 100, null, null, 100, true, 100, 100)]
    [InlineData(100, 0, 99, null, null, 99, false, 99, 99)]
    // A bare array longer than asked for is the whole list.
    [InlineData(20, 0, 250, null, null, 20, true, 20, 250)]
    [InlineData(20, 240, 250, null, null, 10, false, 250, 250)]
    [InlineData(20, 300, 250, null, null, 0, false, 300, 250)]
    // An envelope says how many there are.
    [InlineData(20, 0, 3, 3, false, 3, false, 3, 3)]
    [InlineData(20, 0, 21, 57, true, 20, true, 20, 57)]
    [InlineData(20, 40, 17, 57, false, 17, false, 57, 57)]
    [InlineData(20, 0, 10, 57, true, 10, true, 10, 57)] // fewer than asked for
    [InlineData(20, 0, 10, 57, false, 10, true, 10, 57)] // no link, but a count
    [InlineData(20, 0, 10, null, true, 10, true, 10, 10)] // a link, but no count
    [InlineData(20, 99, 0, 57, false, 0, false, 99, 57)] // behind the end
    [InlineData(20, 0, 0, 57, true, 0, false, 0, 57)] // nothing: to go on would never end
    public void A_page_says_whether_there_is_more_and_where(
        int limit, int offset, int sent, int? count, bool? hasNext, int items, bool hasMore, int nextOffset, int total)
    {
        var list = new TolerantList<object>([.. Enumerable.Range(0, sent).Select(_ => new object())], count, hasNext);

        var page = WassistPage<object>.From(list, new Paging(limit, offset));

        Assert.Equal((items, hasMore, nextOffset, total), (page.Items.Count, page.HasMore, page.NextOffset, page.Total));
    }

    [Fact]
    public void What_could_not_be_read_counts_for_the_next_page_only()
    {
        var page = WassistPage<object>.From(new TolerantList<object>([new object(), null, new object()], 3, false), new Paging(20, 0));

        Assert.Equal((2, 3, 3), (page.Items.Count, page.NextOffset, page.Total));
    }
}
