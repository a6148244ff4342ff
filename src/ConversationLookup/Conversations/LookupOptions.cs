namespace ConversationLookup.Conversations;

/// <summary>The settings under <c>Lookup:</c>.</summary>
public sealed class LookupOptions
{
    public const string Section = "Lookup";

    /// <summary>How long an answer may be handed out again; 0 shares it among concurrent callers only.</summary>
    public int CacheSeconds { get; set; } = 2;
}
