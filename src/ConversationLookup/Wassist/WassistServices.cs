using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Wassist;

/// <summary>Registers the upstream.</summary>
public static class WassistServices
{
    /// <summary>Adds <see cref="WassistClient"/> and <see cref="WassistSecrets"/>.</summary>
    public static IServiceCollection AddWassist(this IServiceCollection services, IConfiguration configuration)
    {
        WassistOptions.Settings.AddTo(services, configuration);
        return services
            .AddSingleton<WassistSecrets>()
            .AddSingleton<WassistAccount>()
            .AddSingleton<OwnBudget>()
            .AddSingleton<SharedBudget>()
            .AddSingleton<CallBudget>()
            .AddSingleton<WassistTransport>()
            .AddSingleton<WassistPipeline>()
            .AddSingleton<UnknownShapeReport>()
            .AddSingleton<WassistClient>();
    }
}
