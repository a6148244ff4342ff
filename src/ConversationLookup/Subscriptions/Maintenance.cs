using ConversationLookup.Storage;
using ConversationLookup.Telemetry;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Subscriptions;

/// <summary>What has to be done once a day.</summary>
public sealed class Maintenance
{
    private readonly AppStorage _storage;
    private readonly DeliveryRecords _deliveries;
    private readonly LookupMetrics _metrics;
    private readonly ILogger<Maintenance> _logger;

    internal Maintenance(AppStorage storage, DeliveryRecords deliveries, LookupMetrics metrics, ILogger<Maintenance> logger) =>
        (_storage, _deliveries, _metrics, _logger) = (storage, deliveries, metrics, logger);

    /// <summary>
    /// Reminds of what is kept in the poison queues, also of what the Functions host put there itself because its worker died at every
    /// try; and removes what is older than any retry. It goes on where an unfinished run ended.
    /// </summary>
    /// <param name="cancellationToken">Ends when the host stops.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var (queue, messages) in await _storage.CountPoisonAsync(cancellationToken))
        {
            _metrics.PoisonKept(queue, messages);
            if (messages > 0)
                _logger.PoisonKept(messages, queue);
        }

        await _deliveries.PurgeAsync(cancellationToken);
    }
}
