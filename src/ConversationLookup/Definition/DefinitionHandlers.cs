using ConversationLookup.Problems;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Definition;

/// <summary>The HTTP side of the connector's definition, the same for every host.</summary>
public sealed class DefinitionHandlers
{
    private readonly PublicUrl _publicUrl;
    private readonly ProblemBoundary _boundary;

    internal DefinitionHandlers(PublicUrl publicUrl, ProblemBoundary boundary) => (_publicUrl, _boundary) = (publicUrl, boundary);

    /// <summary>
    /// <c>GET swagger.json</c>: 200 with the connector's definition for this app's own address, for "import from URL". Never throws.
    /// </summary>
    /// <param name="request">Its <c>Host</c> is where callers reach the app, unless <c>PublicBaseUrl</c> says otherwise.</param>
    /// <param name="cancellationToken">Ends when the host stops.</param>
    public Task<IResult> GetAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _boundary.AnswerAsync("get_definition", request.HttpContext, _ => Task.FromResult<IResult>(Definition(request)), cancellationToken);
    }

    private JsonResult Definition(HttpRequest request)
    {
        var (scheme, host, path) = _publicUrl.Root(request);
        request.HttpContext.Response.Headers.AccessControlAllowOrigin = "*"; // it is public, and an import may read it in a browser
        return JsonResult.From(StatusCodes.Status200OK, ConnectorDefinition.At(scheme, host, path), PayloadJson.Instance.JsonObject);
    }
}
