using System.Globalization;
using ConversationLookup.Json;
using ConversationLookup.Problems;
using ConversationLookup.Telemetry;
using Polly;

namespace ConversationLookup.Wassist;

/// <summary>
/// Calls to the Wassist API. Every failure is a <see cref="ProblemException"/> with one of the upstream's, the secret's or the circuit's
/// codes; a caller's cancellation stays one.
/// </summary>
public sealed class WassistClient(WassistPipeline pipeline, WassistTransport transport, UnknownShapeReport unknownShapes, LookupMetrics metrics, TimeProvider time)
{
    private const int MostOnAList = 1000;

    /// <summary>Fetches one conversation.</summary>
    /// <param name="waitsUntil">Until when an event waits for it; null for a caller, who does not.</param>
    public Task<Retrieved<WassistConversation>> GetConversationAsync(Guid id, DateTimeOffset? waitsUntil, CancellationToken cancellationToken) => AskAsync(
        "get_conversation",
        $"conversations/{id:D}/",
        waitsUntil,
        body => ConversationParser.Parse(body, id),
        cancellationToken);

    /// <summary>Lists the agents of the account.</summary>
    public Task<Retrieved<IReadOnlyList<WassistAgent>>> ListAgentsAsync(CancellationToken cancellationToken) =>
        ListAllAsync("list_agents", "agents/", "agents", ConversationParser.ReadAgent, cancellationToken);

    /// <summary>Lists the WhatsApp numbers of the account.</summary>
    public Task<Retrieved<IReadOnlyList<WassistNumber>>> ListNumbersAsync(CancellationToken cancellationToken) =>
        ListAllAsync("list_numbers", "phone-numbers/", "numbers", WassistNumber.Read, cancellationToken);

    /// <summary>Lists the message templates of the account, approved or not.</summary>
    public Task<Retrieved<IReadOnlyList<WassistTemplate>>> ListTemplatesAsync(CancellationToken cancellationToken) =>
        ListAllAsync("list_templates", "whatsapp-templates/", "templates", WassistTemplate.Read, cancellationToken);

    /// <summary>Lists the webhooks of the account.</summary>
    /// <param name="waitsUntil">See <see cref="WassistCall"/>; it takes no call from anybody who waits for an answer.</param>
    /// <exception cref="ProblemException">With <c>upstream_rejected_request</c> or <c>conversation_not_found</c> where the key may not ask.</exception>
    public async Task<IReadOnlyList<WassistWebhook>> ListWebhooksAsync(DateTimeOffset waitsUntil, CancellationToken cancellationToken) =>
        (await ListPagesAsync("list_webhooks", "webhooks/", "webhooks", WassistWebhook.Read, waitsUntil, cancellationToken)).Value;

    /// <summary>Lists a page of what was sent to webhooks.</summary>
    /// <param name="offset">How many to leave out before.</param>
    /// <inheritdoc cref="ListWebhooksAsync"/>
    public async Task<TolerantList<WassistDelivery>> ListDeliveriesAsync(int offset, DateTimeOffset waitsUntil, CancellationToken cancellationToken) =>
        (await ListPageAsync("list_webhook_deliveries", "webhook-deliveries/", "deliveries", WassistDelivery.Read, offset, waitsUntil, cancellationToken)).Value;

    /// <summary>Has something done, once. It does not throw for what the upstream does, only for a caller who leaves before anything was sent.</summary>
    public async Task<PostOutcome> PostAsync(WassistPost post, CancellationToken cancellationToken)
    {
        using var span = Tracing.Ask(post.Operation);
        var started = time.GetTimestamp();
        using var patience = new CancellationTokenSource(WassistPipeline.TryTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var outcome = PostOutcome.Of(await transport.PostAsync(post, either.Token), post.MayHaveArrived);
        var result = outcome switch
        {
            PostOutcome.Done => "ok",
            PostOutcome.NotDone notDone => notDone.Problem.Code,
            _ => ProblemCodes.OutcomeUnknown,
        };
        metrics.Upstream(post.Operation, result, time.GetElapsedTime(started));
        span.SetOutcome(result, result != "ok");
        return outcome;
    }

    /// <summary>Lists conversations.</summary>
    /// <param name="filter">Which, and how many.</param>
    public async Task<Retrieved<WassistPage<WassistConversation>>> ListConversationsAsync(ConversationFilter filter, CancellationToken cancellationToken)
    {
        try
        {
            var all = await ListAsync("list_conversations", $"conversations/{filter.ToQueryString()}", "conversations", ConversationParser.Read, filter.Paging, cancellationToken);
            return all with { Value = all.Value.Where(filter.Admits) };
        }
        catch (ProblemException exception) when (exception.Problem.Code == ProblemCodes.ConversationNotFound)
        {
            throw NoList("conversations", exception);
        }
    }

    /// <summary>Lists the messages of one conversation.</summary>
    public Task<Retrieved<WassistPage<WassistMessage>>> ListMessagesAsync(Guid id, Paging paging, CancellationToken cancellationToken) => ListAsync(
        "list_messages",
        string.Create(CultureInfo.InvariantCulture, $"conversations/{id:D}/messages/?limit={paging.Asked}&offset={paging.Offset}"),
        "messages",
        MessageParser.Read,
        paging,
        cancellationToken);

    private Task<Retrieved<WassistPage<T>>> ListAsync<T>(
        string operation, string path, string name, Func<TolerantObject, T?> read, Paging paging, CancellationToken cancellationToken)
        where T : class => AskAsync(
        operation,
        path,
        null,
        body =>
        {
            var (list, unknownShapes) = TolerantJson.ReadList(body, name, read);
            return (WassistPage<T>.From(list, paging), unknownShapes);
        },
        cancellationToken);

    /// <summary>Everything on a list that an account has a handful of.</summary>
    private async Task<Retrieved<IReadOnlyList<T>>> ListAllAsync<T>(
        string operation, string path, string name, Func<TolerantObject, T?> read, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await ListPagesAsync(operation, path, name, read, null, cancellationToken);
        }
        catch (ProblemException exception) when (exception.Problem.Code == ProblemCodes.ConversationNotFound)
        {
            throw NoList(name, exception);
        }
    }

    /// <summary>The whole of a bare array, and the pages of an envelope.</summary>
    private async Task<Retrieved<IReadOnlyList<T>>> ListPagesAsync<T>(
        string operation, string path, string name, Func<TolerantObject, T?> read, DateTimeOffset? waitsUntil, CancellationToken cancellationToken)
        where T : class
    {
        var all = new List<T>();
        var asked = time.GetUtcNow();
        for (var offset = 0; offset < MostOnAList;)
        {
            var page = (await ListPageAsync(operation, path, name, read, offset, waitsUntil, cancellationToken)).Value;
            all.AddRange(page.Items.OfType<T>());
            offset += page.Items.Count;
            if (page.HasNext is not true || page.Items.Count == 0)
                break;
        }

        return new Retrieved<IReadOnlyList<T>>(all, asked, time.GetUtcNow());
    }

    private Task<Retrieved<TolerantList<T>>> ListPageAsync<T>(
        string operation, string path, string name, Func<TolerantObject, T?> read, int offset, DateTimeOffset? waitsUntil, CancellationToken cancellationToken)
        where T : class => AskAsync(
        operation,
        string.Create(CultureInfo.InvariantCulture, $"{path}?limit={Paging.LargestLimit}&offset={offset}"),
        waitsUntil,
        body => TolerantJson.ReadList(body, name, read),
        cancellationToken);

    private static ProblemException NoList(string name, ProblemException exception) =>
        new(Catalogue.UpstreamInvalidResponse($"no list of {name}: {exception.Problem.Cause}"), exception);

    /// <summary>One question with everything it takes, in a span and in the numbers.</summary>
    private async Task<Retrieved<T>> AskAsync<T>(
        string operation, string path, DateTimeOffset? waitsUntil, Func<ReadOnlyMemory<byte>, (T Read, IReadOnlyList<UnknownShape> UnknownShapes)> parse, CancellationToken cancellationToken)
    {
        using var span = Tracing.Ask(operation);
        var (askedAt, started) = (time.GetUtcNow(), time.GetTimestamp());
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        var result = "cancelled";
        try
        {
            var outcome = await pipeline.GetAsync(path, waitsUntil, context);
            cancellationToken.ThrowIfCancellationRequested();
            using var answer = UpstreamOutcome.Require(outcome);
            var (read, shapes) = parse(answer.Body);
            unknownShapes.Report(shapes);
            result = "ok";
            return new Retrieved<T>(read, askedAt, time.GetUtcNow());
        }
        catch (FormatException exception) // a parser's, whose message quotes nothing
        {
            var problem = Catalogue.UpstreamInvalidResponse(exception.Message);
            result = problem.Code;
            throw new ProblemException(problem);
        }
        catch (ProblemException exception)
        {
            result = exception.Problem.Code;
            throw;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
            metrics.Upstream(operation, result, time.GetElapsedTime(started));
            span.SetOutcome(result, result is not ("ok" or "cancelled" or ProblemCodes.ConversationNotFound));
        }
    }
}
