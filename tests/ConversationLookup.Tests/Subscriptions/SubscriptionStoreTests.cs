using Azure.Data.Tables;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Subscriptions;

/// <summary>How the catalog of subscriptions is read.</summary>
public sealed class SubscriptionStoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Subscriptions_are_read_however_long_all_of_them_take()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        await core.Storage.PrepareAsync(Token);
        var table = new TableClient(storage.DirectConnectionString, StorageNames.Subscriptions);
        var rows = Enumerable.Range(0, 2_500).Select(index => new TableEntity("flow", $"{index:x40}") { ["CallbackHash"] = $"{index}" })
            .Append(new TableEntity("flow", "!version") { ["Version"] = "1" });
        foreach (var some in rows.Chunk(100))
            await table.SubmitTransactionAsync(some.Select(row => new TableTransactionAction(TableTransactionActionType.UpsertReplace, row)), Token);
        storage.Refuses = _ =>
        {
            core.Time.Advance(TimeSpan.FromSeconds(5)); // of the 8 that one use of storage may take
            return false;
        };

        Assert.Equal(2_500, (await core.SubscriptionsAsync()).Count);
    }

    [Fact]
    public async Task A_version_that_comes_late_does_not_have_all_subscriptions_read_again()
    {
        var (isHeld, mayGoOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var (holds, reads) = (false, 0);
        await using var storage = await StorageProxy.StartAsync(await Azurite.NewAccountAsync(), async call =>
        {
            var answer = await call.SendAsync(call.Context.RequestAborted);
            using var _ = answer.Response;
            reads += call.Context.Request.Query.ContainsKey("$filter") ? 1 : 0;
            if (holds && call.Context.Request.Path.Value!.Contains("!version", StringComparison.Ordinal))
            {
                holds = false;
                isHeld.SetResult();
                await mayGoOn.Task;
            }

            await call.AnswerAsync(answer);
        });
        await using var core = await Core.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        await core.SubscribeAsync("http://localhost/one");

        holds = true;
        var late = core.SubscriptionsAsync();
        await isHeld.Task.WaitAsync(Token);
        await core.SubscribeAsync("http://localhost/two");
        var before = reads;
        mayGoOn.SetResult();

        Assert.Equal(2, (await late).Count);
        Assert.Equal(2, (await core.SubscriptionsAsync()).Count);
        Assert.Equal(before, reads);
    }
}
