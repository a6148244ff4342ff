using ConversationLookup.Storage;

namespace ConversationLookup.LocalHost.Queues;

/// <summary>Does what the Functions host's timer trigger does: at start, and from time to time.</summary>
/// <param name="name">What it does, for the log.</param>
public sealed class TimerWorker(
    string name, TimeSpan interval, Func<CancellationToken, Task> run, AppStorage storage, TimeProvider time, ILogger<TimerWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!storage.IsConfigured)
            return;

        using var timer = new PeriodicTimer(interval, time);
        do
        {
            try
            {
                await run(stoppingToken);
            }
#pragma warning disable CA1031 // As in the Functions host, every exception means that this run failed; here it would stop the whole host.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                logger.TimerFailed(name, exception.GetType().Name, interval.TotalMinutes);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
