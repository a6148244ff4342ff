using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ConversationLookup.Http;
using ConversationLookup.Problems;

namespace ConversationLookup.LocalHost.Inbox;

/// <summary>A page that subscribes as a flow does and shows what a flow would receive, for this machine only.</summary>
public static class InboxEndpoints
{
    /// <summary>The page's path.</summary>
    public const string Path = "inbox";

    /// <summary>Where the sample Wassist is, for the page's form; not set when there is none.</summary>
    public const string SampleUrlSetting = "LocalHost:SampleUrl";

    private const int LargestNotification = 1024 * 1024;

    /// <summary>Maps the page, its callback and its stream.</summary>
    public static void MapInbox(this WebApplication app)
    {
        var inbox = app.MapGroup(Path).ExcludeFromDescription().AddEndpointFilter(async (context, next) =>
            // The page has no key: another name for this machine, as in DNS rebinding, must not open it.
            PublicUrl.IsThisMachine(context.HttpContext.Request)
                ? await next(context)
                : new ProblemResult(Catalogue.RouteNotFound(), context.HttpContext.TraceIdOf()));

        inbox.MapGet("", (IConfiguration configuration) => Results.Content(
            EmbeddedFile.Read("inbox.html").Replace("{{sample}}", HtmlEncoder.Default.Encode(configuration[SampleUrlSetting] ?? ""), StringComparison.Ordinal), "text/html; charset=utf-8"));

        inbox.MapPost("callback", async (HttpRequest request, RequestBodies bodies, InboxFeed feed, CancellationToken cancellationToken) =>
        {
            try
            {
                using var body = (await bodies.ReadAsync(request, LargestNotification, cancellationToken)).Require();
                feed.Add(JsonSerializer.Serialize(JsonDocument.Parse(body.Memory).RootElement)); // one line, as the stream needs it
                return Results.Accepted();
            }
            catch (Exception exception) when (exception is JsonException or ProblemException)
            {
                return Results.BadRequest();
            }
        });

        inbox.MapGet("events", (HttpRequest request, InboxFeed feed, IHostApplicationLifetime lifetime) =>
        {
            _ = long.TryParse(request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var after);
            var ended = CancellationTokenSource.CreateLinkedTokenSource(request.HttpContext.RequestAborted, lifetime.ApplicationStopping);
            request.HttpContext.Response.RegisterForDispose(ended);
            return TypedResults.ServerSentEvents(feed.ReadAsync(after, ended.Token));
        });
    }
}
