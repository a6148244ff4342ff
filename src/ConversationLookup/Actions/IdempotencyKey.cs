using ConversationLookup.Http;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Actions;

/// <summary>
/// What makes a repeat of an action known as one: the header <c>Idempotency-Key</c>; or the property <c>idempotencyKey</c>; or, sent by
/// Power Automate and Logic Apps themselves, the ids of the run and of the action's execution, which are the same in every retry.
/// </summary>
public static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    public const string RunHeader = "x-ms-workflow-run-id";

    public const string TrackingHeader = "x-ms-action-tracking-id";

    /// <summary>The property of a body.</summary>
    public const string Property = "idempotencyKey";

    private const int Longest = 255;

    /// <returns>Null where there is none.</returns>
    public static string? Read(IHeaderDictionary headers, BodyProperties body)
    {
        var given = body.Text(Property, Longest, isNumberToo: true);
        if (given is not null && !IsUsable(given))
            body.Fault(Property, $"must be 1 to {Longest} characters without blanks and accents, such as a UUID");
        // The header's draft standard writes a string, in quotation marks; most senders leave them out.
        var header = headers[Header].ToString().Trim().Trim('"');
        if (header.Length > 0 && !IsUsable(header))
            body.Fault(Property, $"in the header '{Header}' must be 1 to {Longest} characters without blanks and accents, such as a UUID");
        if (header.Length > 0 && given is not null && header != given)
            body.Fault(Property, $"differs from the header '{Header}'. Send one of the two");
        if (header.Length > 0 || given is not null)
            return header.Length > 0 ? header : given;

        var (run, tracking) = (headers[RunHeader].ToString(), headers[TrackingHeader].ToString());
        return IsUsable(run) && IsUsable(tracking) ? $"{run}/{tracking}" : null; // one alone is the same for other actions, or other runs
    }

    private static bool IsUsable(string text) => text.Length is > 0 and <= Longest && text.All(c => c is > ' ' and <= '~');
}
