using System.Text;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Actions;

/// <summary>The most that a body may have is taken, and one more is refused with the number.</summary>
public sealed class ActionLimitsTests
{
    [Theory]
    [InlineData("messages", """{"text":"*"}""", "text", 1024)]
    [InlineData("messages", """{"text":"a","footer":"*"}""", "footer", 60)]
    [InlineData("messages", """{"text":"a","mediaUrl":"https://shop.example/*.png"}""", "mediaUrl", 2048)]
    [InlineData("messages", """{"text":"a","buttons":[{"text":"*","id":"b"}]}""", "buttons[0].text", 20)]
    [InlineData("messages", """{"text":"a","buttons":[{"text":"b","id":"*"}]}""", "buttons[0].id", 256)]
    [InlineData("messages", """{"text":"a","buttons":[{"text":"b","url":"https://shop.example/*"}]}""", "buttons[0].url", 2000)]
    [InlineData("template", """{"templateName":"order_update","values":{"header_1":"*","body_1":"Amara","body_2":"12","button_2":"x"}}""", "values.header_1", 1024)]
    [InlineData("template", """{"templateName":"*"}""", "templateName", 512, 404)] // there is no such template
    [InlineData("prompt", """{"prompt":"*"}""", "prompt", 4000)]
    public async Task So_many_characters_are_taken_and_not_one_more(string route, string body, string name, int most, int status = 200)
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);
        var around = body.Split('"').Single(text => text.Contains('*', StringComparison.Ordinal)).Length - 1;

        var taken = await acting.PostTextAsync($"conversations/{Bodies.Id}/{route}", body.Replace("*", new string('x', most - around), StringComparison.Ordinal));
        var sent = acting.Wassist.Posts.Count;
        var refused = await acting.PostTextAsync($"conversations/{Bodies.Id}/{route}", body.Replace("*", new string('x', most - around + 1), StringComparison.Ordinal));

        Assert.True(taken.StatusCode == status, taken.Text);
        Assert.True(refused.StatusCode == 400, refused.Text);
        Assert.Equal(FormattableString.Invariant($"'{name}' has {most + 1:N0} characters; the most that are possible are {most:N0}."), Assert.Single(refused["errors"].EnumerateArray()).GetProperty("detail").GetString());
        Assert.Equal(sent, acting.Wassist.Posts.Count);
    }

    [Fact]
    public async Task Three_buttons_are_taken()
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        (await acting.PostTextAsync($"conversations/{Bodies.Id}/messages", """{"text":"a","buttons":[{"text":"b","id":"1"},{"text":"c","id":"2"},{"text":"d","id":"3"}]}""")).IsSentMessage();
        (await acting.PostTextAsync($"conversations/{Bodies.Id}/messages", """{"text":"a","buttons":[{"text":"b","url":"https://a.example"},{"text":"c","url":"http://a.example"}]}""")).IsSentMessage();
    }

    [Theory]
    [InlineData("", 10)]
    [InlineData("""{"minutes":1}""", 1)]
    [InlineData("""{"minutes":"7"}""", 7)]
    [InlineData("""{"minutes":10080}""", 10080)]
    [InlineData("""{"minutes":10081}""", null)]
    [InlineData("""{"minutes":-1}""", null)]
    public async Task The_agent_is_silent_for_ten_minutes_or_for_up_to_a_week(string body, int? minutes)
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        var answer = await acting.PostTextAsync($"conversations/{Bodies.Id}/takeover", body);

        Assert.True(answer.StatusCode == (minutes is null ? 400 : 200), answer.Text);
        Assert.Equal(minutes, acting.Wassist.Posts.SingleOrDefault()?.Body["durationMinutes"]?.GetValue<int>());
    }

    [Theory]
    [InlineData(65_536, true)]
    [InlineData(65_537, false)]
    public async Task A_body_has_64_KiB_at_most_whatever_its_header_says(int bytes, bool isTaken)
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);
        var body = """{"text":"a"}""".PadRight(bytes);

        var announced = await acting.PostTextAsync($"conversations/{Bodies.Id}/messages", body);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"conversations/{Bodies.Id}/messages") { Content = new StreamContent(new MemoryStream(Encoding.ASCII.GetBytes(body))) };
        request.Headers.TransferEncodingChunked = true;
        var chunked = await acting.App.SendAsync(request);

        Assert.Equal(isTaken ? (200, 200) : (413, 413), (announced.StatusCode, chunked.StatusCode));
        Assert.Equal(isTaken ? 2 : 0, acting.Wassist.Posts.Count);
    }

    [Theory]
    [InlineData("a\\nb\\r\\n\\tc", true)]
    [InlineData("a\\u0000b", false)]
    [InlineData("a\\u0008b", false)]
    [InlineData("a\\u000bb", false)]
    [InlineData("a\\u001fb", false)]
    [InlineData("a\\u007fb", false)]
    [InlineData("a\\u009fb", false)]
    [InlineData("a\\u00a0b", true)]
    public async Task A_text_has_line_breaks_and_tabs_and_no_other_control_characters(string text, bool isTaken)
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        var answer = await acting.PostTextAsync($"conversations/{Bodies.Id}/messages", $$"""{"text":"{{text}}"}""");

        Assert.True(answer.StatusCode == (isTaken ? 200 : 400), answer.Text);
        Assert.Equal(isTaken ? 1 : 0, acting.Wassist.Posts.Count);
    }

    [Theory]
    [InlineData("https://shop.example/receipt.pdf")]
    [InlineData("https://shop.example/RECEIPT.PDF?version=2#page")]
    [InlineData("https://shop.example/media/5512")]
    [InlineData("https://shop.example/a.b/c")]
    [InlineData("https://shop.example/v1.25")] // a version, no type
    [InlineData("https://shop.example/a.opener")] // too long for a type
    [InlineData("https://shop.example/a.3gpp")]
    [InlineData("https://shop.example:8443/a.png")]
    [InlineData("https://shop.example/a.exe", "leads to a type that WhatsApp does not take")]
    [InlineData("https://shop.example/a.c", "leads to a type that WhatsApp does not take")]
    [InlineData("https://shop.example/a.sheet", "leads to a type that WhatsApp does not take")]
    [InlineData("https://shop.example/a b.png", "must be an https address")]
    [InlineData("https:///a.png", "must be an https address")]
    [InlineData("ftp://shop.example/a.png", "must be an https address")]
    [InlineData("https://user@shop.example/a.png", "must be an https address")]
    [InlineData("https://192.0.2.1/a.png", "must name a public host")]
    [InlineData("https://[2001:db8::1]/a.png", "must name a public host")]
    [InlineData("https://localhost/a.png", "must name a public host")]
    [InlineData("https://printer/a.png", "must name a public host")]
    public async Task A_file_has_a_public_address_and_a_type_that_WhatsApp_takes(string address, string fault = "")
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        var answer = await acting.DoAsync("messages", new { mediaUrl = address });

        Assert.True(answer.StatusCode == (fault.Length == 0 ? 200 : 400), answer.Text);
        if (fault.Length == 0)
            Assert.Equal(address, acting.Wassist.Posts.Single().Body["unified"]!["media"]!["url"]!.GetValue<string>());
        else
            Assert.Contains($"'mediaUrl' {fault}", answer.Detail, StringComparison.Ordinal);
    }
}
