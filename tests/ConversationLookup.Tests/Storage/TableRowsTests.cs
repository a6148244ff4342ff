using System.Globalization;
using Azure.Data.Tables;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Storage;

public sealed class TableRowsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A transaction has room for 100 rows of one partition, and a page for 1,000 rows.</summary>
    [Fact]
    public async Task What_fits_is_removed_however_many_rows_and_partitions_that_is_and_counted()
    {
        var table = new TableClient(await Azurite.NewAccountAsync(), "rows");
        await table.CreateAsync(Token);
        (string Partition, int Count)[] old = [("a", 100), ("b", 101), ("c", 1), ("d", 850)];
        foreach (var (partition, count) in old)
            await AddAsync(partition, 0, count, isOld: true);
        await AddAsync("a", 100, 3, isOld: false);
        await AddAsync("e", 0, 2, isOld: false);

        Assert.Equal(1052, await TableRows.PurgeAsync(table, row => row.RowKey.CompareTo("old") >= 0, Token));

        Assert.Equal(
            ["a new100", "a new101", "a new102", "e new000", "e new001"],
            await table.QueryAsync<TableEntity>(cancellationToken: Token).Select(row => $"{row.PartitionKey} {row.RowKey}").ToListAsync(Token));
        Assert.Equal(0, await TableRows.PurgeAsync(table, row => row.RowKey.CompareTo("old") >= 0, Token));

        async Task AddAsync(string partition, int from, int count, bool isOld)
        {
            foreach (var rows in Enumerable.Range(from, count).Chunk(100))
            {
                await table.SubmitTransactionAsync(
                    rows.Select(row => new TableTransactionAction(
                        TableTransactionActionType.Add, new TableEntity(partition, (isOld ? "old" : "new") + row.ToString("d3", CultureInfo.InvariantCulture)))),
                    Token);
            }
        }
    }

    [Fact]
    public async Task A_row_that_is_not_there_is_nothing()
    {
        var table = new TableClient(await Azurite.NewAccountAsync(), "rows");
        await table.CreateAsync(Token);
        await table.AddEntityAsync(new TableEntity("a", "1") { ["Value"] = "x" }, Token);

        Assert.Equal("x", (await TableRows.FindAsync(table, "a", "1", Token))!.GetString("Value"));
        Assert.Null(await TableRows.FindAsync(table, "a", "2", Token));
        Assert.Null(await TableRows.FindAsync(table, "b", "1", Token));
    }
}
