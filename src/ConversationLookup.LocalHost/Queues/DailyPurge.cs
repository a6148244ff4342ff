using Azure;
using ConversationLookup.Problems;
using ConversationLookup.Storage;
using ConversationLookup.Subscriptions;

namespace ConversationLookup.LocalHost.Queues;

/// <summary>Does what the Functions host's timer trigger does: purges at start and once a day.</summary>
internal sealed class DailyPurge(DeliveryRecords records, AppStorage storage, TimeProvider time, ILogger<DailyPurge> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!storage.IsConfigured)
            return;

        using var day = new PeriodicTimer(TimeSpan.FromDays(1), time);
        do
        {
            try
            {
                await records.PurgeAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is ProblemException or RequestFailedException or AggregateException)
            {
                logger.PurgeFailed(exception.GetType().Name);
            }
        }
        while (await day.WaitForNextTickAsync(stoppingToken));
    }
}
