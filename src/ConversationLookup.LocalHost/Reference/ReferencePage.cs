using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace ConversationLookup.LocalHost.Reference;

/// <summary>An interactive page at <c>/</c> with every route, worked examples, and a button to try it.</summary>
internal static class ReferencePage
{
    /// <summary>The OpenAPI 3 document that the framework makes of the endpoints.</summary>
    public const string DocumentPath = "openapi.json";

    private const string KeyScheme = "functionKey";

    public static void AddReferencePage(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict); // else numbers are text, too
        services.AddOpenApi(Configure);
    }

    public static void MapReferencePage(this WebApplication app)
    {
        app.MapOpenApi($"/{DocumentPath}");
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
            : ValueTask.FromResult<object?>(TypedResults.NotFound())); // else every unknown path is this page
    }

    private static void Configure(OpenApiOptions document)
    {
        document.AddDocumentTransformer((made, _, _) =>
        {
            made.Info.Title = "Conversation Lookup";
            made.Info.Version = "1.0";
            made.Info.Description =
                "Wassist's conversations for flows. Every field is always there with the same type, and nothing is ever null. "
                + "The examples work with the sample Wassist that is inside; *Test Request* sends them.";
            made.Components ??= new OpenApiComponents();
            made.AddComponent(KeyScheme, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = "x-functions-key",
                Description = "The function key; here only when LocalHost:Key is set.",
            });
            return Task.CompletedTask;
        });
        document.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<FunctionKey.Required>().Any())
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyScheme, context.Document)] = [] }];
            return Task.CompletedTask;
        });
        document.AddSchemaTransformer((schema, _, _) =>
        {
            schema.Type &= ~JsonSchemaType.Null; // an optional property is left out, never null
            return Task.CompletedTask;
        });
    }
}
