using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;
using CsCheck;

namespace ConversationLookup.Tests.Actions;

/// <summary>A body that is not right is refused with everything that is wrong with it, before Wassist hears of it.</summary>
public sealed class ActionBodyTests
{
    private static readonly string Long = new('x', 1025);

    public static TheoryData<string, string, string[]> Faulty => new()
    {
        { "messages", "{}", ["'text' is missing"] },
        { "messages", "", ["'text' is missing"] },
        { "messages", """{"text":null}""", ["'text' is missing"] },
        { "messages", """{"text":"  "}""", ["'text' is missing"] },
        { "messages", """{"text":5512}""", ["'text' must be text"] },
        { "messages", """{"text":["a"]}""", ["'text' must be text"] },
        { "messages", """{"text":"a\u0007b"}""", ["'text' contains control characters"] },
        { "messages", $$"""{"text":"{{Long}}"}""", ["'text' has 1,025 characters; the most that are possible are 1,024"] },
        { "messages", """{"footer":"f"}""", ["'text' is missing"] },
        { "messages", """{"mediaUrl":"https://shop.example/a.png","footer":"f"}""", ["'text' is missing: a footer"] },
        { "messages", """{"text":"a","footer":"1234567890123456789012345678901234567890123456789012345678901"}""", ["'footer' has 61 characters"] },
        { "messages", """{"text":"a","message":"b"}""", ["'message' is not a valid name"] },
        { "messages", """{"text":"a","mediaUrl":"http://shop.example/a.png"}""", ["'mediaUrl' must be an https address"] },
        { "messages", """{"text":"a","mediaUrl":"shop.example/a.png"}""", ["'mediaUrl' must be an https address"] },
        { "messages", """{"text":"a","mediaUrl":"https://user:pw@shop.example/a.png"}""", ["'mediaUrl' must be an https address"] },
        { "messages", """{"text":"a","mediaUrl":"https://10.0.0.1/a.png"}""", ["'mediaUrl' must name a public host"] },
        { "messages", """{"text":"a","mediaUrl":"https://nas.local/a.png"}""", ["'mediaUrl' must name a public host"] },
        { "messages", """{"text":"a","mediaUrl":"https://shop.example/a.svg"}""", ["'mediaUrl' leads to a type that WhatsApp does not take"] },
        { "messages", """{"text":"a","buttons":"b"}""", ["'buttons' must be a list of objects"] },
        { "messages", """{"text":"a","buttons":["b"]}""", ["'buttons' must be a list of objects"] },
        { "messages", """{"text":"a","buttons":[{"text":"b"}]}""", ["'buttons[0].id' is missing"] },
        { "messages", """{"text":"a","buttons":[{"id":"b"}]}""", ["'buttons[0].text' is missing"] },
        { "messages", """{"text":"a","buttons":[{"text":"123456789012345678901","id":"b"}]}""", ["'buttons[0].text' has 21 characters"] },
        { "messages", """{"text":"a","buttons":[{"text":"b","id":"b","url":"https://a.example"}]}""", ["'buttons[0].url' and 'id' exclude one another"] },
        { "messages", """{"text":"a","buttons":[{"text":"b","url":"javascript:alert(1)"}]}""", ["'buttons[0].url' must be a web address"] },
        { "messages", """{"text":"a","buttons":[{"text":"b","id":"1"},{"text":"c","url":"https://a.example"}]}""", ["'buttons' mixes"] },
        { "messages", """{"text":"a","buttons":[{"text":"b","id":"1"},{"text":"c","id":"1"}]}""", ["the same 'id' twice"] },
        { "messages", """{"text":"a","buttons":[{"text":"b","id":"1"},{"text":"c","id":"2"},{"text":"d","id":"3"},{"text":"e","id":"4"}]}""", ["'buttons' has 4 buttons"] },
        { "messages", """{"text":5,"footer":true,"buttons":{},"other":1}""", ["'text' must be text", "'footer' must be text", "'buttons' must be a list", "'other' is not a valid name"] },
        { "messages", "[]", ["Send a JSON object"] },
        { "messages", "{", ["Send a JSON object"] },
        { "template", "{}", ["'templateName' is missing"] },
        { "template", """{"templateName":"plain","values":"x"}""", ["'values' must be an object"] },
        { "template", """{"templateName":"plain","values":{"body_1":{}}}""", ["'values.body_1' must be text"] },
        { "template", """{"templateName":"plain","values":{"body_1":"x"}}""", ["'body_1' is not a valid name"] },
        { "template", """{"templateName":"order_update","values":{"body_1":"Amara"}}""", ["'values.header_1' is missing", "'values.body_2' is missing: the template needs it for {{2}} in the body", "'values.button_2' is missing"] },
        { "template", """{"templateName":"welcome","values":{"body_first_nam":"Amara"}}""", ["'values.body_first_name' is missing", "'values.body_code' is missing", "Did you mean 'body_first_name'?"] },
        { "template", """{"templateName":"carousel"}""", ["cards"] },
        { "template", """{"templateName":"shop"}""", ["The template 'shop' has a map"] },
        { "prompt", "{}", ["'prompt' is missing"] },
        { "takeover", """{"minutes":0}""", ["'minutes' must be a whole number from 1 to 10080"] },
        { "takeover", """{"minutes":1.5}""", ["'minutes' must be a whole number"] },
        { "takeover", """{"minutes":"ten"}""", ["'minutes' must be a whole number"] },
        { "takeover", """{"durationMinutes":10}""", ["'durationMinutes' is not a valid name"] },
        { "handback", """{"minutes":10}""", ["'minutes' is not a valid name"] },
        { "read", "[1]", ["Send a JSON object"] },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public async Task Everything_that_is_wrong_is_named_and_nothing_is_sent(string route, string body, string[] says)
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        var answer = await acting.PostTextAsync($"conversations/{Bodies.Id}/{route}", body);

        Assert.True(answer.StatusCode == 400, answer.Text);
        Assert.All(says, text => Assert.Contains(text, answer.Detail, StringComparison.Ordinal));
        Assert.True(answer["errors"].GetArrayLength() >= says.Count(text => text.StartsWith('\'')), answer.Text);
        Assert.Empty(acting.Wassist.Posts);
    }

    [Theory]
    [InlineData("""{}""", "'toPhoneNumber' is missing")]
    [InlineData("""{"toPhoneNumber":"07700 900222"}""", "'toPhoneNumber' must be a phone number")]
    [InlineData("""{"toPhoneNumber":"+447700900999","fromPhoneNumber":"x"}""", "'fromPhoneNumber' must be a phone number")]
    [InlineData("""{"toPhoneNumber":"+447700900999","agentId":"Orders assistant"}""", "'agentId' must be the 'agentId'")]
    [InlineData("""{"toPhoneNumber":"+447700900999","values":{"body_1":"x"}}""", "'templateName' is missing")]
    [InlineData("""{"toPhoneNumber":"+447700900999","fromPhoneNumber":"+15550001111","templateName":"plain"}""", "sandbox")]
    public async Task A_conversation_is_not_started_with_what_is_wrong(string body, string says)
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        var answer = await acting.PostTextAsync("conversations", body);

        Assert.True(answer.StatusCode == 400, answer.Text);
        Assert.Contains(says, answer.Detail, StringComparison.Ordinal);
        Assert.Empty(acting.Wassist.Posts);
    }

    [Theory]
    [InlineData("true", "agent", false)]
    [InlineData("false", "sandbox", true)]
    [InlineData("null", "sandbox", false)]
    [InlineData("null", "agent", true)]
    public async Task A_template_is_not_sent_from_the_sandbox(string isSandbox, string routing, bool isSent)
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);
        acting.Wassist.Change = body => (body["whatsappNumber"]!["isSandbox"], body["routing"]) = (JsonNode.Parse(isSandbox), routing);

        var answer = await acting.DoAsync("template", new { templateName = "plain" });

        if (isSent)
        {
            answer.IsSentMessage();
            return;
        }

        Assert.Contains("sandbox", answer.Is(400, "invalid_parameter").Detail, StringComparison.Ordinal);
        Assert.Empty(acting.Wassist.Posts);
    }

    [Theory]
    [InlineData("messages", """{"text":"a"}""")]
    [InlineData("template", """{"templateName":"plain"}""")]
    [InlineData("prompt", """{"prompt":"a"}""")]
    [InlineData("takeover", "")]
    [InlineData("typing", "")]
    public async Task An_id_that_is_no_UUID_or_a_parameter_is_refused_without_any_call(string route, string body)
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        foreach (var path in new[] { $"conversations/Amara/{route}", $"conversations/{{{Bodies.Id}}}/{route}", $"conversations/{Bodies.Id}/{route}?text=a" })
        {
            Assert.Equal(400, (await acting.PostTextAsync(path, body)).StatusCode);
        }

        Assert.Empty(acting.Upstream.Requests);
    }

    [Fact]
    public async Task What_is_wrong_with_id_parameters_and_body_is_named_in_one_answer()
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        var answer = (await acting.PostTextAsync("conversations/Amara/messages?txt=a", """{"replyTo":1}""")).Is(400, "invalid_conversation_id");

        Assert.Equal(["id", "txt", "text", "replyTo"], answer["errors"].EnumerateArray().Select(fault => fault.GetProperty("parameter").GetString()));
    }

    [Fact]
    public async Task An_emoji_is_one_character_and_a_number_may_fill_a_template()
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        (await acting.DoAsync("messages", new { text = string.Concat(Enumerable.Repeat("🙂", 1024)) })).IsSentMessage();
        (await acting.DoAsync("template", new { templateName = "order_update", values = new { header_1 = 5512, body_1 = "Amara", body_2 = 12.50, button_2 = "x" } })).IsSentMessage();

        Assert.Equal(
            """{"header":"5512","body":["Amara","12.5"],"buttons":["x"]}""", acting.Wassist.Posts.Last().Body["template"]!["variables"]!.ToJsonString());
    }

    [Theory]
    [InlineData("messages", "text footer mediaUrl buttons idempotencyKey")]
    [InlineData("template", "templateName values idempotencyKey")]
    [InlineData("prompt", "prompt idempotencyKey")]
    [InlineData("takeover", "minutes idempotencyKey")]
    [InlineData("handback", "idempotencyKey")]
    [InlineData("read", "idempotencyKey")]
    [InlineData("typing", "idempotencyKey")]
    [InlineData("", "toPhoneNumber fromPhoneNumber agentId templateName values idempotencyKey")]
    public async Task A_thousand_bodies_are_done_or_refused_and_nothing_is_sent_for_one_that_is_refused(string route, string names)
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);
        var random = new PCG(20_261_126);
        var right = new Dictionary<string, JsonNode?>
        {
            ["text"] = "Hello",
            ["footer"] = "Contoso",
            ["mediaUrl"] = "https://shop.example/a.png",
            ["prompt"] = "Ask",
            ["minutes"] = 5,
            ["templateName"] = "welcome",
            ["buttons"] = new JsonArray(new JsonObject { ["text"] = "Yes", ["id"] = "yes" }),
            ["values"] = new JsonObject { ["body_first_name"] = "Amara", ["body_code"] = "1" },
            ["toPhoneNumber"] = "+447700900999",
            ["fromPhoneNumber"] = "+447700900111",
            ["agentId"] = "b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55",
            ["idempotencyKey"] = null,
        };
        var body = Gen.Select(
            Gen.OneOf(names.Split(' ').Select(name => Gen.Frequency(
                (6, Gen.Const((name, right[name]))), (1, AnyJson.Any.Select(value => (name, value))))).ToArray()).Array[0, 8],
            Gen.Frequency((9, Gen.Const("")), (1, Gen.OneOf("other", "Text", "code"))))
            .Select((pairs, other) =>
            {
                var made = new JsonObject();
                foreach (var (name, value) in pairs)
                    made[name] = value?.DeepClone();
                if (other.Length > 0)
                    made[other] = 1;
                return made;
            });
        var (done, refused) = (0, 0);

        for (var number = 0; number < 1000; number++)
        {
            var before = acting.Wassist.Posts.Count;
            var made = body.Generate(random, null, out _);
            var answer = await acting.PostTextAsync(route.Length == 0 ? "conversations" : $"conversations/{Bodies.Id}/{route}", made.ToJsonString());
            if (answer.StatusCode is 200 or 201)
                done++;
            else
                refused++;
            Assert.True(answer.StatusCode is 200 or 201 or 400 or 404 or 413 or 503, $"{answer.Text} for {made.ToJsonString()}"); // 503: a key without storage
            Assert.Equal(answer.StatusCode is 200 or 201 ? before + 1 : before, acting.Wassist.Posts.Count);
        }

        Assert.InRange(done, 30, 970); // both must be common
        Assert.InRange(refused, 30, 970);
    }
}
