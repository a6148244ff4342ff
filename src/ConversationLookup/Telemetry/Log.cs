using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Telemetry;

/// <summary>
/// Every log message of the app. None takes a phone number, a name, a message's text, a key or a callback URL; ids of
/// conversations and deliveries are fine.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Secrets come from the key vault {Vault}.")]
    public static partial void SecretsFromVault(this ILogger logger, Uri vault);

    [LoggerMessage(2, LogLevel.Warning, "Secrets come from the configuration (Wassist:ApiKey), because KeyVault:Uri is not set. Use a key vault outside development.")]
    public static partial void SecretsFromConfiguration(this ILogger logger);

    [LoggerMessage(3, LogLevel.Information, "Lookups go to {BaseUrl}.")]
    public static partial void UpstreamIs(this ILogger logger, Uri baseUrl);

    [LoggerMessage(EventId = 10, Message = "Answered {Operation} with {Code} ({Status}), trace id {TraceId}: {Cause}")]
    public static partial void AnsweredProblem(
        this ILogger logger, LogLevel level, string operation, string code, int status, string traceId, string cause, Exception? exception);

    [LoggerMessage(20, LogLevel.Warning, "The secret {Secret} could not be read: {Cause}. The last good value, if there is one, stays in use.")]
    public static partial void SecretNotRead(this ILogger logger, string secret, string cause, Exception? exception);

    [LoggerMessage(21, LogLevel.Information, "Wassist refused the API key, and the vault has a newer one: using that from now on.")]
    public static partial void KeyRotated(this ILogger logger);

    [LoggerMessage(22, LogLevel.Error, "Nearly every call to Wassist has failed in the last half minute: lookups are answered circuit_open for {Seconds} seconds at a time, until a call succeeds.")]
    public static partial void CircuitOpened(this ILogger logger, double seconds);

    [LoggerMessage(23, LogLevel.Information, "Wassist answers again: lookups go on.")]
    public static partial void CircuitClosed(this ILogger logger);

    [LoggerMessage(30, LogLevel.Warning, "Wassist sent {Field} as {Kind}, a shape this app does not know; the field counts as unknown. Said once for each field and kind.")]
    public static partial void UnknownShape(this ILogger logger, string field, JsonValueKind kind);
}
