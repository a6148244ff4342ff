using System.Diagnostics;
using System.Globalization;
using Azure.Data.Tables;
using ConversationLookup.Delivery;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ConversationLookup.Load;

/// <summary>How fast old rows of the table <c>deliveries</c> are deleted, and how fast young ones are passed over, in Azurite.</summary>
internal static class Purge
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var rows = arguments switch
        {
            [] => 20_000,
            ["--rows", var number] => int.Parse(number, CultureInfo.InvariantCulture),
            _ => throw new ArgumentException("There is one option, '--rows' with their number."),
        };
        await using var azurite = await Azurite.StartAsync();
        var account = azurite.NewAccount();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AzureWebJobsStorage"] = account,
            ["Wassist:ApiKey"] = "purge-key",
        }).Build();
        await using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging().AddConversationLookup(configuration).BuildServiceProvider();
        var storage = services.GetRequiredService<AppStorage>();
        await storage.PrepareAsync(CancellationToken.None);
        var table = new TableClient(account, StorageNames.Deliveries);
        await Parallel.ForAsync(0, 256, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (partition, cancellationToken) =>
        {
            var keys = Enumerable.Range(0, (rows + 255) / 256).Select(row => string.Create(CultureInfo.InvariantCulture, $"{partition:x2}{row:x30}"));
            foreach (var some in keys.Chunk(100))
            {
                await table.SubmitTransactionAsync(
                    some.Select(key => new TableTransactionAction(TableTransactionActionType.Add, new TableEntity(DeliveryTable.PartitionOf(key), key) { ["Claims"] = new string('x', 60) })),
                    cancellationToken);
            }
        });

        Console.WriteLine($"purge {string.Join(' ', arguments)}");
        await MeasureAsync("nothing is old", new DeliveryTable(storage, TimeProvider.System, NullLogger<DeliveryTable>.Instance), rows);
        await MeasureAsync("everything is old", new DeliveryTable(storage, new NineDaysOn(), NullLogger<DeliveryTable>.Instance), rows);
        return 0;
    }

    private static async Task MeasureAsync(string what, DeliveryTable deliveries, int rows)
    {
        var started = Stopwatch.GetTimestamp();
        await deliveries.PurgeAsync(CancellationToken.None);
        var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-18} {rows:N0} rows took {took:F1} s: {rows / took:N0} a second"));
    }

    private sealed class NineDaysOn : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddDays(9);
    }
}
