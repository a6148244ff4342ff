using System.Security.Cryptography;
using System.Text;
using ConversationLookup.Problems;

namespace ConversationLookup.LocalHost;

/// <summary>
/// Function keys as the Functions host checks them: the <c>x-functions-key</c> header or <c>?code=</c>. Asked for only when
/// <c>LocalHost:Key</c> is set.
/// </summary>
internal static class FunctionKey
{
    public const string Setting = "LocalHost:Key";

    /// <summary>Marks a route that takes a key.</summary>
    internal sealed class Required;

    public static void RequireFunctionKey(this RouteHandlerBuilder route) =>
        route.WithMetadata(new Required()).AddEndpointFilter(async (context, next) =>
        {
            var key = context.HttpContext.RequestServices.GetRequiredService<IConfiguration>()[Setting];
            return string.IsNullOrEmpty(key) || IsGiven(key, context.HttpContext.Request)
                ? await next(context)
                : new ProblemResult(Catalogue.Unauthorized(), context.HttpContext.TraceIdOf());
        });

    private static bool IsGiven(string key, HttpRequest request)
    {
        var given = request.Headers.TryGetValue("x-functions-key", out var header) ? header : request.Query["code"];
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given.ToString()), Encoding.UTF8.GetBytes(key));
    }
}
