using System.Net;
using System.Threading.RateLimiting;
using ConversationLookup.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace ConversationLookup.Wassist;

/// <summary>The HTTP client to Wassist: one connection pool, and what happens around each GET.</summary>
internal static class WassistPipeline
{
    public const string ClientName = "Wassist";

    /// <summary>A wait that Wassist asks for is sat out up to here; a longer one is the caller's to wait.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(10);

    /// <summary>In which <see cref="WassistOptions.RequestsPerMinute"/> calls are made at most.</summary>
    public static readonly TimeSpan BudgetWindow = TimeSpan.FromSeconds(66);

    public static readonly TimeSpan BreakDuration = TimeSpan.FromSeconds(5);

    public static IServiceCollection AddWassistHttpClient(this IServiceCollection services)
    {
        var client = services.AddHttpClient(ClientName, (provider, http) =>
        {
            http.BaseAddress = WithSlash(provider.GetRequiredService<IOptions<WassistOptions>>().Value.BaseUrl);
            http.Timeout = Timeout.InfiniteTimeSpan; // the pipeline and WassistClient keep the time
            http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
            http.DefaultRequestHeaders.UserAgent.ParseAdd("conversation-lookup");
        });
        client.UseSocketsHttpHandler((handler, _) =>
        {
            handler.AllowAutoRedirect = false; // a redirect would carry X-API-Key to another host
            handler.UseCookies = false;
            handler.AutomaticDecompression = DecompressionMethods.All;
            handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5); // so that a DNS change is noticed
        });
        client.SetHandlerLifetime(Timeout.InfiniteTimeSpan); // the pool recycles its connections itself
        client.RemoveAllLoggers(); // four lines a call; the problem boundary logs what matters
        client.AddResilienceHandler(ClientName, Configure);
        client.AddHttpMessageHandler(() => new BufferBody());
        return services;
    }

    /// <summary>From the outside in: retries; the breaker; the budget, which every call that is really made spends; one try's time.</summary>
    private static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, ResilienceHandlerContext context)
    {
        var time = context.ServiceProvider.GetRequiredService<TimeProvider>();
        var logger = context.ServiceProvider.GetRequiredService<ILogger<WassistClient>>();
        pipeline.TimeProvider = time;
        pipeline.AddRetry(new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = 2,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(250),
            UseJitter = true,
            ShouldRetryAfterHeader = false, // DelayGenerator reads the body as well
            ShouldHandle = async arguments => IsFault(arguments.Outcome)
                || (IsRateLimited(arguments.Outcome) && await WaitAsync(arguments.Outcome.Result!, time) <= LongestWait),
            DelayGenerator = async arguments =>
                IsRateLimited(arguments.Outcome) ? await WaitAsync(arguments.Outcome.Result!, time) : null,
        });

        // An outage fails every call; one bad conversation must not stop the others.
        pipeline.AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions
        {
            FailureRatio = 0.9,
            MinimumThroughput = 30,
            SamplingDuration = TimeSpan.FromSeconds(30),
            BreakDuration = BreakDuration,
            StateProvider = context.ServiceProvider.GetRequiredService<CircuitBreakerStateProvider>(),
            ShouldHandle = arguments => ValueTask.FromResult(IsFault(arguments.Outcome)),
            OnOpened = _ =>
            {
                logger.CircuitOpened(BreakDuration.TotalSeconds);
                return default;
            },
            OnClosed = _ =>
            {
                logger.CircuitClosed();
                return default;
            },
        });

        var options = context.ServiceProvider.GetRequiredService<IOptions<WassistOptions>>().Value;
        if (options.RequestsPerMinute > 0)
            pipeline.AddRateLimiter(Budget(options.RequestsPerMinute, context));
        pipeline.AddTimeout(TryTimeout);
    }

    /// <summary>
    /// A sliding window, because a bucket that refills would let nearly twice the limit through in one minute; and one of more than
    /// a minute, because Wassist counts when calls arrive, and some are longer on their way than others.
    /// </summary>
    private static SlidingWindowRateLimiter Budget(int requestsPerMinute, ResilienceHandlerContext context)
    {
        var limiter = new SlidingWindowRateLimiter(new SlidingWindowRateLimiterOptions
        {
            PermitLimit = requestsPerMinute,
            Window = BudgetWindow,
            SegmentsPerWindow = (int)BudgetWindow.TotalSeconds,
            QueueLimit = 0,
        });
        context.OnPipelineDisposed(limiter.Dispose);
        return limiter;
    }

    /// <summary>What may be gone at the next try: a network fault, a try that took too long, 408, 425, 5xx.</summary>
    private static bool IsFault(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: HttpRequestException { HttpRequestError: not (HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.InvalidResponse) } } => true,
        { Exception: TimeoutRejectedException } => true,
        _ => outcome.Result is { } response && UpstreamFailures.MayPass(response.StatusCode),
    };

    private static bool IsRateLimited(Outcome<HttpResponseMessage> outcome) =>
        outcome.Result?.StatusCode is HttpStatusCode.TooManyRequests;

    private static async ValueTask<TimeSpan?> WaitAsync(HttpResponseMessage response, TimeProvider time) =>
        RetryAfter.Read(response, await response.Content.ReadAsByteArrayAsync(), time.GetUtcNow());

    private static Uri WithSlash(Uri uri) => uri.AbsolutePath.EndsWith('/') ? uri : new Uri(uri.AbsoluteUri + "/");

    /// <summary>
    /// Reads the body inside the try, so that one that stalls or breaks off is retried like a missing answer, and one that is too
    /// large ends the lookup with <see cref="HttpRequestError.ConfigurationLimitExceeded"/>.
    /// </summary>
    private sealed class BufferBody : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            try
            {
                await response.Content.LoadIntoBufferAsync(WassistClient.LargestBody, cancellationToken);
                return response;
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }
    }
}
