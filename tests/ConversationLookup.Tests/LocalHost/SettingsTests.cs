using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>Every setting, right and wrong.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("KeyVault:Uri", "contoso.vault.azure.net")]
    [InlineData("KeyVault:Uri", "http://contoso.vault.azure.net")]
    [InlineData("KeyVault:Uri", "https://user:secret@contoso.vault.azure.net")]
    [InlineData("KeyVault:Uri", "https://contoso.vault.azure.net/?x=1")]
    [InlineData("Wassist:BaseUrl", "backend.wassist.app")]
    [InlineData("Wassist:BaseUrl", "/api")]
    [InlineData("Wassist:BaseUrl", "ftp://backend.wassist.app")]
    [InlineData("Wassist:BaseUrl", "http://backend.wassist.app")]
    [InlineData("Wassist:BaseUrl", "http://localhost.evil.example")]
    [InlineData("Wassist:BaseUrl", "https://key@backend.wassist.app")]
    [InlineData("Wassist:BaseUrl", "https://backend.wassist.app/?a=b")]
    [InlineData("Wassist:RequestsPerMinute", "-1")]
    [InlineData("Wassist:RequestsPerMinute", "10000001")]
    [InlineData("Wassist:InteractivePercent", "0")]
    [InlineData("Wassist:InteractivePercent", "101")]
    [InlineData("Wassist:ApiKeySecretName", "")]
    [InlineData("Wassist:ApiKeySecretName", "wassist_api_key")]
    [InlineData("Wassist:WebhookSecretName", "a/b")]
    [InlineData("Lookup:CacheSeconds", "-1")]
    [InlineData("Lookup:CacheSeconds", "301")]
    [InlineData("AzureWebJobsStorage", "nonsense")]
    [InlineData("AzureWebJobsStorage", "AccountName=x")]
    [InlineData("Subscriptions:AllowedCallbackHosts", "")]
    [InlineData("Subscriptions:AllowedCallbackHosts", "*")]
    [InlineData("Subscriptions:AllowedCallbackHosts", "*.com, https://hooks.contoso.com")]
    [InlineData("Subscriptions:AllowedCallbackHosts", "10.0.0.1")]
    [InlineData("Subscriptions:LookupPatience", "-00:00:01")]
    [InlineData("Subscriptions:LookupPatience", "01:00:01")]
    [InlineData("PublicBaseUrl", "contoso.com")]
    [InlineData("PublicBaseUrl", "https://key@contoso.com")]
    public async Task A_wrong_setting_is_named_and_a_password_in_it_is_not_repeated(string setting, string value)
    {
        var settings = new Dictionary<string, string> { ["Wassist:ApiKey"] = "key", [setting] = value };

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => App.StartAsync(settings));

        var failure = Assert.Single(exception.Failures);
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
    [InlineData("PublicBaseUrl", "https://gateway.contoso.com/wassist")]
    [InlineData("PublicBaseUrl", "")]
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

    [Fact]
    public void Storage_by_identity_needs_the_accounts_name_or_all_three_addresses()
    {
        var (queue, table, blob) = (new Uri("https://contoso.queue.core.windows.net"), new Uri("https://contoso.table.core.windows.net"), new Uri("https://contoso.blob.core.windows.net"));

        Assert.True(new StorageOptions().IsComplete());
        Assert.True(new StorageOptions { AccountName = "contoso" }.IsComplete());
        Assert.Equal(queue, new StorageOptions { AccountName = "contoso" }.AddressOf(null, "queue"));
        Assert.False(new StorageOptions { QueueServiceUri = queue, TableServiceUri = table }.IsComplete());
        Assert.True(new StorageOptions { QueueServiceUri = queue, TableServiceUri = table, BlobServiceUri = blob }.IsComplete());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task Neither_a_vault_nor_a_key_is_a_start_that_says_how_to_give_either(string key)
    {
        var settings = new Dictionary<string, string> { ["Wassist:ApiKey"] = key };

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => App.StartAsync(settings));

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

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => App.StartAsync(settings));

        Assert.Equal(2, exception.Failures.Count());
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
}
