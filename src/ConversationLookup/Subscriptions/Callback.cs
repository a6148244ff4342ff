using ConversationLookup.Values;

namespace ConversationLookup.Subscriptions;

/// <summary>Where a flow waits.</summary>
/// <param name="SubscriptionId">Whose it is.</param>
/// <param name="Url">A signed capability, so a secret.</param>
public sealed record Callback(string SubscriptionId, string Url)
{
    /// <summary>What may be logged of the subscription's id: 8 digits are enough to find it and too little to unsubscribe it.</summary>
    public string LogId => SubscriptionId[..8];

    /// <summary>Tells URLs apart without being one: 32 hexadecimal digits.</summary>
    public static string HashOf(string url) => Hashes.Of(url);
}
