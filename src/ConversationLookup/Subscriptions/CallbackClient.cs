using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using ConversationLookup.Telemetry;
using ConversationLookup.Wassist;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace ConversationLookup.Subscriptions;

/// <summary>Tells one flow once.</summary>
internal sealed class CallbackClient(IHttpClientFactory clients, TimeProvider time)
{
    public const string ClientName = "Callback";

    private static readonly HttpRequestOptionsKey<string> SubscriptionKey = new("ConversationLookup.Subscription");

    /// <summary>A trigger answers at once; a flow with a Response action first does its work.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = clients.CreateClient(ClientName);

    /// <summary>POSTs the payload to the flow.</summary>
    /// <param name="subscription">Whose circuit it goes through.</param>
    /// <param name="url">Where to; sent byte for byte.</param>
    /// <param name="payload">JSON.</param>
    /// <param name="cancellationToken">The caller's own.</param>
    public async Task<CallbackAnswer> PostAsync(string subscription, Uri url, byte[] payload, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new ByteArrayContent(payload) { Headers = { ContentType = new MediaTypeHeaderValue("application/json", "utf-8") } },
        };
        request.Options.Set(SubscriptionKey, subscription);
        request.Options.Set(Tracing.ShownAddress, url.GetLeftPart(UriPartial.Authority)); // the rest is the capability
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return new CallbackAnswer(response.StatusCode, $"it answered {(int)response.StatusCode}", RetryAfter.Read(response, default, time.GetUtcNow()));
        }
        catch (BrokenCircuitException)
        {
            return new CallbackAnswer(null, "it keeps failing, so it was not tried", null);
        }
        catch (TimeoutRejectedException)
        {
            return new CallbackAnswer(null, "no answer within 30 s", null);
        }
        catch (HttpRequestException exception)
        {
            return new CallbackAnswer(null, $"no answer, {exception.HttpRequestError}", null); // its message names the host
        }
    }

    public static void AddHttpClient(IServiceCollection services)
    {
        var client = services.AddHttpClient(ClientName, http =>
        {
            http.Timeout = System.Threading.Timeout.InfiniteTimeSpan; // the pipeline keeps the time
            http.DefaultRequestHeaders.UserAgent.ParseAdd("conversation-lookup");
        });
        client.UseSocketsHttpHandler((handler, provider) =>
        {
            var allowLocal = provider.GetRequiredService<IOptions<SubscriptionOptions>>().Value.AllowLocalCallbacks;
            handler.AllowAutoRedirect = false; // a redirect would lead past the allowed hosts
            handler.UseCookies = false;
            handler.UseProxy = false; // a proxy would resolve the name where we cannot see it
            handler.ConnectTimeout = TimeSpan.FromSeconds(10);
            handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
            handler.ConnectCallback = (context, ended) => ConnectAsync(context.DnsEndPoint, allowLocal, ended);
        });
        client.SetHandlerLifetime(System.Threading.Timeout.InfiniteTimeSpan);
        client.RemoveAllLoggers(); // they would log the URL
        client.AddResilienceHandler(ClientName, Configure)
            .SelectPipelineBy(_ => request => request.Options.TryGetValue(SubscriptionKey, out var subscription) ? subscription : "");
    }

    /// <summary>A circuit for each flow: one that hangs must not hold every worker for 30 seconds a message.</summary>
    private static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, ResilienceHandlerContext context)
    {
        pipeline.TimeProvider = context.ServiceProvider.GetRequiredService<TimeProvider>();
        pipeline.AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions
        {
            FailureRatio = 0.8,
            MinimumThroughput = 5,
            SamplingDuration = TimeSpan.FromMinutes(1),
            BreakDuration = TimeSpan.FromSeconds(15),
        });
        pipeline.AddTimeout(Timeout);
    }

    /// <summary>Connects only to where the name may lead: a public name can be made to resolve to a private address.</summary>
    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint host, bool allowLocal, CancellationToken cancellationToken)
    {
        var addresses = (await Dns.GetHostAddressesAsync(host.Host, cancellationToken)).Where(address => allowLocal || PublicAddress.Is(address)).ToArray();
        if (addresses.Length == 0)
            throw new HttpRequestException(HttpRequestError.ConnectionError, "the callback's host leads to no public address");

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, host.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>How a flow answered.</summary>
/// <param name="Status">Null when it did not.</param>
/// <param name="Cause">For the log; without the URL.</param>
/// <param name="RetryAfter">What it asks for.</param>
internal sealed record CallbackAnswer(HttpStatusCode? Status, string Cause, TimeSpan? RetryAfter)
{
    public bool IsDelivered => Status is >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices;

    /// <summary>Logic Apps and Power Automate answer so when the flow was deleted.</summary>
    public bool IsGone => Status is HttpStatusCode.NotFound or HttpStatusCode.Gone;
}
