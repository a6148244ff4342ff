using System.Diagnostics.CodeAnalysis;
using ConversationLookup.Subscriptions;
using Microsoft.Azure.Functions.Worker;

namespace ConversationLookup.Functions;

/// <summary>What has to be done once a day.</summary>
public sealed class MaintenanceFunctions(DeliveryRecords records)
{
    /// <summary>Removes what is older than any retry: every day at 3:00 UTC.</summary>
    [Function(nameof(PurgeDeliveries))]
    [SuppressMessage("Style", "IDE0060", Justification = "The trigger needs a parameter to sit on.")]
    public Task PurgeDeliveries(
        [TimerTrigger("0 0 3 * * *")] TimerInfo timer,
        CancellationToken cancellationToken) => records.PurgeAsync(cancellationToken);
}
