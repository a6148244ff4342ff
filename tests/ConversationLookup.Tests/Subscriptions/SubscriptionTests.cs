using System.Text;
using ConversationLookup.Subscriptions;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Tests.Subscriptions;

/// <summary>Subscribing and unsubscribing over HTTP, as Power Automate and Logic Apps do.</summary>
public sealed class SubscriptionTests
{
    private const string CallbackUrl = "https://prod-12.westeurope.logic.azure.com:443/workflows/0a1b/triggers/manual/paths/invoke?sp=%2Ftriggers%2Fmanual%2Frun&sig=do-not-leak%2B";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Subscribing_answers_201_with_an_absolute_location_and_everything_but_the_callback()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);

        var (answer, location) = await app.SubscribeAsync(new { callbackUrl = CallbackUrl });

        Assert.Equal(201, answer.StatusCode);
        Assert.Equal(["id", "events", "agentId", "businessPhoneNumber", "createdAt"], answer.Body.EnumerateObject().Select(property => property.Name));
        Assert.Equal(["message.received", "subscription.message.received"], answer["events"].EnumerateArray().Select(name => name.GetString()!));
        Assert.Matches("^[0-9a-f]{40}$", answer["id"].GetString());
        Assert.Equal($"{app.Http.BaseAddress}subscriptions/{answer["id"].GetString()}", location!.OriginalString);
        Assert.DoesNotContain(app.Logs.Lines, line => line.Text.Contains("do-not-leak", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Everything_a_flow_asks_for_is_kept()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);

        var (answer, _) = await app.SubscribeAsync(new
        {
            callbackUrl = CallbackUrl,
            events = new[] { "Subscription.Revoked", " message.received", "message.received", "" },
            agentId = " B7A1D9F0-5C3E-4E2B-8F61-0D9C8B7A6E55 ",
            businessPhoneNumber = "0044 7700 900-111",
        });
        var kept = Assert.Single(await SubscriptionsAsync(app));

        Assert.Equal(["subscription.revoked", "message.received"], answer["events"].EnumerateArray().Select(name => name.GetString()!));
        Assert.Equal(("b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", "+447700900111"), (answer["agentId"].GetString(), answer["businessPhoneNumber"].GetString()));
        Assert.Equal((answer["id"].GetString(), "+447700900111"), (kept.Id, kept.BusinessPhoneNumber));
        Assert.Equal(
            new Callback(kept.Id, CallbackUrl), await app.Services.GetRequiredService<SubscriptionStore>().FindCallbackAsync(kept.Id, kept.CallbackHash, Token));
        Assert.Equal(["subscription.revoked", "message.received"], kept.Events);
    }

    [Theory]
    [InlineData("contoso.azurewebsites.net", null, "https://contoso.azurewebsites.net/api/subscriptions/")]
    [InlineData("contoso.example:8443", null, "https://contoso.example:8443/api/subscriptions/")]
    [InlineData("localhost:7071", null, "http://localhost:7071/api/subscriptions/")]
    [InlineData("localhost.evil.example", null, "https://localhost.evil.example/api/subscriptions/")]
    [InlineData("localhost:7071", "https://gateway.contoso.com", "https://gateway.contoso.com/api/subscriptions/")]
    [InlineData("localhost:7071", "https://gateway.contoso.com/wassist/", "https://gateway.contoso.com/wassist/api/subscriptions/")]
    public async Task The_location_is_where_the_caller_finds_the_app(string host, string? publicBaseUrl, string location)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist, publicBaseUrl is null ? null : new Dictionary<string, string> { ["PublicBaseUrl"] = publicBaseUrl });
        using var request = new HttpRequestMessage(HttpMethod.Post, "subscriptions")
        {
            Headers = { Host = host },
            Content = new StringContent($$"""{"callbackUrl":"{{CallbackUrl}}"}""", Encoding.UTF8, "application/json"),
        };

        using var response = await app.Http.SendAsync(request, Token);

        Assert.StartsWith(location, response.Headers.GetValues("Location").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "invalid_body")]
    [InlineData("{", "invalid_body")]
    [InlineData("[]", "invalid_body")]
    [InlineData("null", "invalid_body")]
    [InlineData("{}", "callback_not_allowed")]
    [InlineData("""{"callbackUrl":null}""", "callback_not_allowed")]
    [InlineData("""{"callbackUrl":7}""", "callback_not_allowed invalid_parameter:callbackUrl")]
    [InlineData("""{"callbackUrl":"https://evil.example/x"}""", "callback_not_allowed")]
    [InlineData("""{"callbackUrl":"https://a.logic.azure.com/x","events":["message.sent"]}""", "invalid_parameter:events")]
    [InlineData("""{"callbackUrl":"https://a.logic.azure.com/x","events":[1]}""", "invalid_parameter:events")]
    [InlineData("""{"callbackUrl":"https://a.logic.azure.com/x","events":{"a":1}}""", "invalid_parameter:events")]
    [InlineData("""{"callbackUrl":"https://a.logic.azure.com/x","agentId":{}}""", "invalid_parameter:agentId")]
    [InlineData("""{"callbackUrl":"https://a.logic.azure.com/x","businessPhoneNumber":"the shop"}""", "invalid_parameter:businessPhoneNumber")]
    [InlineData("""{"callbackUrl":"https://a.logic.azure.com/x","agentId":"Orders assistant"}""", "invalid_parameter:agentId")]
    [InlineData("""{"callbackUrl":"https://a.logic.azure.com/x","agentId":"{b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55}"}""", "invalid_parameter:agentId")]
    [InlineData("""{"callbackUrl":"https://a.logic.azure.com/x","agentId":"b7a1d9f05c3e4e2b8f610d9c8b7a6e55"}""", "invalid_parameter:agentId")]
    [InlineData("""{"callbackUrl":"https://a.logic.azure.com/x","agentID":"b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55"}""", "invalid_parameter:agentID")]
    [InlineData("""{"callbackUrl":"https://a.logic.azure.com/x","businessPhoneNumber":"07700 900111","event":["message.received"]}""", "invalid_parameter:businessPhoneNumber invalid_parameter:event")]
    [InlineData("""{"callbackUrl":"http://x/","events":["a","b"],"businessPhoneNumber":"x"}""", "callback_not_allowed invalid_parameter:events invalid_parameter:businessPhoneNumber")]
    public async Task What_is_wrong_is_said_all_at_once(string body, string faults)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        using var request = new HttpRequestMessage(HttpMethod.Post, "subscriptions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };

        var answer = await app.SendAsync(request);

        var expected = faults.Split(' ');
        answer.Is(400, expected[0].Split(':')[0]);
        Assert.Equal(
            expected,
            answer["errors"].EnumerateArray().Select(fault => fault.GetProperty("code").GetString() is "invalid_parameter"
                ? $"invalid_parameter:{fault.GetProperty("parameter").GetString()}"
                : fault.GetProperty("code").GetString()!));
        Assert.Empty(await SubscriptionsAsync(app));
    }

    [Fact]
    public async Task A_misspelled_property_or_parameter_is_told_with_the_nearest_name()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        using var request = new HttpRequestMessage(HttpMethod.Post, "subscriptions?events=message.received")
        {
            Content = new StringContent($$"""{"callbackUrl":"{{CallbackUrl}}","businessNumber":"+447700900111"}""", Encoding.UTF8, "application/json"),
        };

        var answer = (await app.SendAsync(request)).Is(400, "invalid_parameter");

        Assert.Equal(
            "'businessNumber' is not a valid name. Did you mean 'businessPhoneNumber'? Valid names: callbackUrl, events, agentId, businessPhoneNumber. 'events' is not a valid name. This route has no parameters.",
            answer.Detail);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_413()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);

        (await app.SubscribeAsync(new { callbackUrl = CallbackUrl, agentId = new string('x', 16 * 1024) })).Answer.Is(413, "payload_too_large");
    }

    [Fact]
    public async Task A_trigger_that_subscribes_again_is_still_one_trigger_also_at_the_same_moment()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        await app.SubscribeAsync(new { callbackUrl = CallbackUrl });

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.SubscribeAsync(new { callbackUrl = CallbackUrl })));
        await app.SubscribeAsync(new { callbackUrl = CallbackUrl + "2" });

        Assert.All(answers, answer => Assert.Equal(201, answer.Answer.StatusCode));
        Assert.Equal(2, (await SubscriptionsAsync(app)).Count);
    }

    [Fact]
    public async Task Unsubscribing_at_the_location_is_204_each_time_and_takes_no_key()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist, new Dictionary<string, string> { ["LocalHost:Key"] = "key" });
        using var subscribe = new HttpRequestMessage(HttpMethod.Post, "subscriptions?code=key")
        {
            Content = new StringContent($$"""{"callbackUrl":"{{CallbackUrl}}"}""", Encoding.UTF8, "application/json"),
        };
        using var subscribed = await app.Http.SendAsync(subscribe, Token);

        for (var time = 0; time < 3; time++)
        {
            using var deleted = await app.Http.DeleteAsync(subscribed.Headers.Location, Token);
            Assert.Equal((204, 0), ((int)deleted.StatusCode, (await deleted.Content.ReadAsByteArrayAsync(Token)).Length));
        }

        Assert.Empty(await SubscriptionsAsync(app));
    }

    [Fact]
    public async Task Subscribing_takes_the_key()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist, new Dictionary<string, string> { ["LocalHost:Key"] = "key" });

        (await app.SubscribeAsync(new { callbackUrl = CallbackUrl })).Answer.Is(401, "unauthorized");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33")]
    [InlineData("' or PartitionKey ne '")]
    [InlineData("0123456789012345678901234567890123456789")]
    public async Task Unsubscribing_what_nobody_has_is_204(string id)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartWithStorageAsync(wassist);
        await app.SubscribeAsync(new { callbackUrl = CallbackUrl });

        using var deleted = await app.Http.DeleteAsync("subscriptions/" + Uri.EscapeDataString(id), Token);

        Assert.Equal(204, (int)deleted.StatusCode);
        Assert.Single(await SubscriptionsAsync(app));
    }

    private static async Task<IReadOnlyList<Subscription>> SubscriptionsAsync(App app) =>
        (await app.Services.GetRequiredService<SubscriptionStore>().GetCatalogAsync(Token)).All;
}
