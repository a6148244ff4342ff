using System.Globalization;
using System.Text.RegularExpressions;
using ConversationLookup.Wassist;

namespace ConversationLookup.Conversations;

/// <summary>Messages as one text for an AI step: a line for each, <c>[2026-11-21 18:04] Amara Osei: Hello</c>, in UTC. Pure.</summary>
public static partial class Transcript
{
    /// <param name="messages">The oldest first.</param>
    /// <param name="conversation">Whose names stand before the texts.</param>
    public static string Write(IEnumerable<WassistMessage> messages, WassistConversation conversation)
    {
        var business = $"Business {conversation.BusinessPhoneNumber}";
        string contact = conversation.ContactName ?? conversation.ContactPhoneNumber ?? "Contact", agent = conversation.Agent?.Name ?? business;
        return string.Join('\n', messages.Select(message =>
        {
            var sender = message.Role?.ToLowerInvariant() switch
            {
                "user" => contact,
                "assistant" => agent,
                "system" => "System",
                _ => "Unknown",
            };
            var time = message.CreatedAt?.UtcDateTime.ToString("'['yyyy-MM-dd HH:mm'] '", CultureInfo.InvariantCulture);
            return $"{time}{OneLine(sender)}: {OneLine(WhatWasSent(message))}";
        }));
    }

    /// <summary>The text and what came with it; for neither, what kind of message it was.</summary>
    private static string WhatWasSent(WassistMessage message)
    {
        var media = message.Media.Select(one => $"[{(one.Type.Length > 0 ? one.Type : "file")}]").ToList();
        return message.Text is null && media.Count == 0 ? $"[{message.Type ?? "no text"}]" : string.Join(' ', [message.Text, .. media]).TrimStart();
    }

    /// <summary>A line break within a text must not look like another sender's line.</summary>
    private static string OneLine(string text) => LineBreaks().Replace(text, " ").Trim();

    [GeneratedRegex(@"\s*[\n\r\v\f\u0085\u2028\u2029]\s*")]
    private static partial Regex LineBreaks();
}
