using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Http;
using ConversationLookup.Problems;

namespace ConversationLookup.Conversations;

/// <summary>The properties of a summary that a caller wants: <c>?fields=contactName,handledBy</c>.</summary>
public sealed class SummaryFields(IReadOnlySet<string> wanted)
{
    /// <summary>Every property's name, in the order of the payload.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. ConversationJson.Payload.ConversationSummary.Properties.Select(property => property.Name)];

    /// <summary>
    /// Reads the parameter: names separated by commas, in any case, repeated or not. Blank is the same as not given, because a
    /// connector sends an empty parameter for an empty box.
    /// </summary>
    /// <param name="parameters">Of which it reads <c>fields</c>, once or several times.</param>
    /// <param name="faults">Where an unknown name is told.</param>
    /// <returns>The fields to keep; null for all of them.</returns>
    public static SummaryFields? Parse(QueryParameters parameters, ICollection<Fault> faults)
    {
        var given = parameters.Values("fields").ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (given.Length == 0)
            return null;

        var names = new HashSet<string>(given, StringComparer.OrdinalIgnoreCase) { "id" };
        var unknown = names.Except(Names, StringComparer.OrdinalIgnoreCase).ToList();
        if (unknown.Count > 0)
            faults.Add(Catalogue.UnknownField(unknown.Take(10), Names));
        return new SummaryFields(names);
    }

    /// <summary>The summary with the wanted properties only.</summary>
    public JsonObject Select(ConversationSummary summary) =>
        Keep(JsonSerializer.SerializeToNode(summary, ConversationJson.Payload.ConversationSummary)!.AsObject());

    /// <summary>The page with the wanted properties only in each of its summaries.</summary>
    public JsonObject Select(ConversationPage page)
    {
        var all = JsonSerializer.SerializeToNode(page, ConversationJson.Payload.ConversationPage)!.AsObject();
        foreach (var item in all["items"]!.AsArray())
            Keep(item!.AsObject());
        return all;
    }

    private JsonObject Keep(JsonObject summary)
    {
        foreach (var name in Names.Where(name => !wanted.Contains(name)))
            summary.Remove(name);
        return summary;
    }
}
