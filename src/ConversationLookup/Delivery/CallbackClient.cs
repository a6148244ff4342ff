using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using ConversationLookup.Subscriptions;
using ConversationLookup.Telemetry;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace ConversationLookup.Delivery;

/// <summary>Tells one flow once.</summary>
public sealed class CallbackClient(IOptions<SubscriptionOptions> options, IMemoryCache circuits, TimeProvider time) : IDisposable
{
    /// <summary>A trigger answers at once; a flow with a Response action first does its work.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Longer than a circuit remembers anything, so that nothing is lost with it.</summary>
    private static readonly TimeSpan IdleCircuit = TimeSpan.FromMinutes(5);

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, // a redirect would lead past the allowed hosts
        UseCookies = false,
        UseProxy = false, // a proxy would resolve the name where we cannot see it
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, options.Value.AllowLocalCallbacks, cancellationToken),
    });

    /// <summary>POSTs the payload to the flow.</summary>
    /// <param name="subscription">Whose circuit it goes through.</param>
    /// <param name="url">Where to; sent byte for byte.</param>
    /// <param name="payload">JSON.</param>
    public async Task<CallbackAnswer> PostAsync(string subscription, Uri url, byte[] payload, CancellationToken cancellationToken)
    {
        try
        {
            return await CircuitOf(subscription).ExecuteAsync(
                static (call, cancellationToken) => call.Client.SendAsync(call.Url, call.Payload, cancellationToken),
                (Client: this, Url: url, Payload: payload),
                cancellationToken);
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

    public void Dispose() => _http.Dispose();

    private async ValueTask<CallbackAnswer> SendAsync(Uri url, byte[] payload, CancellationToken cancellationToken)
    {
        using var request = new TracedRequest(HttpMethod.Post, url, UriPartial.Authority) // the rest is the capability
        {
            Headers = { { "User-Agent", "conversation-lookup" } },
            Content = new ByteArrayContent(payload) { Headers = { ContentType = new MediaTypeHeaderValue("application/json", "utf-8") } },
        };
        using var response = await _http.SendAsync(request, cancellationToken);
        return new CallbackAnswer(
            response.StatusCode, $"it answered {(int)response.StatusCode}", RetryAfter.FromHeader(response.Headers, time.GetUtcNow()));
    }

    /// <summary>
    /// A circuit for each flow: one that hangs must not hold every worker for 30 seconds a message. One that nobody needs any more, as
    /// its flow has unsubscribed, is forgotten.
    /// </summary>
    private ResiliencePipeline<CallbackAnswer> CircuitOf(string subscription) => circuits.GetOrCreate(
        (typeof(CallbackClient), subscription),
        entry =>
        {
            entry.SlidingExpiration = IdleCircuit;
            return new ResiliencePipelineBuilder<CallbackAnswer> { TimeProvider = time }
                .AddCircuitBreaker(new CircuitBreakerStrategyOptions<CallbackAnswer>
                {
                    FailureRatio = 0.8,
                    MinimumThroughput = 5,
                    SamplingDuration = TimeSpan.FromMinutes(1),
                    BreakDuration = TimeSpan.FromSeconds(15),
                    ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome switch
                    {
                        { Result: { } answer } => answer.Status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError,
                        { Exception: HttpRequestException or TimeoutRejectedException } => true,
                        _ => false,
                    }),
                })
                .AddTimeout(Timeout)
                .Build();
        })!;

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
public sealed record CallbackAnswer(HttpStatusCode? Status, string Cause, TimeSpan? RetryAfter)
{
    public bool IsDelivered => Status is >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices;

    /// <summary>Logic Apps and Power Automate answer so when the flow was deleted.</summary>
    public bool IsGone => Status is HttpStatusCode.NotFound or HttpStatusCode.Gone;
}
