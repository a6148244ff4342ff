using ConversationLookup.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Webhooks;

/// <summary>Registers where Wassist's events arrive.</summary>
public static class WebhookServices
{
    /// <summary>Adds <see cref="WebhookHandlers"/>, what is noticed at the door, and the queue that events wait on.</summary>
    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration configuration)
    {
        WebhookOptions.Settings.AddTo(services, configuration);
        return services
            .AddWorkQueue(StorageNames.Events, EventJson.Default.WassistEvent, received => received.Shorten())
            .AddSingleton<SignatureWatch>()
            .AddSingleton<EventWatch>()
            .AddSingleton<RefusalReport>()
            .AddSingleton<WebhookHandlers>();
    }
}
