using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.RateLimiting;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>
/// A small Wassist that behaves like the real one towards a reader: the key in <c>X-API-Key</c>, paths that end in a slash,
/// <c>X-Request-Id</c>, error bodies, and 100 requests a minute for a key.
/// </summary>
public sealed class SampleServer : IAsyncDisposable
{
    /// <summary>The only key it takes. It opens nothing but this sample.</summary>
    public const string ApiKey = "sample-key";

    private readonly WebApplication _app;
    private readonly Simulation _simulation;

    private SampleServer(WebApplication app, IReadOnlyList<SampleConversation> conversations, Simulation simulation) =>
        (_app, Conversations, _simulation) = (app, conversations, simulation);

    public string Url => _app.Urls.First();

    public IReadOnlyList<SampleConversation> Conversations { get; }

    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<SampleServer> StartAsync(SampleOptions options, TimeProvider time)
    {
        var conversations = SampleConversation.All(time.GetUtcNow());
        var simulation = new Simulation(conversations, time) { WebhookUrl = options.WebhookUrl };
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(options.Url);
        builder.Services.AddRoutingCore();
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
                LimitOf(context.Request.Headers["X-API-Key"].ToString(), options.RequestsPerMinute));
            limiter.OnRejected = static async (context, _) => await TooManyRequests(context.Lease).ExecuteAsync(context.HttpContext);
        });

        var app = builder.Build();
        app.Map("/simulate", branch => MapSimulation(branch, simulation));
        app.Use(RequestIdAndSlashAsync);
        app.UseRouting();
        app.Use(KeyAsync);
        app.UseRateLimiter();
        app.MapGet("/api/v1/conversations/", (HttpRequest request) => SampleLists.Conversations(request, conversations.Select(simulation.Now)));
        app.MapGet("/api/v1/conversations/{id}/", (string id) => OfConversation(id, found => Results.Json(simulation.Now(found))));
        app.MapGet("/api/v1/conversations/{id}/messages/", (string id, HttpRequest request) =>
            OfConversation(id, found => SampleLists.Messages(request, simulation.Messages(found))));
        app.MapFallback(() => Detail(404, "Not found."));

        IResult OfConversation(string id, Func<SampleConversation, IResult> answer) =>
            conversations.FirstOrDefault(conversation => string.Equals(conversation.Id, id, StringComparison.OrdinalIgnoreCase)) is { } found
                ? answer(found)
                : Detail(404, "No Conversation matches the given query.");

        try
        {
            await app.StartAsync();
            return new SampleServer(app, conversations, simulation);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tells it where the app listens, unless a setting says where its events go.</summary>
    public void SendEventsTo(string appUrl)
    {
        foreach (var any in (string[])["//+", "//*", "//0.0.0.0", "//[::]"])
            appUrl = appUrl.Replace(any, "//localhost", StringComparison.Ordinal);
        _simulation.WebhookUrl ??= new Uri($"{appUrl}/{Routes.Prefix}/{Routes.Webhook}");
    }

    public ValueTask DisposeAsync()
    {
        _simulation.Dispose();
        return _app.DisposeAsync();
    }

    /// <summary>Not Wassist's: what the inbox and a curl line use. A page of any origin may, as there is nothing to protect.</summary>
    private static void MapSimulation(IApplicationBuilder app, Simulation simulation)
    {
        app.Use((context, next) =>
        {
            context.Response.Headers.AccessControlAllowOrigin = "*";
            return next(context);
        });
        app.UseRouting();
        app.UseEndpoints(endpoints =>
        {
            endpoints.MapPost("/message", simulation.SimulateAsync);
            endpoints.MapGet("/conversations", simulation.List);
        });
    }

    /// <summary>Every answer has an id for the support; a path without its last slash is not found rather than redirected.</summary>
    private static Task RequestIdAndSlashAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers["X-Request-Id"] = Guid.NewGuid().ToString("N");
        return context.Request.Path.Value is { } path && path.EndsWith('/') ? next(context) : Detail(404, "Not found.").ExecuteAsync(context);
    }

    private static Task KeyAsync(HttpContext context, RequestDelegate next) =>
        context.Request.Headers["X-API-Key"].ToString() switch
        {
            ApiKey => next(context),
            "" => Detail(401, "Authentication credentials were not provided.").ExecuteAsync(context),
            _ => Detail(401, "Invalid API key.").ExecuteAsync(context),
        };

    private static RateLimitPartition<string> LimitOf(string key, int requestsPerMinute) => requestsPerMinute <= 0
        ? RateLimitPartition.GetNoLimiter(key)
        : RateLimitPartition.GetFixedWindowLimiter(
            key, _ => new FixedWindowRateLimiterOptions { PermitLimit = requestsPerMinute, Window = TimeSpan.FromMinutes(1) });

    private static IResult Detail(int status, string detail) => Results.Json(new JsonObject { ["detail"] = detail }, statusCode: status);

    private static IResult TooManyRequests(RateLimitLease lease)
    {
        var seconds = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? (int)Math.Ceiling(wait.TotalSeconds) : 60;
        var detail = string.Create(CultureInfo.InvariantCulture, $"Request was throttled. Expected available in {seconds} seconds.");
        return Results.Json(new JsonObject { ["detail"] = detail, ["retry_after"] = seconds }, statusCode: 429);
    }
}
