using System.Globalization;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Delivery;

/// <summary>
/// What storms have in common: many events at once through the running app, Azurite and real sockets. <c>STORM_EVENTS=10000</c> makes
/// them the size at which the product was measured, with its own limits and waits; each prints its numbers.
/// </summary>
internal static class Storm
{
    /// <summary>One storm at a time: two would be a test of Azurite, which has one thread.</summary>
    public const string Collection = "Storms";

    public static readonly int Events = int.Parse(Environment.GetEnvironmentVariable("STORM_EVENTS") ?? "300", CultureInfo.InvariantCulture);

    /// <summary>Whether the limits and waits are the product's own, which take minutes.</summary>
    public static readonly bool IsFull = Events >= 1000;

    /// <summary>
    /// Events on their way at a time: with thousands on its queues Azurite slows to a crawl. And where the processors are busy it answers so
    /// slowly that hundreds together get no answer within the app's 8 s, come back, and ask again.
    /// </summary>
    private static readonly int MostUnderWay = IsFull ? 400 : 40;

    /// <summary>In milliseconds: more than the ten minutes after which a message comes back that was lost on its way from storage.</summary>
    public const int Timeout = 15 * 60_000;

    /// <summary>Subscribes a flow to every message; storage that is too busy is tried again, as the platform does.</summary>
    public static async Task SubscribeAsync(App app, string callbackUrl)
    {
        while ((await app.SubscribeAsync(new { callbackUrl })).Answer.StatusCode is not 201 and var status)
            Assert.Equal(503, status);
    }

    /// <summary>The ids of so many deliveries.</summary>
    public static List<string> Deliveries(int count) => [.. Enumerable.Range(0, count).Select(index => $"00000000-0000-4000-8000-{index:x12}")];

    /// <summary>Sends events, no more of them than can be on their way.</summary>
    /// <param name="senders">How many send at a time.</param>
    /// <param name="told">How many every flow was told of.</param>
    public static async Task SendAllAsync(IEnumerable<string> deliveries, int senders, Func<int> told, Func<string, Task> send, CancellationToken cancellationToken)
    {
        var sent = 0;
        await Parallel.ForEachAsync(
            deliveries,
            new ParallelOptions { MaxDegreeOfParallelism = senders, CancellationToken = cancellationToken },
            async (delivery, _) =>
            {
                await Eventually.IsSoAsync(() => Volatile.Read(ref sent) - told() < MostUnderWay, TimeSpan.FromMilliseconds(10));
                Interlocked.Increment(ref sent);
                await send(delivery);
            });
    }

    /// <summary>Sends an event until it is taken: what storage was too busy for, Wassist sends again.</summary>
    /// <returns>How often it was sent again.</returns>
    public static async Task<int> SendAsync(App app, SignedEvent received)
    {
        for (var again = 0; ; again++)
        {
            var status = (await app.ReceiveAsync(received)).StatusCode;
            if (status == 202)
                return again;
            Assert.Equal(503, status);
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>One in twenty: at random, or, where two in a row would cost a minute, spread so that there are none.</summary>
    public static bool FailsAt(int index, int attempt) =>
        IsFull ? Random.Shared.Next(20) == 0 : ((uint)((index * 2654435761L) + (attempt * 40503L) + 12345) >> 7) % 20 == 0;
}
