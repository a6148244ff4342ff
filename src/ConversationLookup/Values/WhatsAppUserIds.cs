using System.Text.RegularExpressions;

namespace ConversationLookup.Values;

/// <summary>WhatsApp's business-scoped user ids: what a business gets of a user who shows a name instead of a number. Pure.</summary>
/// <remarks>https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids</remarks>
public static partial class WhatsAppUserIds
{
    /// <summary>Whether it is one, such as <c>US.13491208655302741918</c>, or <c>US.ENT.11815799212886844830</c> of a group of businesses.</summary>
    public static bool Is(string text) => Shape().IsMatch(text);

    [GeneratedRegex(@"^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
