using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Http;

/// <summary>Registers what every route needs.</summary>
public static class HttpServices
{
    /// <summary>Adds <see cref="ProblemBoundary"/>, <see cref="RequestBodies"/> and <see cref="PublicUrl"/>.</summary>
    public static IServiceCollection AddHttp(this IServiceCollection services)
    {
        services.AddOptions<PublicUrlOptions>()
            .BindConfiguration("")
            .Validate(
                options => options.PublicBaseUrl is null or { IsAbsoluteUri: true, Scheme: "https" or "http", UserInfo: "", Query: "", Fragment: "" },
                "PublicBaseUrl must be the app's address as its callers see it, such as https://contoso.azurewebsites.net, without /api.")
            .ValidateOnStart();
        return services.AddSingleton<ProblemBoundary>().AddSingleton<RequestBodies>().AddSingleton<PublicUrl>();
    }
}
