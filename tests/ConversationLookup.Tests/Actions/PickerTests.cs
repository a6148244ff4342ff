using System.Text.Json.Nodes;
using ConversationLookup.Actions;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ConversationLookup.Tests.Actions;

/// <summary>What a maker picks from, and what a template asks for.</summary>
public sealed class PickerTests
{
    [Fact]
    public async Task Agents_have_an_id_and_a_name_and_nothing_that_their_tools_keep_secret()
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        var answer = await acting.App.GetAsync("agents");

        Assert.Equal("""{"items":[{"id":"b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55","name":"Orders assistant"}]}""", answer.Text);
    }

    [Fact]
    public async Task Numbers_say_whose_they_are_and_who_answers()
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        var answer = await acting.App.GetAsync("business-numbers");

        Assert.Equal(
            """
            {"items":[{"businessPhoneNumber":"+447700900111","name":"Contoso","title":"Contoso (+447700900111)","agentId":"b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55","agentName":"Orders assistant","isSandbox":false},{"businessPhoneNumber":"+15550001111","name":"+15550001111","title":"+15550001111, sandbox","agentId":"","agentName":"","isSandbox":true}]}
            """.Trim(),
            answer.Text);
    }

    [Theory]
    [InlineData("templates?businessPhoneNumber=%2B447700900111", "order_update welcome receipt coupon plain greeting")]
    [InlineData("templates", "order_update welcome receipt coupon plain greeting elsewhere")]
    [InlineData("templates?businessPhoneNumber=%2B15550001111", "")]
    public async Task Templates_are_those_that_are_approved_for_a_number_and_that_can_be_filled(string path, string expected)
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        var answer = await acting.App.GetAsync(path);

        Assert.Equal(expected, string.Join(' ', answer["items"].EnumerateArray().Select(item => item.GetProperty("name").GetString())));
        Assert.All(answer["items"].EnumerateArray(), item => Assert.Equal(["name", "title", "category", "language", "preview"], item.EnumerateObject().Select(property => property.Name)));
    }

    [Theory]
    [InlineData("order_update", "header_1 body_1 body_2 button_2", "Order {{1}}\nHello {{1}}, your order {{2}} is on its way. Bye {{1}}\nContoso\n[Stop] [Track: https://shop.example/t/{{1}}]",
        "{{1}} in the header|{{1}} in the body|{{2}} in the body|the end of the address that the button 'Track' opens")]
    [InlineData("welcome", "body_first_name body_code", "Welcome {{first_name}}, your code is {{code}}", "{{first_name}} in the body|{{code}} in the body")]
    [InlineData("receipt", "header_media", "[document]\nYour receipt", "the header's document, an https address")]
    [InlineData("coupon", "button_1", "For you\n[Copy]", "the code that the button copies")]
    [InlineData("plain", "", "We are open again.", "")]
    public async Task A_template_asks_for_one_required_text_for_each_placeholder_and_says_where_it_stands(string name, string fields, string preview, string places)
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        var answer = await acting.App.GetAsync($"templates/{name}/schema?businessPhoneNumber=%2B447700900111");

        var schema = answer["schema"];
        Assert.Equal("object", schema.GetProperty("type").GetString());
        Assert.Equal(fields, string.Join(' ', schema.GetProperty("properties").EnumerateObject().Select(property => property.Name)));
        Assert.Equal(fields, string.Join(' ', schema.GetProperty("required").EnumerateArray().Select(one => one.GetString())));
        Assert.All(schema.GetProperty("properties").EnumerateObject(), property => Assert.Equal("string", property.Value.GetProperty("type").GetString()));
        Assert.Equal(
            places.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(place => $"Fills {place}."),
            schema.GetProperty("properties").EnumerateObject().Select(property => property.Value.GetProperty("description").GetString()));
        Assert.Equal(preview, answer["preview"].GetString());
    }

    [Theory]
    [InlineData("1", "body_1")]
    [InlineData("2nd", "body_2nd")]
    [InlineData("n", "n")]
    [InlineData("first_name", "first_name")]
    public void A_field_has_the_name_of_its_placeholder_unless_that_is_a_number(string placeholder, string title) =>
        Assert.Equal(title, new TemplateField($"body_{placeholder}", placeholder, "the body").Title);

    [Fact]
    public async Task What_the_schema_asks_for_is_what_the_action_takes()
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        foreach (var name in new[] { "order_update", "welcome", "receipt", "plain" })
        {
            var schema = (await acting.App.GetAsync($"templates/{name}/schema"))["schema"];
            var values = schema.GetProperty("required").EnumerateArray().ToDictionary(field => field.GetString()!, field => $"https://shop.example/{field.GetString()}");
            (await acting.DoAsync("template", new { templateName = name, values })).IsSentMessage();
        }

        Assert.Equal(
            """
            {"name":"order_update","variables":{"header":"https://shop.example/header_1","body":["https://shop.example/body_1","https://shop.example/body_2"],"buttons":["https://shop.example/button_2"]}}
            {"name":"welcome","variables":{"body":{"first_name":"https://shop.example/body_first_name","code":"https://shop.example/body_code"}}}
            {"name":"receipt","variables":{"header":"https://shop.example/header_media"}}
            {"name":"plain","variables":{}}
            """.ReplaceLineEndings("\n"),
            string.Join('\n', acting.Wassist.Posts.Select(post => post.Body["template"]!.ToJsonString())));
    }

    [Theory]
    [InlineData("template", "ordr_update", "Did you mean 'order_update'?")]
    [InlineData("template", "pending", "not approved for this number")]
    [InlineData("template", "elsewhere", "not approved for this number")]
    [InlineData("template", "zzz", "There are: order_update, welcome, receipt, coupon")]
    public async Task A_template_that_is_not_there_is_a_404_with_near_names(string route, string name, string says)
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        var answer = (await acting.DoAsync(route, new { templateName = name })).Is(404, "template_not_found");

        Assert.Contains(says, answer.Detail, StringComparison.Ordinal);
        (await acting.App.GetAsync($"templates/{name}/schema?businessPhoneNumber=%2B447700900111")).Is(404, "template_not_found");
        Assert.Empty(acting.Wassist.Posts);
    }

    [Theory]
    [InlineData("plain", "{}")]
    [InlineData("greeting", """{"body_1":"Amara"}""")]
    [InlineData("order_update", """{"header_1":"5512","body_1":"Amara","body_2":"Friday","button_2":"x"}""")]
    public async Task A_lost_answer_to_a_template_is_found_by_its_name_and_values(string templateName, string json)
    {
        await using var acting = await ActingApp.StartAsync();
        acting.Wassist.FateOf = (number, _) => new Fate(number != 1, FakeWassist.HangUp);

        var values = JsonNode.Parse(json);
        Assert.Equal("reading", (await acting.DoAsync("template", new { templateName, values, idempotencyKey = "1" })).IsSentMessage()["confirmedBy"].GetString());
        (await acting.DoAsync("template", new { templateName, values, idempotencyKey = "2" })).Is(409, "outcome_unknown");
    }

    [Fact]
    public async Task A_lost_answer_to_a_start_is_found_among_the_conversations()
    {
        await using var acting = await ActingApp.StartAsync();
        acting.Wassist.FateOf = (number, _) => new Fate(number != 1, FakeWassist.HangUp);
        var start = new { toPhoneNumber = "+447700900999", templateName = "plain" };

        var found = await acting.PostAsync("conversations", start, ("Idempotency-Key", "1"));
        var unknown = await acting.PostAsync("conversations", start, ("Idempotency-Key", "2"));

        Assert.Equal((201, "+447700900999"), (found.StatusCode, found["contactPhoneNumber"].GetString()));
        unknown.Is(409, "outcome_unknown");
    }

    [Fact]
    public async Task Everything_is_asked_for_at_most_once_a_minute()
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        await Task.WhenAll(Enumerable.Range(0, 20).SelectMany(_ => new[] { "agents", "business-numbers", "templates?businessPhoneNumber=447700900111", "templates/plain/schema" }).Select(acting.App.GetAsync));

        Assert.Equal(3, acting.Upstream.Requests.Count);
        foreach (var path in new[] { "agents", "business-numbers", "templates?businessPhoneNumber=447700900111", "templates/plain/schema" })
            Assert.Equal(200, (await acting.App.GetAsync(path)).StatusCode);
        Assert.Equal(3, acting.Upstream.Requests.Count);
    }

    [Theory]
    [InlineData("agents")]
    [InlineData("business-numbers")]
    [InlineData("templates")]
    public async Task Lists_are_read_as_array_and_as_envelope_page_by_page(string route)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = context =>
        {
            var offset = int.Parse(context.Request.Query["offset"].ToString(), System.Globalization.CultureInfo.InvariantCulture);
            var items = new JsonArray([.. Enumerable.Range(offset, 100).Select(number => new JsonObject { ["id"] = $"{number}", ["name"] = $"n{number}", ["number"] = $"4477009{number:d5}", ["accountLinks"] = new JsonArray(new JsonObject { ["accountId"] = "a", ["status"] = "APPROVED" }) })]);
            return context.Response.WriteAsync(new JsonObject { ["count"] = 250, ["next"] = offset < 100 ? "more" : null, ["results"] = items }.ToJsonString());
        };
        await using var app = await App.StartAsync(wassist);

        Assert.Equal(200, (await app.GetAsync(route))["items"].GetArrayLength());

        wassist.Answer = FakeWassist.Raw("[]"u8.ToArray());
        await using var other = await App.StartAsync(wassist);
        Assert.Equal(0, (await other.GetAsync(route))["items"].GetArrayLength());
    }

    [Theory]
    [InlineData(100, 10, 1000)]
    [InlineData(99, 11, 1089)] // what is on the page that passes it is not thrown away
    [InlineData(0, 1, 0)]
    public async Task A_list_that_says_that_it_has_no_end_is_read_to_a_thousand(int each, int calls, int items)
    {
        await using var wassist = await FakeWassist.StartAsync();
        var next = 0;
        wassist.Answer = context => context.Response.WriteAsync(new JsonObject
        {
            ["next"] = "more",
            ["results"] = new JsonArray([.. Enumerable.Range(0, each).Select(_ => new JsonObject { ["id"] = $"{next}", ["name"] = $"n{next++}" })]),
        }.ToJsonString());
        await using var app = await App.StartAsync(wassist);

        Assert.Equal(items, (await app.GetAsync("agents"))["items"].GetArrayLength());
        Assert.Equal(calls, wassist.Requests.Count);
    }

    [Theory]
    [InlineData("agents", "agents")]
    [InlineData("business-numbers", "numbers")]
    [InlineData("templates", "templates")]
    public async Task A_list_that_wassist_does_not_have_is_no_missing_conversation(string route, string list)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(404, """{"detail":"Not found."}""");
        await using var app = await App.StartAsync(wassist);

        (await app.GetAsync(route)).Is(502, "upstream_invalid_response");

        Assert.Contains(app.Logs.Own, line => line.Level == LogLevel.Warning && line.Text.Contains($"no list of {list}: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("agents?x=1")]
    [InlineData("templates?businessPhoneNumber=07700")]
    [InlineData("templates?phone=1")]
    [InlineData("templates/plain/schema?name=1")]
    public async Task What_is_not_understood_is_refused(string path)
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        (await acting.App.GetAsync(path)).Is(400, "invalid_parameter");

        Assert.Empty(acting.Upstream.Requests);
    }
}
