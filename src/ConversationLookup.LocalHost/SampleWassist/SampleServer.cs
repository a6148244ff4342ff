using System.Threading.RateLimiting;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>
/// A small Wassist that behaves like the real one: the key in <c>X-API-Key</c>, paths that end in a slash, <c>X-Request-Id</c>, error bodies,
/// 100 requests a minute for a key, and conversations in which a caller can write.
/// </summary>
public sealed class SampleServer : IAsyncDisposable
{
    /// <summary>The only key it takes. It opens nothing but this sample.</summary>
    public const string ApiKey = "sample-key";

    private readonly WebApplication _app;
    private readonly SampleWebhook _webhook;

    private SampleServer(WebApplication app, IReadOnlyList<SampleConversation> conversations, SampleWebhook webhook) =>
        (_app, Conversations, _webhook) = (app, conversations, webhook);

    public string Url => _app.Urls.First();

    /// <summary>Those that it starts with.</summary>
    public IReadOnlyList<SampleConversation> Conversations { get; }

    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<SampleServer> StartAsync(SampleOptions options, TimeProvider time)
    {
        var conversations = SampleConversation.All(time.GetUtcNow());
        var state = new SampleState(conversations, time);
        var webhook = new SampleWebhook(time) { Url = options.WebhookUrl };
        var (failures, sent) = (new SimulatedFailures(time), new SentMessages());
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
        app.Map("/media", SampleMedia.Map);
        app.Map("/simulate", branch => MapSimulation(branch, new Simulation(state, webhook, time), webhook, failures, sent));
        app.Use(RequestIdAndSlashAsync);
        app.UseRouting();
        app.Use(KeyAsync);
        app.UseRateLimiter();
        var api = app.MapGroup("/api/v1");
        MapReading(api, state);
        webhook.Map(api);
        new SampleActions(state, sent, time).Map(api.MapGroup("/conversations").AddEndpointFilter(failures.FilterAsync));
        app.MapFallback(() => SampleAnswers.Detail(404, "Not found."));

        try
        {
            await app.StartAsync();
            return new SampleServer(app, conversations, webhook);
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
        _webhook.Url ??= new Uri($"{appUrl}/{Routes.Prefix}/{Routes.Webhook}");
    }

    public ValueTask DisposeAsync()
    {
        _webhook.Dispose();
        return _app.DisposeAsync();
    }

    private static void MapReading(RouteGroupBuilder api, SampleState state)
    {
        api.MapGet("/conversations/", (HttpRequest request) => SampleLists.Conversations(request, state.All.Select(state.Now)));
        api.MapGet("/conversations/{id}/", (string id) => state.Find(id) is { } found ? Results.Json(state.Now(found).Body) : SampleAnswers.NoConversation());
        api.MapGet("/conversations/{id}/messages/", (string id, HttpRequest request) =>
            state.Find(id) is { } found ? SampleLists.Messages(request, state.Messages(found).Select(message => SampleMedia.At(request, message))) : SampleAnswers.NoConversation());
        api.MapGet("/agents/", (HttpRequest request) => SampleLists.Paged(request, [.. SampleAccount.Agents.Select(agent => agent.ToJson())]));
        api.MapGet("/phone-numbers/", () => Results.Json(SampleAccount.Numbers.Select(number => number.ToJson())));
        api.MapGet("/whatsapp-templates/", () => Results.Json(SampleTemplates.All.Select(template => template.ToJson())));
        api.MapGet("/whatsapp-accounts/", () => Results.Json(SampleAccount.Accounts()));
    }

    /// <summary>Not Wassist's: what the inbox and a curl line use. A page of any origin may, as there is nothing to protect.</summary>
    private static void MapSimulation(IApplicationBuilder app, Simulation simulation, SampleWebhook webhook, SimulatedFailures failures, SentMessages sent)
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
            endpoints.MapPost("/failure", failures.SetAsync);
            endpoints.MapGet("/failure", failures.Get);
            endpoints.MapGet("/sent", sent.List);
            endpoints.MapGet("/webhook", webhook.Get);
            endpoints.MapPost("/webhook", webhook.SetAsync);
        });
    }

    /// <summary>Every answer has an id for the support; a path without its last slash is not found rather than redirected.</summary>
    private static Task RequestIdAndSlashAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers["X-Request-Id"] = Guid.NewGuid().ToString("N");
        return context.Request.Path.Value is { } path && path.EndsWith('/') ? next(context) : SampleAnswers.Detail(404, "Not found.").ExecuteAsync(context);
    }

    private static Task KeyAsync(HttpContext context, RequestDelegate next) =>
        context.Request.Headers["X-API-Key"].ToString() switch
        {
            ApiKey => next(context),
            "" => SampleAnswers.Detail(401, "Authentication credentials were not provided.").ExecuteAsync(context),
            _ => SampleAnswers.Detail(401, "Invalid API key.").ExecuteAsync(context),
        };

    private static RateLimitPartition<string> LimitOf(string key, int requestsPerMinute) => requestsPerMinute <= 0
        ? RateLimitPartition.GetNoLimiter(key)
        : RateLimitPartition.GetFixedWindowLimiter(
            key, _ => new FixedWindowRateLimiterOptions { PermitLimit = requestsPerMinute, Window = TimeSpan.FromMinutes(1) });

    private static IResult TooManyRequests(RateLimitLease lease) => SampleAnswers.TooManyRequests(
        lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? (int)Math.Ceiling(wait.TotalSeconds) : 60);
}
