using System.Reflection;
using ConversationLookup.LocalHost;
using ConversationLookup.Settings;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>Every setting, right and wrong.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("KeyVault:Uri", "contoso.vault.azure.net")]
    [InlineData("KeyVault:Uri", "http://contoso.vault.azure.net")]
    [InlineData("KeyVault:Uri", "https://user:secret@contoso.vault.azure.net")]
    [InlineData("KeyVault:Uri", "https://contoso.vault.azure.net/?x=1")]
    [InlineData("KeyVault:Uri", "https://contoso.vault.azure.net/secrets/wassist-api-key")]
    [InlineData("Wassist:BaseUrl", "backend.wassist.app")]
    [InlineData("Wassist:BaseUrl", "/api")]
    [InlineData("Wassist:BaseUrl", "ftp://backend.wassist.app")]
    [InlineData("Wassist:BaseUrl", "http://backend.wassist.app")]
    [InlineData("Wassist:BaseUrl", "http://localhost.evil.example")]
    [InlineData("Wassist:BaseUrl", "https://key@backend.wassist.app")]
    [InlineData("Wassist:BaseUrl", "https://backend.wassist.app/?a=b")]
    [InlineData("Wassist:BaseUrl", "https://backend.wassist.app/api/v1/")]
    [InlineData("Wassist:BaseUrl", "")]
    [InlineData("Wassist:RequestsPerMinute", "-1")]
    [InlineData("Wassist:RequestsPerMinute", "10000001")]
    [InlineData("Wassist:RequestsPerMinute", "99999999999")]
    [InlineData("Wassist:RequestsPerMinute", "a hundred")]
    [InlineData("Wassist:RequestsPerMinute", "1,000")]
    [InlineData("Wassist:InteractivePercent", "40%")]
    [InlineData("Wassist:InteractivePercent", "0.4")]
    [InlineData("Wassist:InteractivePercent", "0")]
    [InlineData("Wassist:InteractivePercent", "101")]
    [InlineData("Wassist:ApiKeySecretName", "")]
    [InlineData("Wassist:ApiKeySecretName", "wassist_api_key")]
    [InlineData("Wassist:WebhookSecretName", "a/b")]
    [InlineData("Lookup:CacheSeconds", "-1")]
    [InlineData("Lookup:CacheSeconds", "301")]
    [InlineData("Lookup:CacheSeconds", "2s")]
    [InlineData("Lookup:CacheSeconds", "")]
    [InlineData("AzureWebJobsStorage", "nonsense")]
    [InlineData("AzureWebJobsStorage", "AccountName=x")]
    [InlineData("AzureWebJobsStorage", "UseDevelopmentStorage=True")]
    [InlineData("AzureWebJobsStorage", "UseDevelopmentStorage = true")]
    [InlineData("AzureWebJobsStorage", "UseDevelopmentStorage=false")]
    [InlineData("AzureWebJobsStorage", "BlobEndpoint=https://contoso.blob.core.windows.net/;SharedAccessSignature=sv=2022-11-02&ss=b&srt=sco&sp=rw&sig=abc%3D")]
    [InlineData("AzureWebJobsStorage", "TableEndpoint=https://contoso.table.core.windows.net/;SharedAccessSignature=sv=2022-11-02&ss=t&srt=sco&sp=rw&sig=abc%3D")]
    [InlineData("AzureWebJobsStorage", "QueueEndpoint=https://contoso.queue.core.windows.net/;SharedAccessSignature=sv=2022-11-02&ss=q&srt=sco&sp=rw&sig=abc%3D")]
    [InlineData("AzureWebJobsStorage", "AccountName=contoso;SharedAccessSignature=sv=2022-11-02&ss=bq&srt=sco&sp=rw&sig=abc%3D")]
    [InlineData("AzureWebJobsStorage", "AccountName=contoso;SharedAccessSignature=sv=2022-11-02&sr=c&sp=rw&sig=abc%3D")]
    [InlineData("AzureWebJobsStorage", "https://contoso.blob.core.windows.net/?sv=2022-11-02&ss=b&sig=abc%3D")]
    [InlineData("AzureWebJobsStorage", "DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=no base 64!;EndpointSuffix=core.windows.net")]
    [InlineData("AzureWebJobsStorage", "DefaultEndpointsProtocol=ftp;AccountName=contoso;AccountKey=AAAA")]
    [InlineData("AzureWebJobsStorage", "DefaultEndpointsProtocol=https;AccountName=my account;AccountKey=AAAA")]
    [InlineData("AzureWebJobsStorage:AccountName", "my account")]
    [InlineData("AzureWebJobsStorage:AccountName", "https://contoso.blob.core.windows.net")]
    [InlineData("AzureWebJobsStorage:AccountName", "Contoso")]
    [InlineData("ConnectionStrings:Redis", "redis://localhost:6379")]
    [InlineData("ConnectionStrings:Redis", "https://contoso.redis.azure.net:10000")]
    [InlineData("ConnectionStrings:Redis", "localhost:99999")]
    [InlineData("ConnectionStrings:Redis", "localhost:port")]
    [InlineData("ConnectionStrings:Redis", "localhost:6379,ssl=maybe")]
    [InlineData("ConnectionStrings:Redis", "localhost:6379,pasword=x")]
    [InlineData("ConnectionStrings:Redis", "user:secret@contoso:6379")]
    [InlineData("ConnectionStrings:Redis", "ssl=true")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317")]
    [InlineData("APPLICATIONINSIGHTS_CONNECTION_STRING", "00000000-0000-0000-0000-000000000001")]
    [InlineData("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=abc")]
    [InlineData("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=contoso")]
    [InlineData("Subscriptions:AllowedCallbackHosts", "")]
    [InlineData("Subscriptions:AllowedCallbackHosts", "*")]
    [InlineData("Subscriptions:AllowedCallbackHosts", "*.com, https://hooks.contoso.com")]
    [InlineData("Subscriptions:AllowedCallbackHosts", "10.0.0.1")]
    [InlineData("Subscriptions:LookupPatience", "-00:00:01")]
    [InlineData("Subscriptions:LookupPatience", "01:00:01")]
    [InlineData("Subscriptions:LookupPatience", "2m")]
    [InlineData("Subscriptions:LookupPatience", "120")] // days
    [InlineData("Subscriptions:LookupPatience", "PT2M")]
    [InlineData("Subscriptions:LookupPatience", "")]
    [InlineData("Subscriptions:AllowLocalCallbacks", "yes")]
    [InlineData("Subscriptions:AllowLocalCallbacks", "1")]
    [InlineData("Subscriptions:AllowLocalCallbacks", "")]
    [InlineData("Webhooks:SilenceAfterMinutes", "4")]
    [InlineData("Webhooks:SilenceAfterMinutes", "10081")]
    [InlineData("Webhooks:SilenceAfterMinutes", "-1")]
    [InlineData("Webhooks:SilenceAfterMinutes", "1h")]
    [InlineData("PublicBaseUrl", "contoso.com")]
    [InlineData("PublicBaseUrl", "https://key@contoso.com")]
    [InlineData("PublicBaseUrl", "https://contoso.azurewebsites.net/api/")]
    public async Task A_wrong_setting_is_named_and_a_password_in_it_is_not_repeated(string setting, string value)
    {
        var settings = new Dictionary<string, string> { ["Wassist:ApiKey"] = "key", [setting] = value };

        var exception = await Assert.ThrowsAsync<WrongSettingsException>(() => App.StartAsync(settings));

        var failure = Assert.Single(exception.Faults);
        Assert.StartsWith(setting, failure, StringComparison.Ordinal);
        Assert.DoesNotContain("@", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Wassist:BaseUrl", "https://backend.wassist.app")]
    [InlineData("Wassist:BaseUrl", "https://proxy.example/wassist/")]
    [InlineData("Wassist:BaseUrl", "http://localhost:8050")]
    [InlineData("Wassist:BaseUrl", "http://127.0.0.1:8050")]
    [InlineData("Wassist:BaseUrl", "http://[::1]:8050")]
    [InlineData("Wassist:RequestsPerMinute", "0")]
    [InlineData("Wassist:InteractivePercent", "1")]
    [InlineData("Wassist:InteractivePercent", "100")]
    [InlineData("Wassist:ApiKeySecretName", "Other-Name-1")]
    [InlineData("Lookup:CacheSeconds", "0")]
    [InlineData("Lookup:CacheSeconds", "300")]
    [InlineData("KeyVault:Uri", "")]
    [InlineData("Subscriptions:AllowedCallbackHosts", "hooks.contoso.com; *.contoso.com")]
    [InlineData("Subscriptions:LookupPatience", "00:00:00")]
    [InlineData("Subscriptions:LookupPatience", "01:00:00")]
    [InlineData("Webhooks:SilenceAfterMinutes", "0")]
    [InlineData("Webhooks:SilenceAfterMinutes", "5")]
    [InlineData("Webhooks:SilenceAfterMinutes", "10080")]
    [InlineData("PublicBaseUrl", "https://gateway.contoso.com/wassist")]
    [InlineData("PublicBaseUrl", "")]
    [InlineData("Subscriptions:AllowLocalCallbacks", "TRUE")]
    [InlineData("Lookup:CacheSeconds", " 5 ")]
    [InlineData("KeyVault:Urii", "misspelled")]
    [InlineData("ConnectionStrings:Redis", "localhost:6379,password=x,ssl=false,asyncTimeout=100")]
    [InlineData("ConnectionStrings:Redis", "10.0.0.1:6379")]
    [InlineData("ConnectionStrings:Redis", "[::1]:6379")]
    [InlineData("ConnectionStrings:Redis", "contoso.westeurope.redis.azure.net:10000,ssl=true,user=00000000-0000-0000-0000-000000000001")]
    public async Task A_right_setting_lets_the_app_start(string setting, string value)
    {
        await using var app = await App.StartAsync(new Dictionary<string, string> { ["Wassist:ApiKey"] = "key", [setting] = value });

        Assert.Equal(200, (await app.GetAsync("health")).StatusCode);
    }

    [Theory]
    [InlineData("Wassist:BaseUrl", "\n")]
    [InlineData("Wassist:ApiKey", "\n")]
    [InlineData("Wassist:ApiKeySecretName", "\r\n")]
    [InlineData("Wassist:RequestsPerMinute", "\n")]
    [InlineData("Lookup:CacheSeconds", " \n")]
    [InlineData("Subscriptions:AllowedCallbackHosts", "\n")]
    [InlineData("Subscriptions:AllowLocalCallbacks", "\n")]
    [InlineData("Subscriptions:LookupPatience", "\r\n\r\n")]
    [InlineData("PublicBaseUrl", "\n")]
    [InlineData("LocalHost:Key", "\n  ")]
    public async Task A_line_break_behind_a_setting_is_not_a_part_of_it(string setting, string lineBreak)
    {
        var settings = new Dictionary<string, string>
        {
            ["Wassist:BaseUrl"] = "https://backend.wassist.app",
            ["Wassist:ApiKey"] = "key",
            ["Wassist:ApiKeySecretName"] = "Other-Name-1",
            ["Wassist:RequestsPerMinute"] = "50",
            ["Lookup:CacheSeconds"] = "5",
            ["Subscriptions:AllowedCallbackHosts"] = "hooks.contoso.com",
            ["Subscriptions:AllowLocalCallbacks"] = "true",
            ["Subscriptions:LookupPatience"] = "00:01:00",
            ["PublicBaseUrl"] = "https://gateway.contoso.com",
            ["LocalHost:Key"] = "function-key",
        };
        settings[setting] += lineBreak;

        await using var app = await App.StartAsync(settings);

        Assert.Equal(200, (await app.GetAsync("events?code=function-key")).StatusCode);
        Assert.Equal(settings[setting].TrimEnd(), app.Services.GetRequiredService<IConfiguration>()[setting]);
    }

    [Theory]
    [InlineData("UseDevelopmentStorage=true")]
    [InlineData("UseDevelopmentStorage=true;")]
    [InlineData("DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=AAAA;EndpointSuffix=core.windows.net")]
    [InlineData("AccountName=contoso;SharedAccessSignature=sv=2022-11-02&ss=btqf&srt=sco&sp=rw&sig=abc%3D")]
    [InlineData("BlobEndpoint=https://contoso.blob.core.windows.net/;QueueEndpoint=https://contoso.queue.core.windows.net/;TableEndpoint=https://contoso.table.core.windows.net/;SharedAccessSignature=?sv=2022-11-02&ss=bqt&srt=sco&sp=rw&sig=abc%3D")]
    public void A_storage_string_that_reaches_blobs_queues_and_tables_is_right(string value) =>
        Assert.Empty(StorageOptions.Settings.Faults(Configuration(("AzureWebJobsStorage", value))));

    [Theory]
    [InlineData("", "", "", "", "")]
    [InlineData("contoso", "", "", "", "")]
    [InlineData("", "https://contoso.queue.core.windows.net", "https://contoso.table.core.windows.net/", "https://contoso.blob.core.windows.net", "")]
    [InlineData("", "https://contoso.queue.core.windows.net", "https://contoso.table.core.windows.net", "", "BlobServiceUri")]
    [InlineData("", "https://contoso.queue.core.windows.net", "", "", "TableServiceUri BlobServiceUri")]
    [InlineData("", "https://contoso.queue.core.windows.net/wassist-events", "http://contoso.table.core.windows.net", "contoso", "QueueServiceUri TableServiceUri BlobServiceUri")]
    [InlineData("contoso", "https://contoso.queue.core.windows.net?sig=a", "", "", "QueueServiceUri")]
    public void Storage_by_identity_needs_the_accounts_name_or_all_three_addresses(string account, string queue, string table, string blob, string wrong)
    {
        var faults = StorageOptions.Settings.Faults(Configuration(
            ("AzureWebJobsStorage:accountName", account), ("AzureWebJobsStorage:queueServiceUri", queue),
            ("AzureWebJobsStorage:tableServiceUri", table), ("AzureWebJobsStorage:blobServiceUri", blob)));

        Assert.Equal(
            wrong.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(setting => $"AzureWebJobsStorage:{setting}"), faults.Select(fault => fault.Split(' ')[0]));
    }

    [Fact]
    public void The_address_of_an_account_is_the_public_clouds_unless_it_is_given()
    {
        var given = new Uri("https://contoso.queue.core.usgovcloudapi.net");

        Assert.Equal(new Uri("https://contoso.queue.core.windows.net"), new StorageOptions { AccountName = "contoso" }.AddressOf(null, "queue"));
        Assert.Equal(given, new StorageOptions { AccountName = "contoso" }.AddressOf(given, "queue"));
    }

    [Theory]
    [InlineData("UseDevelopmentStorage=True", "UseDevelopmentStorage=true")]
    [InlineData("BlobEndpoint=https://contoso.blob.core.windows.net/;SharedAccessSignature=sv=2022-11-02&ss=b&sig=abc", "ss=bqt")]
    [InlineData("nonsense", "AzureWebJobsStorage:AccountName")]
    public void A_wrong_storage_string_is_answered_with_what_would_be_right(string value, string advice) =>
        Assert.Contains(advice, Assert.Single(StorageOptions.Settings.Faults(Configuration(("AzureWebJobsStorage", value)))), StringComparison.Ordinal);

    [Theory]
    [InlineData("Lookup:CacheSecond", "Lookup:CacheSeconds")]
    [InlineData("lookup:cacheseconds:x", "Lookup:CacheSeconds")]
    [InlineData("Wassist:ApiKeey", "Wassist:ApiKey")]
    [InlineData("Wassist:Key", "Wassist:ApiKey")]
    [InlineData("Wassist:RequestPerMinute", "Wassist:RequestsPerMinute")]
    [InlineData("KeyVault:Url", "KeyVault:Uri")]
    [InlineData("ConnectionStrings:Rediss", "ConnectionStrings:Redis")]
    [InlineData("ConnectionStrings:RedisCache", "ConnectionStrings:Redis")]
    [InlineData("ConnectionString:Redis", "ConnectionStrings:Redis")]
    [InlineData("AzureWebJobsStorage:queueServiceUrl", "AzureWebJobsStorage:QueueServiceUri")]
    [InlineData("AzureWebJobStorage", "AzureWebJobsStorage")]
    [InlineData("Wasist:ApiKey", "Wassist:ApiKey")]
    [InlineData("Wassist_ApiKey", "Wassist:ApiKey")]
    [InlineData("WASSIST_API_KEY", "Wassist:ApiKey")]
    [InlineData("PublicBaseUri", "PublicBaseUrl")]
    [InlineData("SampleWassist:Uri", "SampleWassist:Url")]
    [InlineData("LocalHost:Keys", "LocalHost:Key")]
    public void A_misspelled_setting_is_warned_of_with_the_right_name_and_without_its_value(string setting, string right)
    {
        var warning = Assert.Single(SettingNames.Unknown(Configuration((setting, "a-secret")), LocalHostApp.Settings));

        Assert.StartsWith($"'{setting}' ", warning, StringComparison.Ordinal);
        Assert.Contains($"'{right}'", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_that_is_like_no_other_is_warned_of_with_those_there_are() =>
        Assert.Contains("BaseUrl", Assert.Single(SettingNames.Unknown(Configuration(("Wassist:Zzz", "1")), LocalHostApp.Settings)), StringComparison.Ordinal);

    [Theory]
    [InlineData("wassist:apikey")]
    [InlineData("AzureWebJobsStorage")]
    [InlineData("AzureWebJobsStorage:credential")]
    [InlineData("AzureWebJobsStorage:clientId")]
    [InlineData("AzureWebJobsStorage:fileServiceUri")]
    [InlineData("AzureWebJobsSecretStorageType")]
    [InlineData("ConnectionStrings:Orders")]
    [InlineData("PATH")]
    [InlineData("Logging:LogLevel:Default")]
    public void The_settings_of_other_programs_are_no_misspelled_ones(string setting) =>
        Assert.Empty(SettingNames.Unknown(Configuration((setting, "x")), LocalHostApp.Settings));

    [Fact]
    public async Task A_misspelled_setting_is_warned_of_at_start()
    {
        await using var app = await App.StartAsync(new Dictionary<string, string> { ["Wassist:ApiKey"] = "key", ["Lookup:CacheSecond"] = "5" });

        await app.Logs.SaysAsync(line => line.Text.Contains("Did you mean 'Lookup:CacheSeconds'", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_number_flag_time_and_address_says_what_it_must_be_when_it_cannot_be_read()
    {
        var settings =
            from section in LocalHostApp.Settings
            from property in section.GetType().GetGenericArguments()[0].GetProperties(BindingFlags.Public | BindingFlags.Instance)
            where property.PropertyType != typeof(string) && property.GetSetMethod() is not null
            select (Section: section, Setting: section.Name.Length == 0 ? property.Name : $"{section.Name}:{property.Name}");

        Assert.All(settings, each => Assert.Contains(
            each.Section.Faults(Configuration((each.Setting, "http://["))), fault => fault.StartsWith($"{each.Setting} must be ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task Neither_a_vault_nor_a_key_is_a_start_that_says_how_to_give_either(string key)
    {
        var settings = new Dictionary<string, string> { ["Wassist:ApiKey"] = key };

        var exception = await Assert.ThrowsAsync<WrongSettingsException>(() => App.StartAsync(settings));

        Assert.Contains("KeyVault:Uri", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Wassist:ApiKey", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_said_at_once()
    {
        var settings = new Dictionary<string, string>
        {
            ["Wassist:BaseUrl"] = "backend",
            ["Wassist:RequestsPerMinute"] = "-1",
            ["Wassist:ApiKey"] = "key",
        };

        var exception = await Assert.ThrowsAsync<WrongSettingsException>(() => App.StartAsync(settings));

        Assert.Equal(2, exception.Faults.Count);
    }

    [Fact]
    public async Task A_name_of_the_secret_that_is_set_is_the_one_that_is_read()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        (vault.Secrets["other-name"], _) = (FakeWassist.Key, vault.Secrets.TryRemove("wassist-api-key", out _));
        await using var app = await vault.StartAppAsync(wassist, settings: new Dictionary<string, string> { ["Wassist:ApiKeySecretName"] = "other-name" });

        (await app.LookUpAsync()).IsSummary();
    }

    private static IConfigurationRoot Configuration(params (string Setting, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Setting, (string?)setting.Value))).Build();
}
