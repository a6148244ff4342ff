using ConversationLookup.Delivery;
using ConversationLookup.Storage;

namespace ConversationLookup.LocalHost.Queues;

/// <summary>What the Functions host starts by trigger and not by request.</summary>
public static partial class QueueWorkers
{
    /// <summary>Adds a worker for each queue, and the daily maintenance; without storage they do nothing.</summary>
    public static void AddQueueWorkers(this IServiceCollection services)
    {
        Add(StorageNames.Events, provider => provider.GetRequiredService<EventFanOut>().HandleAsync);
        Add(StorageNames.Notifications, provider => provider.GetRequiredService<FlowDelivery>().HandleAsync);
        services.AddHostedService<DailyMaintenance>();

        void Add(string queue, Func<IServiceProvider, Func<Azure.Storage.Queues.Models.QueueMessage, CancellationToken, Task>> handler) =>
            services.AddSingleton<IHostedService>(provider => new QueueWorker(
                queue, handler(provider), provider.GetRequiredService<AppStorage>(), provider.GetRequiredService<ILogger<QueueWorker>>()));
    }

    [LoggerMessage(60, LogLevel.Error, "Handling a message of the queue {Queue} failed at try {Try}.")]
    public static partial void HandlerFailed(this ILogger logger, string queue, long @try, Exception exception);

    [LoggerMessage(61, LogLevel.Warning, "What became of a message of the queue {Queue} could not be recorded: {Cause}. It comes back in {Minutes:0} minutes.")]
    public static partial void MessageComesBack(this ILogger logger, string queue, double minutes, string cause);

    [LoggerMessage(62, LogLevel.Warning, "The daily maintenance failed: {Cause}. It is tried again tomorrow.")]
    public static partial void MaintenanceFailed(this ILogger logger, string cause);
}
