using ConversationLookup.Json;

namespace ConversationLookup.Wassist;

/// <summary>Which part of a list is wanted.</summary>
/// <param name="Limit">How many at most, 1 to <see cref="LargestLimit"/>.</param>
/// <param name="Offset">How many to leave out before.</param>
public readonly record struct Paging(int Limit, int Offset)
{
    /// <summary>Wassist gives no more than this at once.</summary>
    public const int LargestLimit = 100;

    /// <summary>How many to ask Wassist for: one more than wanted, because a bare array does not say whether there are more.</summary>
    public int Asked => Math.Min(Limit + 1, LargestLimit);
}

/// <summary>One page of a list.</summary>
/// <param name="Items">What could be read, in Wassist's order.</param>
/// <param name="NextOffset">Where the next page begins.</param>
/// <param name="Total">How many there are in all; at least so many, where Wassist does not say and this is not the last page.</param>
/// <param name="HasMore">Whether there is a next page.</param>
public sealed record WassistPage<T>(IReadOnlyList<T> Items, int NextOffset, int Total, bool HasMore)
    where T : class
{
    /// <summary>The same without the items that do not fit.</summary>
    public WassistPage<T> Where(Func<T, bool> fits)
    {
        List<T> kept = [.. Items.Where(fits)];
        return this with { Items = kept, Total = Total - (Items.Count - kept.Count) };
    }

    /// <summary>From what Wassist answered to <see cref="Paging.Asked"/>. Pure.</summary>
    /// <remarks>The live API pages its bare arrays too; one longer than asked for is the whole list.</remarks>
    public static WassistPage<T> From(TolerantList<T> list, Paging paging)
    {
        var all = list.Items;
        if (list.HasNext is null && all.Count > paging.Asked)
            return From(new TolerantList<T>([.. all.Skip(paging.Offset)], all.Count, false), paging);

        var page = all.Take(paging.Limit).ToList();
        var nextOffset = paging.Offset + page.Count;
        var hasMore = page.Count > 0
            && (all.Count > page.Count || (list.HasNext ?? page.Count == Paging.LargestLimit) || list.Count > nextOffset);
        return new WassistPage<T>(
            [.. page.OfType<T>()],
            nextOffset,
            Math.Max(list.Count ?? 0, page.Count > 0 ? nextOffset + (all.Count > page.Count ? 1 : 0) : 0),
            hasMore);
    }
}
