using Microsoft.Extensions.Logging;

namespace ConversationLookup.Guardian;

/// <summary>What is logged of the webhook in Wassist; never what an event says, nor the webhook's secret.</summary>
public static partial class GuardianLog
{
    [LoggerMessage(100, LogLevel.Warning, "The webhook in Wassist needs a person ({Outcome}). {Detail}")]
    public static partial void WebhookIsFaulty(this ILogger logger, string outcome, string detail);

    [LoggerMessage(101, LogLevel.Information, "The webhook in Wassist is no longer {Outcome}. {Detail}")]
    public static partial void WebhookIsFine(this ILogger logger, string outcome, string detail);

    [LoggerMessage(102, LogLevel.Information, "Wassist does not let this API key ask for {What}: {Cause}. It is asked again in a day, or with a new key.")]
    public static partial void KeyMayNotAsk(this ILogger logger, string what, string cause);

    [LoggerMessage(103, LogLevel.Information, "Wassist did not say how the webhook stands: {Code}, {Cause}. It is asked again in five minutes.")]
    public static partial void NotAnswered(this ILogger logger, string code, string cause);

    [LoggerMessage(104, LogLevel.Information, "Had Wassist replay {Count} deliveries that had failed.")]
    public static partial void Replayed(this ILogger logger, int count);

    [LoggerMessage(105, LogLevel.Warning, "Wassist did not replay delivery {DeliveryId}, or did not say so: {Cause}. After the fifth time it is left: replay it in Wassist's dashboard.")]
    public static partial void ReplayRefused(this ILogger logger, string deliveryId, string cause);
}
