using System.Text.RegularExpressions;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using ConversationLookup.Settings;

namespace ConversationLookup.Storage;

/// <summary>
/// The setting <c>AzureWebJobsStorage</c>, in both forms that the Functions host knows: a connection string, or the account's
/// addresses for an identity. Neither: webhooks and subscriptions are off.
/// </summary>
/// <remarks>https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity</remarks>
public sealed partial class StorageOptions
{
    private const string AddressMust = "must be the service's https address without a path, such as https://contoso.queue.core.windows.net; set all three addresses, or AzureWebJobsStorage:AccountName.";

    public static SettingsSection<StorageOptions> Settings { get; } = new(
        "AzureWebJobsStorage",
        new SettingRule<StorageOptions>(
            nameof(ConnectionString),
            "must be written exactly so for Azurite: UseDevelopmentStorage=true",
            options => !options.IsMeantForAzurite || options.ReachesAllServices()),
        new SettingRule<StorageOptions>(
            nameof(ConnectionString),
            "must reach blobs, queues and tables: take the connection string with an account key from the account's page 'Access keys', or a shared access signature for all three services (ss=bqt) with BlobEndpoint, QueueEndpoint and TableEndpoint.",
            options => !options.HasSignature || options.ReachesAllServices()),
        new SettingRule<StorageOptions>(
            nameof(ConnectionString),
            "must be a storage connection string (UseDevelopmentStorage=true for Azurite), or, for an identity, be left out and AzureWebJobsStorage:AccountName set instead, or QueueServiceUri, TableServiceUri and BlobServiceUri under it.",
            options => string.IsNullOrWhiteSpace(options.ConnectionString) || options.ReachesAllServices()),
        new SettingRule<StorageOptions>(
            nameof(AccountName),
            "must be the account's name alone, 3 to 24 small letters and digits.",
            options => string.IsNullOrWhiteSpace(options.AccountName) || Name().IsMatch(options.AccountName)),
        new SettingRule<StorageOptions>(nameof(QueueServiceUri), AddressMust, options => options.IsRight(options.QueueServiceUri)),
        new SettingRule<StorageOptions>(nameof(TableServiceUri), AddressMust, options => options.IsRight(options.TableServiceUri)),
        new SettingRule<StorageOptions>(nameof(BlobServiceUri), AddressMust, options => options.IsRight(options.BlobServiceUri)))
    {
        IsShared = true,
        Others = ["FileServiceUri"], // the host's
        OwnValue = (options, value) => options.ConnectionString = value,
    };

    /// <summary>The setting's own value.</summary>
    public string? ConnectionString { get; private set; }

    public string? AccountName { get; set; }

    public Uri? QueueServiceUri { get; set; }

    public Uri? TableServiceUri { get; set; }

    public Uri? BlobServiceUri { get; set; }

    public bool IsConfigured => !string.IsNullOrWhiteSpace(ConnectionString) || UsesIdentity;

    public bool UsesIdentity => string.IsNullOrWhiteSpace(ConnectionString)
        && (!string.IsNullOrWhiteSpace(AccountName) || QueueServiceUri is not null || TableServiceUri is not null || BlobServiceUri is not null);

    /// <summary>An address that is given, or the public cloud's for the account.</summary>
    public Uri AddressOf(Uri? given, string service) => given ?? new Uri($"https://{AccountName}.{service}.core.windows.net");

    private bool IsMeantForAzurite => ConnectionString?.Contains("UseDevelopmentStorage", StringComparison.OrdinalIgnoreCase) ?? false;

    private bool HasSignature => ConnectionString?.Contains("SharedAccessSignature", StringComparison.OrdinalIgnoreCase) ?? false;

    private bool IsRight(Uri? address) => !UsesIdentity
        || (address is null
            ? !string.IsNullOrWhiteSpace(AccountName)
            : address is { IsAbsoluteUri: true, Scheme: "https", UserInfo: "", Query: "", Fragment: "" } && (address.AbsolutePath == "/" || address.IsLoopback)); // Azurite has the account in the path

    /// <summary>Each client reads the string in its own way: it must be right for all of them. None connects to anything.</summary>
    private bool ReachesAllServices()
    {
        try
        {
            Uri?[] addresses = [new QueueServiceClient(ConnectionString).Uri, new TableServiceClient(ConnectionString).Uri, new BlobServiceClient(ConnectionString).Uri];
            return addresses.All(address => address is { Scheme: "https" or "http" })
                && (!HasSignature || (SignedServices().Match(ConnectionString!) is { Success: true } signed && "bqt".All(service => signed.Groups["services"].Value.Contains(service))));
        }
#pragma warning disable CA1031 // They throw FormatException, ArgumentException, InvalidOperationException, even NullReferenceException.
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }

    /// <summary>https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata#resource-uri-syntax</summary>
    [GeneratedRegex(@"^[a-z0-9]{3,24}\z")]
    private static partial Regex Name();

    /// <summary>https://learn.microsoft.com/rest/api/storageservices/create-account-sas#account-sas-uri-parameters</summary>
    [GeneratedRegex(@"[=?&]ss=(?<services>[a-z]+)", RegexOptions.IgnoreCase)]
    private static partial Regex SignedServices();
}
