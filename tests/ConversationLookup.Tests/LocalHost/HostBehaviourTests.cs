using System.Net;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>What the local host does in the place of the Functions host: keys, unknown routes, wrong methods.</summary>
public sealed class HostBehaviourTests
{
    private static readonly Dictionary<string, string> WithKey = new() { ["LocalHost:Key"] = "local-key" };

    [Theory]
    [InlineData("x-functions-key", "local-key", "", 200)]
    [InlineData("x-functions-key", "wrong", "", 401)]
    [InlineData("x-functions-key", "local-key-and-more", "", 401)]
    [InlineData("x-functions-key", "", "", 401)]
    [InlineData("Authorization", "local-key", "", 401)]
    [InlineData("X-Other", "x", "?code=local-key", 200)]
    [InlineData("X-Other", "x", "?code=wrong", 401)]
    [InlineData("X-Other", "x", "?code=LOCAL-KEY", 401)]
    [InlineData("X-Other", "x", "", 401)]
    public async Task A_lookup_takes_the_key_as_header_or_as_code(string header, string value, string query, int status)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist, WithKey);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"conversations/{Bodies.Id}{query}");
        request.Headers.TryAddWithoutValidation(header, value);

        var answer = await app.SendAsync(request);

        answer.Is(status, status == 200 ? "ok" : "unauthorized");
        Assert.Equal(status == 200 ? 1 : 0, wassist.Requests.Count);
    }

    [Fact]
    public async Task Health_takes_no_key()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist, WithKey);

        Assert.Equal(200, (await app.GetAsync("health")).StatusCode);
    }

    [Theory]
    [InlineData("conversation")]
    [InlineData("messages")]
    [InlineData("nothing")]
    [InlineData("conversations/x/y/z")]
    [InlineData("../nothing")]
    public async Task An_unknown_route_is_a_404_problem(string path)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);

        (await app.GetAsync(path)).Is(404, "route_not_found");
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("OPTIONS")]
    [InlineData("BREW")]
    public async Task A_wrong_method_is_a_405_problem_that_names_the_right_one(string method)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);
        using var request = new HttpRequestMessage(new HttpMethod(method), $"conversations/{Bodies.Id}");
        using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);

        (await Answer.ReadAsync(response)).Is(405, "method_not_allowed");

        Assert.Equal(["GET"], response.Content.Headers.Allow);
        Assert.Empty(wassist.Requests);
    }

    [Fact]
    public async Task Health_names_its_checks_and_makes_no_upstream_call()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);

        var health = await app.GetAsync("health");

        Assert.Equal((HttpStatusCode.OK, "healthy"), (health.Status, health["status"].GetString()));
        Assert.Equal(["apiKey", "upstream", "redis", "triggers", "webhook"], health["checks"].EnumerateArray().Select(check => check.GetProperty("name").GetString()));
        Assert.All(health["checks"].EnumerateArray(), check => Assert.NotEqual("", check.GetProperty("detail").GetString()));
        Assert.Empty(wassist.Requests);
    }

    [Fact]
    public async Task Probing_health_while_the_vault_is_down_does_not_flood_the_vault()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        vault.Fault = KeyVaultStandIn.Error(403, "Forbidden");
        await using var app = await vault.StartAppAsync(wassist);

        for (var probe = 0; probe < 50; probe++)
            Assert.Equal(503, (await app.GetAsync("health")).StatusCode);

        // The one at the start, and one for every five seconds of probes; fifty probes would be fifty.
        Assert.InRange(vault.ReadsOf("wassist-api-key"), 1, 25);
    }
}
