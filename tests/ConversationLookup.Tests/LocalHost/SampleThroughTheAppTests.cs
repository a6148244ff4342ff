using System.Net.Http.Json;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>The app and the sample understand each other: what the app offers of the sample can be done.</summary>
public sealed class SampleThroughTheAppTests
{
    [Theory]
    [InlineData("+447700900111", "order_update", "appointment_reminder", "new_arrivals", "opening_hours", "welcome_back", "lieferung_unterwegs")]
    [InlineData("+493023125111", "order_update", "spring_sale", "lieferung_unterwegs")]
    public async Task Every_template_that_is_offered_for_a_number_can_be_sent_from_it_with_the_values_that_its_schema_requires(string number, params string[] names)
    {
        await using var caller = await SampleCaller.StartAsync();
        await using var app = await StartAppAsync(caller);

        var offered = (await app.GetAsync($"templates?businessPhoneNumber={Uri.EscapeDataString(number)}"))["items"].EnumerateArray().Select(item => item.GetProperty("name").GetString()!).ToList();
        foreach (var name in offered)
        {
            var schema = (await app.GetAsync($"templates/{name}/schema"))["schema"];
            var values = schema.GetProperty("required").EnumerateArray().ToDictionary(field => field.GetString()!, field => $"https://media.example/{field.GetString()}.jpg");
            Assert.Equal(201, (await PostAsync(app, "conversations", new { toPhoneNumber = "+447700900555", fromPhoneNumber = number, templateName = name, values })).StatusCode);
        }

        Assert.Equal(names.Order(), offered.Order());
        Assert.Equal(offered, (await caller.SentAsync()).Select(one => (string?)one!["template"]));
    }

    [Fact]
    public async Task Every_action_is_done_in_the_sample_and_answered_by_the_app()
    {
        await using var caller = await SampleCaller.StartAsync();
        await using var app = await StartAppAsync(caller);

        foreach (var (action, body) in ((string, object)[])
        [
            ("messages", new { text = "Hello", footer = "Harbour Shop", mediaUrl = "https://media.example/map.png", buttons = new[] { new { text = "Yes", id = "yes" } } }),
            ("template", new { templateName = "opening_hours" }),
            ("prompt", new { prompt = "Ask for the order number" }),
            ("takeover", new { minutes = 30 }),
            ("handback", new { }),
            ("typing", new { }),
            ("read", new { }),
        ])
        {
            var answer = await PostAsync(app, $"conversations/{Bodies.Id}/{action}", body);
            Assert.True(answer.StatusCode == 200, $"{action}: {answer.Text}");
        }

        Assert.DoesNotContain(app.Logs.Own, line => line.EventId == 30);
    }

    [Fact]
    public async Task What_a_maker_picks_from_has_the_samples_agents_and_numbers_and_no_secret()
    {
        await using var caller = await SampleCaller.StartAsync();
        await using var app = await StartAppAsync(caller);

        var agents = await app.GetAsync("agents");
        var numbers = await app.GetAsync("business-numbers");

        Assert.Equal(SampleAccount.Agents.Select(agent => agent.Name), agents["items"].EnumerateArray().Select(agent => agent.GetProperty("name").GetString()));
        Assert.DoesNotContain(SampleAccount.ToolSecret, agents.Text, StringComparison.Ordinal);
        Assert.Equal(
            SampleAccount.Numbers.Select(number => ($"+{number.Digits}", number.IsSandbox)),
            numbers["items"].EnumerateArray().Select(number => (number.GetProperty("businessPhoneNumber").GetString()!, number.GetProperty("isSandbox").GetBoolean())));
    }

    private static Task<App> StartAppAsync(SampleCaller caller) => App.StartAsync(new Dictionary<string, string>
    {
        ["Wassist:BaseUrl"] = caller.Sample.Url,
        ["Wassist:ApiKey"] = SampleServer.ApiKey,
        ["Wassist:RequestsPerMinute"] = "0",
        ["Lookup:CacheSeconds"] = "0",
        ["Actions:Allowed"] = "all",
    });

    private static async Task<Answer> PostAsync(App app, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        return await app.SendAsync(request);
    }
}
