using ConversationLookup.LocalHost;
using Microsoft.AspNetCore.Routing;

namespace ConversationLookup.Tests.Support;

/// <summary>A route of the app as the local host has it.</summary>
/// <param name="Method">In capitals.</param>
/// <param name="Path">With the prefix and without a slash before it.</param>
/// <param name="NeedsKey">Whether it takes a function key.</param>
internal sealed record AppEndpoint(string Method, string Path, bool NeedsKey)
{
    /// <summary>All of them; the local host's own pages are not the app's.</summary>
    public static async Task<IReadOnlyList<AppEndpoint>> ListAsync()
    {
        var builder = LocalHostApp.CreateBuilder(["--Wassist:ApiKey=key"]);
        await using var app = LocalHostApp.Build(builder);
        return
        [
            .. from endpoint in ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
               let path = endpoint.RoutePattern.RawText!.TrimStart('/')
               where path.StartsWith($"{Routes.Prefix}/", StringComparison.Ordinal)
               from method in endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods
               select new AppEndpoint(method, path, endpoint.Metadata.GetMetadata<FunctionKey.Required>() is not null),
        ];
    }
}
