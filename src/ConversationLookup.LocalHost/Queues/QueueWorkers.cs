using ConversationLookup.Delivery;
using ConversationLookup.Guardian;
using ConversationLookup.Storage;

namespace ConversationLookup.LocalHost.Queues;

/// <summary>What the Functions host starts by trigger and not by request.</summary>
public static partial class QueueWorkers
{
    /// <summary>Adds a worker for each queue and each timer; without storage they do nothing.</summary>
    public static void AddQueueWorkers(this IServiceCollection services)
    {
        Add(StorageNames.Events, provider => provider.GetRequiredService<EventFanOut>().HandleAsync);
        Add(StorageNames.Notifications, provider => provider.GetRequiredService<FlowDelivery>().HandleAsync);
        AddTimer("daily maintenance", TimeSpan.FromDays(1), provider => provider.GetRequiredService<Maintenance>().RunAsync);
        AddTimer("look at the webhook", WebhookGuardian.Interval, provider => provider.GetRequiredService<WebhookGuardian>().RunAsync);

        void Add(string queue, Func<IServiceProvider, Func<Azure.Storage.Queues.Models.QueueMessage, CancellationToken, Task>> handler) =>
            services.AddSingleton<IHostedService>(provider =>
                ActivatorUtilities.CreateInstance<QueueWorker>(provider, queue, handler(provider), TimeProvider.System)); // the host's clock, which no test of the app stops

        void AddTimer(string name, TimeSpan interval, Func<IServiceProvider, Func<CancellationToken, Task>> run) =>
            services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<TimerWorker>(provider, name, interval, run(provider)));
    }

    [LoggerMessage(60, LogLevel.Error, "Handling a message of the queue {Queue} failed at try {Try}.")]
    public static partial void HandlerFailed(this ILogger logger, string queue, long @try, Exception exception);

    [LoggerMessage(61, LogLevel.Warning, "What became of a message of the queue {Queue} could not be recorded: {Cause}. It comes back in {Minutes:0} minutes.")]
    public static partial void MessageComesBack(this ILogger logger, string queue, double minutes, string cause);

    [LoggerMessage(62, LogLevel.Warning, "The {Timer} failed: {Cause}. It is tried again in {Minutes:0} minutes.")]
    public static partial void TimerFailed(this ILogger logger, string timer, string cause, double minutes);
}
