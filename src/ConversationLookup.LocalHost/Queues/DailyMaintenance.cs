using Azure;
using ConversationLookup.Delivery;
using ConversationLookup.Problems;
using ConversationLookup.Storage;

namespace ConversationLookup.LocalHost.Queues;

/// <summary>Does what the Functions host's timer trigger does: at start and once a day.</summary>
public sealed class DailyMaintenance(Maintenance maintenance, AppStorage storage, TimeProvider time, ILogger<DailyMaintenance> logger) : BackgroundService
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
                await maintenance.RunAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is ProblemException or RequestFailedException or AggregateException)
            {
                logger.MaintenanceFailed(exception.GetType().Name);
            }
        }
        while (await day.WaitForNextTickAsync(stoppingToken));
    }
}
