using Microsoft.Extensions.Logging;

namespace ConversationLookup.Health;

/// <summary>What is said once at start.</summary>
public static partial class StartupLog
{
    [LoggerMessage(1, LogLevel.Information, "Secrets come from the key vault {Vault}.")]
    public static partial void SecretsFromVault(this ILogger logger, Uri vault);

    [LoggerMessage(2, LogLevel.Warning, "Secrets come from the configuration (Wassist:ApiKey), because KeyVault:Uri is not set. Use a key vault outside development.")]
    public static partial void SecretsFromConfiguration(this ILogger logger);

    [LoggerMessage(3, LogLevel.Information, "Lookups go to {BaseUrl}.")]
    public static partial void UpstreamIs(this ILogger logger, Uri baseUrl);

    [LoggerMessage(4, LogLevel.Information, "Webhooks and subscriptions are off, because AzureWebJobsStorage is not set. Lookups work.")]
    public static partial void StorageNotConfigured(this ILogger logger);

    [LoggerMessage(5, LogLevel.Warning, "The storage account is not usable: {Cause}. Webhooks and subscriptions are answered storage_unavailable until it is.")]
    public static partial void StorageNotReady(this ILogger logger, string cause, Exception? exception);
}
