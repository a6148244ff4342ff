using System.Net;
using System.Net.Http.Headers;
using ConversationLookup.Http;
using ConversationLookup.Json;
using ConversationLookup.Subscriptions;
using ConversationLookup.Telemetry;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Options;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace ConversationLookup.Delivery;

/// <summary>Tells one flow once.</summary>
public sealed class CallbackClient(IOptions<SubscriptionOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>What is read of an error, in bytes: the platform's own are a line.</summary>
    private const int LargestError = 16 * 1024;

    private readonly HttpMessageInvoker _http = new(PublicConnection.CreateHandler(options.Value.AllowLocalCallbacks));

    /// <summary>POSTs the payload to the flow.</summary>
    /// <param name="line">The flow's, whose circuit it goes through.</param>
    /// <param name="url">Where to; sent byte for byte.</param>
    /// <param name="payload">JSON.</param>
    public async Task<CallbackAnswer> PostAsync(FlowLine line, Uri url, byte[] payload, CancellationToken cancellationToken)
    {
        try
        {
            return await line.Circuit.ExecuteAsync(
                static (call, cancellationToken) => call.Client.SendAsync(call.Url, call.Payload, cancellationToken),
                (Client: this, Url: url, Payload: payload),
                cancellationToken);
        }
        catch (BrokenCircuitException)
        {
            return new CallbackAnswer(null, "it keeps failing, so it was not tried") { WasTried = false };
        }
        catch (TimeoutRejectedException)
        {
            return new CallbackAnswer(null, "no answer within 30 s");
        }
        catch (HttpRequestException exception)
        {
            return new CallbackAnswer(null, $"no answer, {exception.HttpRequestError}"); // its message names the host
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
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            return new CallbackAnswer(response.StatusCode, $"it answered {(int)response.StatusCode}")
            {
                RetryAfter = RetryAfter.FromHeader(response.Headers, time.GetUtcNow()),
                SaysGone = response.StatusCode is HttpStatusCode.Gone
                    || (response.StatusCode is HttpStatusCode.NotFound && await NamesMissingWorkflowAsync(response.Content, cancellationToken)),
            };
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The handler's own: a host that drops packets.
            throw new HttpRequestException(HttpRequestError.ConnectionError, "no connection within 10 s", exception);
        }
    }

    /// <summary>
    /// Whether the platform itself says that the workflow or its trigger is gone: <c>{"error":{"code":"WorkflowNotFound"}}</c> or
    /// <c>WorkflowTriggerNotFound</c>. A gateway in front of it answers 404 with a page of its own.
    /// </summary>
    private static async Task<bool> NamesMissingWorkflowAsync(HttpContent content, CancellationToken cancellationToken)
    {
        try
        {
            using var stream = await content.ReadAsStreamAsync(cancellationToken);
            var body = new byte[LargestError];
            var length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellationToken);
            var code = TolerantJson.Read(body.AsMemory(0, length), root => root.Object("error")?.Text("code")).Read;
            return code is "WorkflowNotFound" or "WorkflowTriggerNotFound";
        }
        catch (Exception exception) when (exception is FormatException or IOException or HttpRequestException)
        {
            return false;
        }
    }
}

/// <summary>How a flow answered.</summary>
/// <param name="Status">Null when it did not.</param>
/// <param name="Cause">For the log; without the URL.</param>
public sealed record CallbackAnswer(HttpStatusCode? Status, string Cause)
{
    /// <summary>What it asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the flow is gone for good.</summary>
    public bool SaysGone { get; init; }

    /// <summary>False where the call was not made, as too many before had failed.</summary>
    public bool WasTried { get; init; } = true;

    public bool IsDelivered => Status is >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices;
}
