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
public sealed class WassistClient(WassistPipeline pipeline, UnknownShapeReport unknownShapes, LookupMetrics metrics, TimeProvider time)
{
    /// <summary>Fetches one conversation.</summary>
    /// <param name="waitsUntil">Until when an event waits for it; null for a caller, who does not.</param>
    public Task<Retrieved<WassistConversation>> GetConversationAsync(Guid id, DateTimeOffset? waitsUntil, CancellationToken cancellationToken) => AskAsync(
        "get_conversation",
        $"conversations/{id:D}/",
        waitsUntil,
        body => ConversationParser.Parse(body, id),
        cancellationToken);

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
            throw new ProblemException(Catalogue.UpstreamInvalidResponse($"no list of conversations: {exception.Problem.Cause}"), exception);
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
