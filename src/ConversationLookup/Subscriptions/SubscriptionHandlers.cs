using System.Security.Cryptography;
using System.Text.Json.Serialization;
using ConversationLookup.Http;
using ConversationLookup.Json;
using ConversationLookup.Problems;
using ConversationLookup.Storage;
using ConversationLookup.Webhooks;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Subscriptions;

/// <summary>The HTTP side of subscriptions, the same for every host.</summary>
public sealed class SubscriptionHandlers(
    SubscriptionStore store, AppStorage storage, CallbackPolicy policy, PublicUrl publicUrl, RequestBodies bodies, ProblemBoundary boundary, TimeProvider time)
{
    private const int LargestBody = 16 * 1024;

    /// <summary>In bytes: 160 bits, written as 40 hexadecimal digits.</summary>
    private const int IdLength = 20;

    /// <summary>
    /// <c>POST subscriptions</c>: 201 with the address to unsubscribe at in <c>Location</c>, or a problem. Never throws.
    /// </summary>
    /// <param name="request">JSON: <c>callbackUrl</c>, and <c>events</c>, <c>agentId</c> and <c>businessPhoneNumber</c> if wanted.</param>
    public Task<IResult> CreateAsync(HttpRequest request, CancellationToken cancellationToken) => boundary.AnswerAsync(
        "create_subscription", request, cancellationToken => AddAsync(request, cancellationToken), cancellationToken, readsQuery: true);

    /// <summary><c>DELETE subscriptions/{id}</c>: 204, also when there is none. Never throws.</summary>
    /// <param name="request">Nothing of it is read; it needs no key, because nobody guesses the id.</param>
    /// <param name="id">The route value.</param>
    public Task<IResult> DeleteAsync(HttpRequest request, string id, CancellationToken cancellationToken) => boundary.AnswerAsync(
        "delete_subscription", request, cancellationToken => RemoveAsync(id, cancellationToken), cancellationToken);

    /// <summary><c>GET events</c>: 200 with what a flow may subscribe to, for a maker to pick from. Never throws.</summary>
    public Task<IResult> ListEventsAsync(HttpRequest request, CancellationToken cancellationToken) => boundary.AnswerAsync(
        "list_events", request, _ => Task.FromResult<IResult>(Events()), cancellationToken);

    private static JsonResult Events() =>
        JsonResult.From(StatusCodes.Status200OK, new EventList(EventTypes.Choices), SubscriptionJson.Payload.EventList);

    private async Task<IResult> AddAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        storage.RequireConfigured();
        var wanted = await ReadAsync(request, cancellationToken);
        var subscription = new Subscription(
            RandomNumberGenerator.GetHexString(2 * IdLength, lowercase: true),
            Callback.HashOf(wanted.CallbackUrl.OriginalString),
            wanted.Events,
            wanted.AgentId,
            wanted.BusinessPhoneNumber,
            time.GetUtcNow());
        await store.AddAsync(subscription, wanted.CallbackUrl.OriginalString, cancellationToken);

        return JsonResult.From(
            StatusCodes.Status201Created,
            new SubscriptionBody(subscription.Id, subscription.Events, subscription.AgentId, subscription.BusinessPhoneNumber, subscription.CreatedAt),
            SubscriptionJson.Payload.SubscriptionBody,
            location: publicUrl.Of(request, Routes.Subscription.Replace("{id}", subscription.Id, StringComparison.Ordinal)));
    }

    private async Task<SubscriptionRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = (await bodies.ReadAsync(request, LargestBody, cancellationToken)).Require();
        var faults = new List<Fault>();
        new QueryParameters(request.Query, faults).RefuseOthers();
        return SubscriptionRequest.Read(body.Memory, policy, faults);
    }

    private async Task<IResult> RemoveAsync(string id, CancellationToken cancellationToken)
    {
        storage.RequireConfigured();
        if (id.Length == 2 * IdLength && id.All(char.IsAsciiHexDigitLower))
            await store.RemoveAsync(id, cancellationToken);
        return TypedResults.NoContent();
    }
}

/// <summary>A subscription as its flow sees it; the callback URL is not repeated.</summary>
/// <param name="Id">Whoever knows it may unsubscribe.</param>
/// <param name="Events">The types it is told about.</param>
/// <param name="AgentId"><c>""</c> for every agent.</param>
/// <param name="BusinessPhoneNumber"><c>""</c> for every number.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record SubscriptionBody(string Id, IReadOnlyList<string> Events, string AgentId, string BusinessPhoneNumber, DateTimeOffset CreatedAt);

/// <summary>What the routes of subscriptions answer.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(EventList))]
[JsonSerializable(typeof(SubscriptionBody))]
public sealed partial class SubscriptionJson : JsonSerializerContext
{
    public static SubscriptionJson Payload { get; } = new(PayloadJson.Options());
}
