using System.Text.RegularExpressions;

namespace ConversationLookup.Conversations;

/// <summary>Reads a conversation id from a route.</summary>
internal static partial class ConversationId
{
    /// <summary>Only 8-4-4-4-12 hexadecimal digits: <see cref="Guid.TryParse(string?, out Guid)"/> also takes braces, blanks and <c>0x</c>.</summary>
    public static bool TryParse(string? text, out Guid id)
    {
        id = default;
        return text is not null && Uuid().IsMatch(text) && Guid.TryParse(text, out id);
    }

    [GeneratedRegex(@"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Uuid();
}
