using System.Text.Json.Serialization;
using ConversationLookup.Http;
using ConversationLookup.Json;
using ConversationLookup.Problems;
using ConversationLookup.Storage;
using ConversationLookup.Telemetry;
using ConversationLookup.Wassist;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Webhooks;

/// <summary>Where Wassist's webhooks arrive, the same for every host.</summary>
public sealed class WebhookHandlers(
    WassistSecrets secrets,
    WorkQueue<WassistEvent> events,
    AppStorage storage,
    UnknownShapeReport unknownShapes,
    RequestBodies bodies,
    SignatureWatch signatures,
    EventWatch heard,
    RefusalReport refusals,
    ProblemBoundary boundary,
    LookupMetrics metrics,
    TimeProvider time,
    ILogger<WebhookHandlers> logger)
{
    /// <summary>In bytes; a text has at most 65,536 characters, and JSON may need six bytes for each.</summary>
    public const int LargestBody = 512 * 1024;

    /// <summary>
    /// <c>POST webhooks/wassist</c>: 202 once the event is on the queue; 200 for a ping or an event that no flow can want; 503, so
    /// that Wassist sends it again, while storage or the vault is away, too much is being sent, or the vault does not have the secret that
    /// it was signed with; any other problem is a 4xx, which Wassist does not repeat. Never throws.
    /// </summary>
    /// <param name="request">Signed in <c>X-Wassist-Signature</c>; its body is read once, at most 512 KiB, and only if the signature may be good.</param>
    public Task<IResult> ReceiveAsync(HttpRequest request, CancellationToken cancellationToken) => boundary.AnswerAsync(
        "receive_event", request, cancellationToken => TakeAsync(request, cancellationToken), cancellationToken, readsQuery: true);

    private async Task<IResult> TakeAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var (received, refusal) = await AdmitAsync(request, cancellationToken);
        if (received is null)
        {
            refusals.Count(refusal!);
            return new ProblemResult(refusal! with { IsCountedOnly = true });
        }

        var noted = heard.NoteAsync(); // beside the queue, so that Wassist waits no longer
        if (EventTypes.ForFlows.Contains(received.Type))
        {
            await events.SendAsync(received, cancellationToken);
            await noted;
            metrics.Event(received.Type, "queued");
            return Answer(StatusCodes.Status202Accepted, "queued", received);
        }

        await noted;
        if (received.Type == EventTypes.Ping)
        {
            metrics.Event(EventTypes.Ping, "ignored");
            return Answer(StatusCodes.Status200OK, "pong", received);
        }

        metrics.Event("other", "ignored");
        logger.UnknownEvent(received.DeliveryId);
        return Answer(StatusCodes.Status200OK, "ignored", received);
    }

    /// <summary>The header first, which costs nothing; then the body, and whether that is what was signed; then what it says.</summary>
    /// <returns>What Wassist sent; or a refusal, which may be a stranger's and so is not thrown.</returns>
    /// <exception cref="ProblemException">Wassist signed it, and it cannot be read.</exception>
    private async Task<(WassistEvent? Received, Problem? Refusal)> AdmitAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (QueryParameters.RefuseAll(request.Query) is { } unknown)
            return (null, unknown); // counted with the others, as an operator has to find out why no event comes
        var receivedAt = time.GetUtcNow();
        if (WebhookSignature.Parse(request.Headers[WebhookSignature.Header], receivedAt, out var fault) is not { } signature)
        {
            signatures.Faulty(fault);
            return (null, Catalogue.InvalidSignature(fault));
        }

        var isWassists = false;
        try
        {
            storage.RequireConfigured();
            var (body, refusal) = await bodies.ReadAsync(request, LargestBody, cancellationToken);
            using var _ = body; // given back before the event goes on
            if (body is null)
                return (null, refusal);
            isWassists = await VerifyAsync(signature, body.Memory, cancellationToken);
            return isWassists
                ? (Read(request, body.Memory, receivedAt), null)
                : (null, Catalogue.SignatureUnknown(secrets.WebhookSecret.UntilReadAgain));
        }
        catch (ProblemException exception) when (!isWassists)
        {
            return (null, exception.Problem);
        }
    }

    /// <summary>
    /// A good signature passes with the secret at hand; another one has the vault asked for a newer secret, at most twice a minute. Where
    /// it has none, Wassist is asked to come again: it may have a new secret already that nobody has put into the vault yet.
    /// </summary>
    private async Task<bool> VerifyAsync(WebhookSignature signature, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var secret = await secrets.WebhookSecret.GetAsync(cancellationToken);
        var isKnown = signature.Matches(body.Span, secret);
        if (!isKnown && await secrets.WebhookSecret.ReadAgainAsync(secret, cancellationToken) is var newer && newer != secret)
            isKnown = signature.Matches(body.Span, newer);
        if (isKnown)
            signatures.Known();
        else
            signatures.Unknown();
        return isKnown;
    }

    /// <summary>Whatever the content type says, the signature says that Wassist wrote it.</summary>
    private WassistEvent Read(HttpRequest request, ReadOnlyMemory<byte> body, DateTimeOffset receivedAt)
    {
        try
        {
            var (received, shapes) = EventParser.Parse(body, request.Headers["X-Wassist-Delivery"], receivedAt, Guid.NewGuid());
            unknownShapes.Report(shapes);
            return received;
        }
        catch (FormatException exception)
        {
            // It was signed, so it is Wassist's, and Wassist does not send it again.
            metrics.Event("other", "unreadable");
            logger.UnreadableEvent(exception.Message);
            throw new ProblemException(Catalogue.InvalidRequest([Catalogue.InvalidBody($"Send the event as Wassist does: {exception.Message}.")]));
        }
    }

    private static JsonResult Answer(int status, string outcome, WassistEvent received) =>
        JsonResult.From(status, new WebhookReceipt(outcome, received.DeliveryId), WebhookJson.Payload.WebhookReceipt);
}

/// <summary>What the sender of a webhook is told.</summary>
/// <param name="Outcome"><c>queued</c>, <c>pong</c> or <c>ignored</c>.</param>
/// <param name="DeliveryId">Its id, by which the log knows it.</param>
public sealed record WebhookReceipt(string Outcome, string DeliveryId);

/// <summary>What the sender of a webhook is answered.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(WebhookReceipt))]
public sealed partial class WebhookJson : JsonSerializerContext
{
    public static WebhookJson Payload { get; } = new(PayloadJson.Options());
}

/// <summary>What is logged of Wassist's events; ids of deliveries are fine, what an event says is not.</summary>
public static partial class WebhookLog
{
    [LoggerMessage(EventId = 70, Message = "Refused {Count} webhooks within a minute without proof that Wassist sent them: {Reasons}.")]
    public static partial void WebhooksRefused(this ILogger logger, LogLevel level, long count, string reasons);

    [LoggerMessage(40, LogLevel.Information, "Delivery {DeliveryId} has an event type that this app does not know. It was accepted and ignored.")]
    public static partial void UnknownEvent(this ILogger logger, string deliveryId);

    [LoggerMessage(49, LogLevel.Warning, "Wassist sent a signed event that cannot be read: {Cause}. It was refused, and Wassist does not send it again.")]
    public static partial void UnreadableEvent(this ILogger logger, string cause);
}
