namespace ConversationLookup.Tests.Infrastructure;

/// <summary>What would watch over the app in Azure: telemetry with a cap, alerts, and a call from outside.</summary>
public sealed class PredictedTelemetryTests
{
    [Theory]
    [InlineData("default", 30, 1)]
    [InlineData("private-network", 90, 3)]
    [InlineData("entra", 30, 1)]
    public async Task Telemetry_takes_the_apps_identity_alone_and_has_a_daily_cap(string parameters, int days, int gigabytes)
    {
        var prediction = await Prediction.OfAsync(parameters);

        var workspace = prediction.One("Microsoft.OperationalInsights/workspaces");
        Prediction.AssertProperties(
            workspace, ("sku.name", "PerGB2018"), ("retentionInDays", days), ("workspaceCapping.dailyQuotaGb", gigabytes), ("features.disableLocalAuth", true));
        Prediction.AssertProperties(
            prediction.One("Microsoft.Insights/components"), ("DisableLocalAuth", true), ("WorkspaceResourceId", workspace["id"]!.ToString()));
    }

    [Theory]
    [InlineData("default", "[]")]
    [InlineData("entra", """[{"name":"operator","emailAddress":"operator@example.com","useCommonAlertSchema":true}]""")]
    public async Task Every_alert_goes_to_the_operator(string parameters, string receivers)
    {
        var prediction = await Prediction.OfAsync(parameters);

        var group = prediction.One("Microsoft.Insights/actionGroups");
        Assert.Equal(receivers, group["properties"]!["emailReceivers"]!.ToJsonString());
        var alerts = prediction.Many("Microsoft.Insights/scheduledQueryRules").ToList();
        Assert.Equal(
            ["failed-lookups", "poison-messages", "rate-limited", "rejected-credentials", "signature-failures", "unknown-outcomes", "unreadable-events", "webhook"],
            alerts.Select(alert => alert["properties"]!["displayName"]!.ToString()).Order());
        Assert.All(alerts, alert =>
        {
            Prediction.AssertProperties(alert, ("enabled", true), ("evaluationFrequency", "PT5M"), ("windowSize", "PT15M"));
            Assert.Equal(group["id"]!.ToString(), Assert.Single(alert["properties"]!["actions"]!["actionGroups"]!.AsArray())!.ToString());
        });
    }

    [Theory]
    [InlineData("default")]
    [InlineData("entra")]
    public async Task The_health_route_is_called_from_three_places_and_the_operator_hears_when_two_get_no_answer(string parameters)
    {
        var prediction = await Prediction.OfAsync(parameters);

        var test = prediction.One("Microsoft.Insights/webtests");
        Prediction.AssertProperties(test, ("Kind", "standard"), ("Enabled", true), ("Frequency", 900), ("ValidationRules.ExpectedHttpStatusCode", 200));
        Assert.Contains("/api/health", test["properties"]!["Request"]!["RequestUrl"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(3, test["properties"]!["Locations"]!.AsArray().Count);
        Assert.Contains(test["tags"]!.AsObject(), tag => tag.Key == $"hidden-link:{prediction.One("Microsoft.Insights/components")["id"]}"); // the portal finds it by this
        var alert = prediction.One("Microsoft.Insights/metricAlerts");
        Prediction.AssertProperties(alert, ("enabled", true), ("criteria.webTestId", test["id"]!.ToString()), ("criteria.failedLocationCount", 2));
        Assert.Contains("outputs.actionGroupId", Assert.Single(alert["properties"]!["actions"]!.AsArray())!["actionGroupId"]!.ToString(), StringComparison.Ordinal);
        Assert.Empty((await Prediction.OfAsync("private-network")).Many("Microsoft.Insights/webtests")); // switched off there
    }
}
