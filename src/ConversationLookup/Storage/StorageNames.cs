namespace ConversationLookup.Storage;

/// <summary>The names of what the app keeps in its storage account.</summary>
public static class StorageNames
{
    /// <summary>Wassist's events, as they came in.</summary>
    public const string Events = "wassist-events";

    /// <summary>What flows are to be told, a message for each.</summary>
    public const string Notifications = "flow-notifications";

    /// <summary>Which deliveries were handled.</summary>
    public const string Deliveries = "deliveries";

    /// <summary>Which flows want to be told.</summary>
    public const string Subscriptions = "subscriptions";

    /// <summary>Which actions were sent, by idempotency key.</summary>
    public const string Actions = "actions";

    /// <summary>Blobs with what is too large for a queue message.</summary>
    public const string Parked = "parked-messages";

    /// <summary>Both queues; each has a poison queue beside it.</summary>
    public static IReadOnlyList<string> Queues { get; } = [Events, Notifications];

    /// <summary>All tables.</summary>
    public static IReadOnlyList<string> Tables { get; } = [Deliveries, Subscriptions, Actions];
}
