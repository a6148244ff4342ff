using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Wassist;

/// <summary>What is logged of calls to Wassist; never a phone number, a name, a text or the key.</summary>
public static partial class WassistLog
{
    [LoggerMessage(21, LogLevel.Information, "Wassist refused the API key. The vault has a newer one, which is used from now on.")]
    public static partial void KeyRotated(this ILogger logger);

    [LoggerMessage(22, LogLevel.Error, "Nearly every call to Wassist has failed in the last half minute: lookups are answered circuit_open for {Seconds} seconds at a time, until a call succeeds.")]
    public static partial void CircuitOpened(this ILogger logger, double seconds);

    [LoggerMessage(23, LogLevel.Information, "Wassist answers again. Lookups have resumed.")]
    public static partial void CircuitClosed(this ILogger logger);

    [LoggerMessage(30, LogLevel.Warning, "Wassist sent {Field} as {Kind}, a shape this app does not know. The field is treated as unknown. This is logged once for each field and kind.")]
    public static partial void UnknownShape(this ILogger logger, string field, JsonValueKind kind);
}
