using System.Diagnostics.CodeAnalysis;
using ConversationLookup.Delivery;
using Microsoft.Azure.Functions.Worker;

namespace ConversationLookup.Functions;

/// <summary>What has to be done once a day.</summary>
public sealed class MaintenanceFunctions(Maintenance maintenance)
{
    /// <summary>Tidies up, and reminds of poison messages: every day at 3:00 UTC.</summary>
    [Function(nameof(RunMaintenance))]
    [SuppressMessage("Style", "IDE0060", Justification = "The trigger needs a parameter to sit on.")]
    public Task RunMaintenance(
        [TimerTrigger("0 0 3 * * *")] TimerInfo timer,
        CancellationToken cancellationToken) => maintenance.RunAsync(cancellationToken);
}
