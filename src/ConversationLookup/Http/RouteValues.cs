using ConversationLookup.Problems;
using ConversationLookup.Values;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Http;

/// <summary>Reads what stands in a route's path, and notes every fault.</summary>
public static class RouteValues
{
    /// <param name="id">As the caller wrote it.</param>
    public static Guid ConversationId(string id, ICollection<Fault> faults)
    {
        if (!Uuids.TryParse(id, out var conversationId))
            faults.Add(Catalogue.InvalidConversationId());
        return conversationId;
    }

    /// <summary>Gives a handler the route value that it takes.</summary>
    public static Func<HttpRequest, CancellationToken, Task<IResult>> Bind(string name, Func<HttpRequest, string, CancellationToken, Task<IResult>> handle) =>
        (request, cancellationToken) => handle(request, (string)request.RouteValues[name]!, cancellationToken);

    /// <summary>Gives a handler the two route values that it takes.</summary>
    public static Func<HttpRequest, CancellationToken, Task<IResult>> Bind(
        string first, string second, Func<HttpRequest, string, string, CancellationToken, Task<IResult>> handle) =>
        (request, cancellationToken) => handle(request, (string)request.RouteValues[first]!, (string)request.RouteValues[second]!, cancellationToken);
}
