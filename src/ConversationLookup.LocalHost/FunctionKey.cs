using System.Security.Cryptography;
using System.Text;
using ConversationLookup.Http;
using ConversationLookup.Problems;

namespace ConversationLookup.LocalHost;

/// <summary>
/// Function keys as the Functions host checks them: the <c>x-functions-key</c> header or <c>?code=</c>. Asked for only when
/// <c>LocalHost:Key</c> is set.
/// </summary>
public static class FunctionKey
{
    public const string Setting = "LocalHost:Key";

    /// <summary>Marks a route that takes a key.</summary>
    public sealed class Required;

    /// <summary>Marks a route that a page in a browser can call only from this machine, as long as no key is asked for.</summary>
    public sealed class NotForOtherSites;

    public static void RequireFunctionKey(this IEndpointConventionBuilder route) => route.WithMetadata(new Required());

    /// <summary>Refuses requests to the marked routes without the key.</summary>
    public static void UseFunctionKey(this WebApplication app)
    {
        if (app.Configuration[Setting] is not { Length: > 0 } key)
        {
            // A page of another site can have a browser call this machine under that site's name:
            // https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#security-warning
            app.Use((context, next) => context.GetEndpoint()?.Metadata.GetMetadata<NotForOtherSites>() is null || IsOfThisMachine(context.Request.Headers.Origin)
                ? next(context)
                : new ProblemResult(Catalogue.OriginNotAllowed(), context.TraceIdOf()).ExecuteAsync(context));
            return;
        }

        app.Use((context, next) => context.GetEndpoint()?.Metadata.GetMetadata<Required>() is null || IsGiven(key, context.Request)
            ? next(context)
            : new ProblemResult(Catalogue.Unauthorized(), context.TraceIdOf()).ExecuteAsync(context));
    }

    private static bool IsOfThisMachine(string? origin) =>
        string.IsNullOrEmpty(origin) || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.IsLoopback);

    private static bool IsGiven(string key, HttpRequest request)
    {
        var given = request.Headers.TryGetValue("x-functions-key", out var header) ? header : request.Query["code"];
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given.ToString()), Encoding.UTF8.GetBytes(key));
    }
}
