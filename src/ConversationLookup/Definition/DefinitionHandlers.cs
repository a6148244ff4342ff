using ConversationLookup.Http;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Definition;

/// <summary>The HTTP side of the connector's definition, the same for every host.</summary>
public sealed class DefinitionHandlers(PublicUrl publicUrl, ProblemBoundary boundary)
{
    /// <summary>
    /// <c>GET swagger.json</c>: 200 with the connector's definition for this app's own address, for "import from URL". Never throws.
    /// </summary>
    /// <param name="request">Its <c>Host</c> is where callers reach the app, unless <c>PublicBaseUrl</c> says otherwise.</param>
    public Task<IResult> GetAsync(HttpRequest request, CancellationToken cancellationToken) =>
        boundary.AnswerAsync("get_definition", request, _ => Task.FromResult<IResult>(Definition(request)), cancellationToken);

    private JsonResult Definition(HttpRequest request)
    {
        var (scheme, host, path) = publicUrl.Root(request);
        request.HttpContext.Response.Headers.AccessControlAllowOrigin = "*"; // it is public, and an import may read it in a browser
        return JsonResult.From(ConnectorDefinition.At(scheme, host, path));
    }
}
