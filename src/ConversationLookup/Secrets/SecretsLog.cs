using Microsoft.Extensions.Logging;

namespace ConversationLookup.Secrets;

/// <summary>What is logged of secrets; never a value.</summary>
public static partial class SecretsLog
{
    [LoggerMessage(20, LogLevel.Warning, "The secret {Secret} could not be read: {Cause}. The last good value, if there is one, stays in use.")]
    public static partial void SecretNotRead(this ILogger logger, string secret, string cause, Exception? exception);
}
