using System.Text.Json.Nodes;
using ConversationLookup.Storage;

namespace ConversationLookup.Tests.Infrastructure;

/// <summary>What would be made in Azure is locked down, for every way to deploy it.</summary>
public sealed class PredictedResourcesTests
{
    private const string KeyVaultSecretsUser = "4633458b-17de-408a-b874-0445c86b69e6";
    private const string KeyVaultSecretsOfficer = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";
    private const string BlobDataOwner = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";
    private const string QueueDataContributor = "974c5e8b-45b9-4653-ba55-5f855dd0fb88";
    private const string TableDataContributor = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3";
    private const string MonitoringMetricsPublisher = "3913510d-42f4-4e42-8a64-420c390055eb";

    private static readonly string[] RolesOfTheApp =
    [
        $"Microsoft.Insights/components {MonitoringMetricsPublisher}",
        $"Microsoft.KeyVault/vaults {KeyVaultSecretsUser}",
        $"Microsoft.Storage/storageAccounts {TableDataContributor}",
        $"Microsoft.Storage/storageAccounts {QueueDataContributor}",
        $"Microsoft.Storage/storageAccounts {BlobDataOwner}",
    ];

    public static TheoryData<string> Parameters => Prediction.All;

    [Theory]
    [MemberData(nameof(Parameters))]
    public async Task The_prediction_is_complete(string parameters)
    {
        var prediction = await Prediction.OfAsync(parameters);

        Assert.Empty(prediction.Json["diagnostics"]!.AsArray());
        Assert.NotEmpty(prediction.Resources);
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public async Task The_app_has_the_roles_it_needs_on_the_one_resource_that_needs_them_and_no_other(string parameters)
    {
        var prediction = await Prediction.OfAsync(parameters);

        var ofTheApp = prediction.Many("Microsoft.Authorization/roleAssignments")
            .Where(role => role["properties"]!["principalId"]!.ToString().Contains("userAssignedIdentities", StringComparison.Ordinal)).ToList();

        Assert.Equal(RolesOfTheApp.Order(), ofTheApp.Select(ScopeAndRole).Order());
        Assert.All(ofTheApp, role => Prediction.AssertProperties(role, ("principalType", "ServicePrincipal")));
    }

    [Theory]
    [InlineData("default", new string[0])]
    [InlineData("private-network", new string[0])]
    [InlineData("entra", new[] { $"Microsoft.KeyVault/vaults {KeyVaultSecretsOfficer}" })]
    public async Task Nobody_else_has_a_role_but_the_operator_who_sets_the_secrets(string parameters, string[] roles)
    {
        var prediction = await Prediction.OfAsync(parameters);

        var others = prediction.Many("Microsoft.Authorization/roleAssignments")
            .Where(role => !role["properties"]!["principalId"]!.ToString().Contains("userAssignedIdentities", StringComparison.Ordinal)).ToList();

        Assert.Equal(roles, others.Select(ScopeAndRole));
        Assert.All(others, role => Prediction.AssertProperties(role, ("principalId", "22222222-3333-4444-8555-666666666666"), ("principalType", "User")));
    }

    [Theory]
    [InlineData("default", "Enabled", "Allow")]
    [InlineData("private-network", "Disabled", "Deny")]
    [InlineData("entra", "Enabled", "Allow")]
    public async Task Storage_takes_no_keys_and_has_what_the_app_keeps_in_it(string parameters, string access, string action)
    {
        var prediction = await Prediction.OfAsync(parameters);

        Prediction.AssertProperties(
            prediction.One("Microsoft.Storage/storageAccounts"),
            ("allowSharedKeyAccess", false),
            ("allowBlobPublicAccess", false),
            ("allowCrossTenantReplication", false),
            ("isLocalUserEnabled", false),
            ("defaultToOAuthAuthentication", true),
            ("minimumTlsVersion", "TLS1_2"),
            ("supportsHttpsTrafficOnly", true),
            ("publicNetworkAccess", access),
            ("networkAcls.defaultAction", action),
            ("networkAcls.bypass", "None"));
        Prediction.AssertProperties(
            prediction.One("Microsoft.Storage/storageAccounts/blobServices"),
            ("deleteRetentionPolicy.enabled", true),
            ("containerDeleteRetentionPolicy.enabled", true));
        Assert.All(
            prediction.Many("Microsoft.Storage/storageAccounts/blobServices/containers"),
            container => Prediction.AssertProperties(container, ("publicAccess", "None")));
        Assert.Contains(StorageNames.Parked, prediction.NamesOf("Microsoft.Storage/storageAccounts/blobServices/containers"));
        Assert.Equal(
            StorageNames.Queues.Concat(StorageNames.Queues.Select(queue => queue + AppStorage.PoisonSuffix)).Order(),
            prediction.NamesOf("Microsoft.Storage/storageAccounts/queueServices/queues").Order());
        Assert.Equal(StorageNames.Tables.Order(), prediction.NamesOf("Microsoft.Storage/storageAccounts/tableServices/tables").Order());
    }

    [Theory]
    [InlineData("default", "Enabled", "Allow")]
    [InlineData("private-network", "Disabled", "Deny")]
    [InlineData("entra", "Enabled", "Allow")]
    public async Task The_vault_goes_by_roles_cannot_be_purged_and_writes_down_who_read(string parameters, string access, string action)
    {
        var prediction = await Prediction.OfAsync(parameters);

        Prediction.AssertProperties(
            prediction.One("Microsoft.KeyVault/vaults"),
            ("enableRbacAuthorization", true),
            ("enableSoftDelete", true),
            ("softDeleteRetentionInDays", 90),
            ("enablePurgeProtection", true),
            ("createMode", parameters == "private-network" ? "recover" : "default"), // a vault of this name may be soft-deleted
            ("enabledForDeployment", false),
            ("enabledForDiskEncryption", false),
            ("enabledForTemplateDeployment", false),
            ("publicNetworkAccess", access),
            ("networkAcls.defaultAction", action),
            ("networkAcls.bypass", "None"));
        var audit = prediction.One("Microsoft.Insights/diagnosticSettings");
        Assert.Contains("/vaults/", audit["id"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("""[{"categoryGroup":"audit","enabled":true}]""", audit["properties"]!["logs"]!.ToJsonString());
        Assert.Empty(prediction.Many("Microsoft.KeyVault/vaults/secrets"));
    }

    [Theory]
    [InlineData("default", 0)]
    [InlineData("private-network", 2)]
    [InlineData("entra", 0)]
    public async Task The_app_runs_on_flex_consumption_over_https_without_a_password(string parameters, int alwaysReady)
    {
        var prediction = await Prediction.OfAsync(parameters);
        var app = prediction.One("Microsoft.Web/sites");

        Assert.Equal(("functionapp,linux", "UserAssigned"), (app["kind"]!.ToString(), app["identity"]!["type"]!.ToString()));
        Assert.EndsWith(
            prediction.One("Microsoft.ManagedIdentity/userAssignedIdentities")["name"]!.ToString(),
            Assert.Single(app["identity"]!["userAssignedIdentities"]!.AsObject()).Key,
            StringComparison.Ordinal);
        Assert.Equal("app", app["tags"]!["azd-service-name"]!.ToString());
        Prediction.AssertProperties(
            app,
            ("httpsOnly", true),
            ("clientAffinityEnabled", false),
            ("publicNetworkAccess", "Enabled"),
            ("siteConfig.minTlsVersion", "1.2"),
            ("siteConfig.scmMinTlsVersion", "1.2"),
            ("siteConfig.ftpsState", "Disabled"),
            ("siteConfig.http20Enabled", true),
            ("siteConfig.remoteDebuggingEnabled", false),
            ("functionAppConfig.runtime.name", "dotnet-isolated"),
            ("functionAppConfig.runtime.version", "10.0"),
            ("functionAppConfig.deployment.storage.type", "blobContainer"),
            ("functionAppConfig.deployment.storage.authentication.type", "UserAssignedIdentity"),
            ("functionAppConfig.scaleAndConcurrency.instanceMemoryMB", parameters == "private-network" ? 512 : 2048),
            ("functionAppConfig.scaleAndConcurrency.maximumInstanceCount", parameters == "private-network" ? 60 : 40),
            ("functionAppConfig.scaleAndConcurrency.triggers.http.perInstanceConcurrency", 100));
        Assert.Equal(app["properties"]!["keyVaultReferenceIdentity"]!.ToString(), Assert.Single(app["identity"]!["userAssignedIdentities"]!.AsObject()).Key);
        Assert.Equal(
            alwaysReady == 0 ? "[]" : $$"""[{"name":"http","instanceCount":{{alwaysReady}}}]""",
            app["properties"]!["functionAppConfig"]!["scaleAndConcurrency"]!["alwaysReady"]!.ToJsonString());
        var plan = prediction.One("Microsoft.Web/serverfarms");
        Assert.Equal(("FC1", "FlexConsumption"), (plan["sku"]!["name"]!.ToString(), plan["sku"]!["tier"]!.ToString()));
        Prediction.AssertProperties(plan, ("reserved", true));
        Assert.Equal(["ftp", "scm"], prediction.NamesOf("Microsoft.Web/sites/basicPublishingCredentialsPolicies").Order());
        Assert.All(
            prediction.Many("Microsoft.Web/sites/basicPublishingCredentialsPolicies"), policy => Prediction.AssertProperties(policy, ("allow", false)));
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public async Task The_apps_settings_hold_no_secret_and_nothing_that_flex_refuses(string parameters)
    {
        var prediction = await Prediction.OfAsync(parameters);

        var settings = prediction.Many("Microsoft.Web/sites/config").Single(config => config["name"]!.ToString().EndsWith("/appsettings", StringComparison.Ordinal))["properties"]!.AsObject();

        string[] made =
        [
            "APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "APPLICATIONINSIGHTS_CONNECTION_STRING", "AZURE_CLIENT_ID", "AZURE_TOKEN_CREDENTIALS",
            "AzureWebJobsDisableHomepage",
            "AzureWebJobsStorage__blobServiceUri", "AzureWebJobsStorage__clientId", "AzureWebJobsStorage__credential",
            "AzureWebJobsStorage__queueServiceUri", "AzureWebJobsStorage__tableServiceUri", "KeyVault__Uri",
            "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG",
        ];
        string[] more = parameters switch
        {
            "private-network" => ["Actions__Allowed", "ConnectionStrings__Redis", "Lookup__CacheSeconds", "Subscriptions__AllowedCallbackHosts", "Webhooks__SilenceAfterMinutes"],
            "entra" => ["ConnectionStrings__Redis"],
            _ => [],
        };

        Assert.Equal(made.Concat(more).Order(StringComparer.Ordinal), settings.Select(setting => setting.Key).Order(StringComparer.Ordinal));
        Assert.Equal(parameters == "private-network" ? "SendMessage,TakeOver" : null, settings["Actions__Allowed"]?.ToString()); // nothing that is not named
        Assert.Equal(parameters == "private-network" ? "*.logic.azure.com,a=b" : null, settings["Subscriptions__AllowedCallbackHosts"]?.ToString());
        Assert.Equal("managedidentity", settings["AzureWebJobsStorage__credential"]!.ToString());
        Assert.Equal("ManagedIdentityCredential", settings["AZURE_TOKEN_CREDENTIALS"]!.ToString());
        Assert.Contains("Authorization=AAD", settings["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            ("microsoft.fixed_percentage", parameters == "private-network" ? "0.05" : "1"),
            (settings["OTEL_TRACES_SAMPLER"]!.ToString(), settings["OTEL_TRACES_SAMPLER_ARG"]!.ToString()));
        Assert.DoesNotContain("listKeys", prediction.Json.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("AccountKey", prediction.Json.ToJsonString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task In_a_private_network_storage_and_vault_are_reached_by_their_names_in_it()
    {
        var prediction = await Prediction.OfAsync("private-network");

        Assert.Equal(
            ["blob", "queue", "redisEnterprise", "table", "vault"],
            prediction.Many("Microsoft.Network/privateEndpoints").Select(endpoint => endpoint["properties"]!["privateLinkServiceConnections"]![0]!["name"]!.ToString()).Order());
        Assert.Equal(5, prediction.Many("Microsoft.Network/privateEndpoints/privateDnsZoneGroups").Count());
        Assert.Equal(5, prediction.Many("Microsoft.Network/privateDnsZones").Count());
        Assert.Equal(5, prediction.Many("Microsoft.Network/privateDnsZones/virtualNetworkLinks").Count());
        var subnets = prediction.One("Microsoft.Network/virtualNetworks")["properties"]!["subnets"]!.AsArray();
        Assert.Equal("Microsoft.App/environments", subnets[0]!["properties"]!["delegations"]![0]!["properties"]!["serviceName"]!.ToString());
        Assert.EndsWith("/subnets/app", prediction.One("Microsoft.Web/sites")["properties"]!["virtualNetworkSubnetId"]!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("private-network", "Disabled")]
    [InlineData("entra", "Enabled")]
    public async Task Redis_takes_no_keys_but_the_apps_identity_which_it_connects_with(string parameters, string access)
    {
        var prediction = await Prediction.OfAsync(parameters);

        Prediction.AssertProperties(prediction.One("Microsoft.Cache/redisEnterprise"), ("minimumTlsVersion", "1.2"), ("publicNetworkAccess", access));
        Prediction.AssertProperties(
            prediction.One("Microsoft.Cache/redisEnterprise/databases"),
            ("accessKeysAuthentication", "Disabled"),
            ("clientProtocol", "Encrypted"),
            ("port", 10000));
        var user = prediction.One("Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments")["properties"]!["user"]!["objectId"]!.ToString();
        Assert.Contains("userAssignedIdentities", user, StringComparison.Ordinal);
        var settings = prediction.Many("Microsoft.Web/sites/config").Single(config => config["name"]!.ToString().EndsWith("/appsettings", StringComparison.Ordinal))["properties"]!;
        Assert.Contains("ssl=true,user=", settings["ConnectionStrings__Redis"]!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("password", settings["ConnectionStrings__Redis"]!.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Empty((await Prediction.OfAsync("default")).Many("Microsoft.Cache/redisEnterprise"));
    }

    [Theory]
    [InlineData("default")]
    [InlineData("entra")]
    public async Task Without_a_private_network_there_is_none(string parameters) =>
        Assert.DoesNotContain((await Prediction.OfAsync(parameters)).Resources, resource => resource["type"]!.ToString().StartsWith("Microsoft.Network/", StringComparison.Ordinal));

    [Fact]
    public async Task With_entra_callers_show_a_token_but_on_the_routes_without_a_key()
    {
        var prediction = await Prediction.OfAsync("entra");
        var signIn = prediction.Many("Microsoft.Web/sites/config").Single(config => config["name"]!.ToString().EndsWith("/authsettingsV2", StringComparison.Ordinal));

        Prediction.AssertProperties(
            signIn,
            ("platform.enabled", true),
            ("globalValidation.requireAuthentication", true),
            ("globalValidation.unauthenticatedClientAction", "Return401"),
            ("identityProviders.azureActiveDirectory.registration.clientId", "11111111-2222-4333-8444-555555555555"));
        Assert.Equal(
            (await Support.AppEndpoint.ListAsync()).Where(endpoint => !endpoint.NeedsKey).Select(endpoint => $"/{endpoint.Path.Replace("{id}", "*", StringComparison.Ordinal)}").Distinct().Order(),
            signIn["properties"]!["globalValidation"]!["excludedPaths"]!.AsArray().Select(path => path!.ToString()).Order());
        foreach (var other in (string[])["default", "private-network"])
            Assert.DoesNotContain((await Prediction.OfAsync(other)).Resources, resource => resource["name"]!.ToString().EndsWith("authsettingsV2", StringComparison.Ordinal));
    }

    private static string ScopeAndRole(JsonObject assignment)
    {
        var scope = assignment["id"]!.ToString().Split("/providers/")[^2];
        return $"{scope[..scope.LastIndexOf('/')]} {assignment["properties"]!["roleDefinitionId"]!.ToString().Split('/')[^1]}";
    }
}
