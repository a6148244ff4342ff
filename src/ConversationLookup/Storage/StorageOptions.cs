using Azure.Storage.Queues;

namespace ConversationLookup.Storage;

/// <summary>
/// The setting <c>AzureWebJobsStorage</c>, in both forms that the Functions host knows: a connection string, or the account's
/// addresses for an identity. Neither: webhooks and subscriptions are off.
/// </summary>
/// <remarks>https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity</remarks>
public sealed class StorageOptions
{
    public const string Section = "AzureWebJobsStorage";

    /// <summary>The setting's own value; the binder cannot see it.</summary>
    public string? ConnectionString { get; set; }

    public string? AccountName { get; set; }

    public Uri? QueueServiceUri { get; set; }

    public Uri? TableServiceUri { get; set; }

    public Uri? BlobServiceUri { get; set; }

    public bool IsConfigured => !string.IsNullOrWhiteSpace(ConnectionString) || UsesIdentity;

    public bool UsesIdentity => string.IsNullOrWhiteSpace(ConnectionString)
        && (!string.IsNullOrWhiteSpace(AccountName) || QueueServiceUri is not null || TableServiceUri is not null || BlobServiceUri is not null);

    /// <summary>Whether what is given is enough to reach all three services.</summary>
    public bool IsComplete()
    {
        if (!IsConfigured)
            return true;
        if (UsesIdentity)
        {
            return !string.IsNullOrWhiteSpace(AccountName)
                || (QueueServiceUri is { IsAbsoluteUri: true } && TableServiceUri is { IsAbsoluteUri: true } && BlobServiceUri is { IsAbsoluteUri: true });
        }

        try
        {
            _ = new QueueServiceClient(ConnectionString); // parses it, and connects to nothing
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>An address that is given, or the public cloud's for the account.</summary>
    public Uri AddressOf(Uri? given, string service) => given ?? new Uri($"https://{AccountName}.{service}.core.windows.net");
}
