using ConversationLookup.Http;
using ConversationLookup.Problems;
using Scalar.AspNetCore;

namespace ConversationLookup.LocalHost.Reference;

/// <summary>An interactive page at <c>/</c> with every route, worked examples, and a button to try it.</summary>
public static class ReferencePage
{
    /// <summary>The OpenAPI document that the page shows.</summary>
    public const string DocumentPath = "openapi.json";

    /// <summary>Maps both; after every route that the page is to show.</summary>
    public static void MapReferencePage(this WebApplication app)
    {
        var endpoints = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().ToList();
        app.MapGet($"/{DocumentPath}", async (CancellationToken cancellationToken) =>
            Results.Json(await ReferenceDocument.MakeAsync(endpoints, cancellationToken)));
        app.MapScalarApiReference("/", page =>
        {
            page.Title = "Conversation Lookup";
            page.OpenApiRoutePattern = $"/{DocumentPath}";
            // Nothing from elsewhere and nothing to elsewhere: the page works without a network.
            page.DefaultFonts = false;
            page.Telemetry = false;
            page.HideClientButton = true;
            page.ShowDeveloperTools = DeveloperToolsVisibility.Never;
            page.DisableAgent();
            page.DisableMcp();
        }).AddEndpointFilter((context, next) => context.HttpContext.GetRouteValue("documentName") is null
            ? next(context)
            : ValueTask.FromResult<object?>(new ProblemResult(Catalogue.RouteNotFound(), context.HttpContext.TraceIdOf()))); // else every unknown path is this page
    }
}
