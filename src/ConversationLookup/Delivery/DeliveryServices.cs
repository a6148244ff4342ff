using ConversationLookup.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Delivery;

/// <summary>Registers the way from an event to the flows.</summary>
public static class DeliveryServices
{
    /// <summary>Adds <see cref="EventFanOut"/>, <see cref="FlowDelivery"/> and <see cref="Maintenance"/>, which triggers call.</summary>
    public static IServiceCollection AddDelivery(this IServiceCollection services) => services
        .AddWorkQueue(StorageNames.Notifications, DeliveryJson.Payload.OutgoingNotification, notification => notification.Shorten())
        .AddSingleton<DeliveryTable>()
        .AddSingleton<EventClaims>()
        .AddSingleton<FlowNotes>()
        .AddSingleton<FlowLines>()
        .AddSingleton<CallbackClient>()
        .AddSingleton<EventFanOut>()
        .AddSingleton<FlowDelivery>()
        .AddSingleton<Maintenance>();
}
