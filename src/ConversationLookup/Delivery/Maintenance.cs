using ConversationLookup.Actions;
using ConversationLookup.Storage;
using ConversationLookup.Telemetry;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Delivery;

/// <summary>What has to be done once a day.</summary>
public sealed class Maintenance(AppStorage storage, DeliveryTable deliveries, ActionLedger actions, LookupMetrics metrics, ILogger<Maintenance> logger)
{
    /// <summary>
    /// Reminds of what is kept in the poison queues, also of what the Functions host put there itself because its worker died at every
    /// try; and removes what is older than any retry. It goes on where an unfinished run ended.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var (queue, messages) in await storage.CountPoisonAsync(cancellationToken))
        {
            metrics.PoisonKept(queue, messages);
            if (messages > 0)
                logger.PoisonKept(messages, queue);
        }

        await actions.PurgeAsync(cancellationToken);
        await deliveries.PurgeAsync(cancellationToken);
    }
}
