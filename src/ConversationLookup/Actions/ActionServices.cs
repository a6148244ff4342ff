using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Actions;

/// <summary>Registers what flows may do to conversations.</summary>
public static class ActionServices
{
    /// <summary>Adds <see cref="ActionHandlers"/> and <see cref="PickerHandlers"/>.</summary>
    public static IServiceCollection AddActions(this IServiceCollection services, IConfiguration configuration)
    {
        ActionOptions.Settings.AddTo(services, configuration);
        return services
            .AddSingleton<ActionPolicy>()
            .AddSingleton<WassistDirectory>()
            .AddSingleton<ActionLedger>()
            .AddSingleton<ActionRunner>()
            .AddSingleton<ActionHandlers>()
            .AddSingleton<PickerHandlers>();
    }
}
