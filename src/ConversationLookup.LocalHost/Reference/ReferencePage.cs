using ConversationLookup.Http;
using ConversationLookup.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Scalar.AspNetCore;

namespace ConversationLookup.LocalHost.Reference;

/// <summary>An interactive page at <c>/</c> with every route, worked examples, and a button to try it.</summary>
public static class ReferencePage
{
    /// <summary>The OpenAPI document that the page shows.</summary>
    public const string DocumentPath = "openapi.json";

    /// <summary>The connector's icon, which is also the pages'.</summary>
    private const string IconPath = "/icon.svg";

    /// <summary>Scalar's own are too pale to read: below 4.5 to 1.</summary>
    private const string LegibleColours = """
        .light-mode { --scalar-color-3: #6b6b6b; --scalar-color-green: #007a4d; --scalar-color-orange: #b84300; --scalar-color-red: #c4162a; }
        .dark-mode { --scalar-color-3: #9a9a9a; --scalar-color-red: #ff8a80; }
        """;

    /// <summary>Maps them; after every route that the page is to show.</summary>
    public static void MapReferencePage(this WebApplication app)
    {
        var endpoints = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().ToList();
        var asksForKey = !string.IsNullOrEmpty(app.Configuration[FunctionKey.Setting]);
        app.MapGet($"/{DocumentPath}", async (HttpRequest request, CancellationToken cancellationToken) =>
            Results.Json(await ReferenceDocument.MakeAsync(endpoints, asksForKey, $"{request.Scheme}://{request.Host}", cancellationToken)));
        app.MapGet(IconPath, () => Results.Content(EmbeddedFile.Read("icon.svg"), "image/svg+xml"));
        app.MapScalarApiReference("/", page =>
        {
            page.Title = "Conversation Lookup";
            page.Favicon = IconPath;
            page.DefaultOpenAllTags = true;
            page.CustomCss = LegibleColours;
            page.OpenApiRoutePattern = $"/{DocumentPath}";
            // Nothing from elsewhere and nothing to elsewhere: the page works without a network.
            page.DefaultFonts = false;
            page.Telemetry = false;
            page.HideClientButton = true;
            page.ShowDeveloperTools = DeveloperToolsVisibility.Never;
            page.DisableAgent();
            page.DisableMcp();
        }).AddEndpointFilter(async (context, next) =>
        {
            if (context.HttpContext.GetRouteValue("documentName") is not null)
                return new ProblemResult(Catalogue.RouteNotFound(), context.HttpContext.TraceIdOf()); // else every unknown path is this page
            var result = await next(context);
            return result is ContentHttpResult { ResponseContent: { } page } // which does not say its language
                ? Results.Content(page.Replace("<html>", "<html lang=\"en\">", StringComparison.Ordinal), "text/html; charset=utf-8")
                : result;
        });
    }
}
