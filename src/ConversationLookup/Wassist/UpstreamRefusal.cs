using System.Net;
using ConversationLookup.Json;
using ConversationLookup.Problems;

namespace ConversationLookup.Wassist;

/// <summary>
/// Why Wassist did not do something, in words of this app: its own text may quote a number or a message, and changes at any time. Pure.
/// </summary>
public static class UpstreamRefusal
{
    /// <summary>WhatsApp's own code for a message outside the window.</summary>
    private const string WindowCode = "131047";

    private static readonly string[] WindowWords = ["window", "24 hour", "24-hour", "24hour", "24h", "re-engagement", WindowCode];

    /// <summary>Wassist's names of what a caller gives, and the caller's.</summary>
    private static readonly (string Theirs, string Ours)[] Names =
    [
        ("toNumber", "toPhoneNumber"), ("fromNumber", "fromPhoneNumber"), ("agentId", "agentId"), ("agent", "agentId"), ("durationMinutes", "minutes"),
        ("prompt", "prompt"), ("text", "text"), ("footer", "footer"), ("buttons", "buttons"), ("media", "mediaUrl"), ("variables", "values"),
        ("template", "templateName"), ("templateName", "templateName"),
    ];

    /// <param name="answer">A 4xx of the API.</param>
    public static Problem Explain(WassistAnswer answer)
    {
        var cause = UpstreamOutcome.CauseOf(answer);
        if (answer.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            return Catalogue.ConversationNotFound(cause);

        var (said, _) = TolerantJson.Read(answer.Body, root => root.Names.SelectMany(root.Everything).ToList());
        var words = string.Join(' ', said.Select(one => one.Text)).ToLowerInvariant();
        if (WindowWords.Any(word => words.Contains(word, StringComparison.Ordinal)))
            return Catalogue.ReplyWindowClosed(cause);

        var named = Names.Where(name => said.Any(one => one.Name == name.Theirs) || words.Contains($"'{name.Theirs.ToLowerInvariant()}'", StringComparison.Ordinal))
            .Select(name => name.Ours).Distinct().ToList();
        return Catalogue.UpstreamRejectedRequest((int)answer.Status, cause) with
        {
            Detail = words.Contains("sandbox", StringComparison.Ordinal)
                ? "Wassist refused this because the number is its shared sandbox number, which allows no templates and no changes of routing. Use a number of your own."
            : named.Count > 0
                ? $"Wassist does not accept {string.Join(", ", named.Select(name => $"'{name}'"))}. Correct it and try again. Nothing was sent."
            : answer.Status is HttpStatusCode.PaymentRequired
                ? "Wassist asks for a payment. Ask the operator to check the Wassist account. Nothing was sent."
            : $"Wassist answered with status {(int)answer.Status}. Nothing was sent, and retrying will not help. Ask the operator to search the log for the trace id.",
        };
    }
}
