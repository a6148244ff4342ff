using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms;

namespace ConversationLookup.Load;

/// <summary>
/// The floor: a pass-through that adds the key, and neither reads, trims, shares, limits nor retries. What it needs for two HTTP hops is
/// what nobody in .NET does with less.
/// </summary>
internal static class YarpPeer
{
    public static async Task<int> RunAsync(string url, string upstream)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions());
        builder.WebHost.UseUrls(url);
        builder.Logging.ClearProviders();
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "conversation", ClusterId = "wassist", Match = new() { Path = "/api/conversations/{id}" } }],
            [new ClusterConfig { ClusterId = "wassist", Destinations = new Dictionary<string, DestinationConfig> { ["wassist"] = new() { Address = upstream } } }])
            .AddTransforms(transforms => transforms
                .AddPathRouteValues("/api/v1/conversations/{id}/")
                .AddRequestHeader("X-API-Key", "load-key", append: false));
        var app = builder.Build();
        app.MapReverseProxy();
        await app.RunAsync();
        return 0;
    }
}
