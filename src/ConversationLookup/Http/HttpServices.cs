using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Http;

/// <summary>Registers what every route needs.</summary>
public static class HttpServices
{
    /// <summary>Adds <see cref="ProblemBoundary"/>, <see cref="RequestBodies"/> and <see cref="PublicUrl"/>.</summary>
    public static IServiceCollection AddHttp(this IServiceCollection services, IConfiguration configuration)
    {
        PublicUrlOptions.Settings.AddTo(services, configuration);
        return services.AddSingleton<ProblemBoundary>().AddSingleton<RequestBodies>().AddSingleton<PublicUrl>();
    }
}
