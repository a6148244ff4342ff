using System.Security.Cryptography;
using System.Text;
using ConversationLookup.Tests.Support;
using ConversationLookup.Wassist;
using ConversationLookup.Webhooks;
using CsCheck;

namespace ConversationLookup.Tests.Webhooks;

/// <summary>What is read of an event, in every shape it may have.</summary>
public sealed class EventParserTests
{
    private static readonly DateTimeOffset ReceivedAt = new(2026, 11, 21, 18, 4, 10, TimeSpan.Zero);

    [Fact]
    public void A_message_is_read_whole()
    {
        var received = Parse(SignedEvent.MessageReceived(messageId: "11111111-aaaa-4bbb-8ccc-000000000003").ToJsonString(), out _);

        Assert.Equal("message.received", received.Type);
        Assert.Equal(new DateTimeOffset(2026, 11, 21, 18, 4, 9, 730, TimeSpan.Zero), received.OccurredAt);
        Assert.Equal(Guid.Parse(Bodies.Id), received.ConversationId);
        Assert.Equal(("Amara Osei", "+447700900222", "+447700900111"), (received.ContactName, received.ContactPhoneNumber, received.BusinessPhoneNumber));
        Assert.Equal(
            new EventMessage("Can I change the delivery address?") { Id = "11111111-aaaa-4bbb-8ccc-000000000003", WaId = "wamid.EXAMPLE1" },
            received.Message! with { Media = [] });
        Assert.Empty(received.Message.Media);
    }

    /// <summary>What is on the queues while the app is updated would else be told again.</summary>
    [Fact]
    public void An_event_has_the_same_key_in_every_version()
    {
        var message = SignedEvent.MessageReceived(messageId: "11111111-aaaa-4bbb-8ccc-000000000003").ToJsonString();
        const string Other = """{"event":"subscription.activated"}""";

        Assert.Equal(HashOf($"{Guid.Parse(Bodies.Id):N} 11111111-aaaa-4bbb-8ccc-000000000003"), Parse(message, out _).Key);
        Assert.Equal(HashOf(Other), Parse(Other, out _).Key);

        static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
    }

    [Fact]
    public void An_event_without_a_message_has_none() => Assert.Null(Parse(SignedEvent.WindowExpiring().ToJsonString(), out _).Message);

    [Theory]
    [InlineData("""[{"url":"https://media.example/a.jpg","mimeType":"image/jpeg"}]""", true, "https://media.example/a.jpg image/jpeg")]
    [InlineData("""[{"mimeType":"x/y"},{"url":"https://media.example/b.ogg","mimeType":"audio/ogg"}]""", true, "https://media.example/b.ogg audio/ogg")]
    [InlineData("""[{"url":"https://media.example/a","mimeType":null},{"url":"https://media.example/b"}]""", true, "https://media.example/a , https://media.example/b ")]
    [InlineData("""[{}]""", true, "")]
    [InlineData("""[]""", false, "")]
    [InlineData("""null""", false, "")]
    [InlineData("""[null, "x", 1]""", false, "")]
    [InlineData("""{"url":"https://media.example/a.jpg"}""", false, "")]
    public void Every_media_with_an_address_is_the_messages(string media, bool hasMedia, string expected)
    {
        var body = SignedEvent.MessageReceived();
        body["message"]!["media"] = System.Text.Json.Nodes.JsonNode.Parse(media);

        var message = Parse(body.ToJsonString(), out _).Message!;

        Assert.Equal((hasMedia, expected), (message.HasMedia, string.Join(", ", message.Media.Select(one => $"{one.Url} {one.Type}"))));
    }

    [Theory]
    [InlineData("""[{"type":"quick_reply","text":"Change address","quickReplyId":"address"}]""", "Change address", "address")]
    [InlineData("""[{},{"text":"Change address"}]""", "Change address", null)]
    [InlineData("""[{"buttonText":"Change address","buttonId":"address"}]""", "Change address", "address")]
    [InlineData("""[{"quickReplyId":"address"},{"text":"Other"}]""", null, "address")]
    [InlineData("""[]""", null, null)]
    [InlineData("""null""", null, null)]
    [InlineData("\"Change address\"", null, null)]
    public void The_button_that_was_tapped_is_the_messages(string buttons, string? text, string? id)
    {
        var body = SignedEvent.MessageReceived();
        body["message"]!["buttons"] = System.Text.Json.Nodes.JsonNode.Parse(buttons);

        var message = Parse(body.ToJsonString(), out _).Message!;

        Assert.Equal((text, id), (message.ButtonText, message.ButtonId));
    }

    [Theory]
    [InlineData("\"wamid.EARLIER\"", "wamid.EARLIER")]
    [InlineData("""{"id":"11111111-aaaa-4bbb-8ccc-000000000002"}""", "11111111-aaaa-4bbb-8ccc-000000000002")]
    [InlineData("null", null)]
    public void The_message_that_it_answers_is_known_by_its_id(string json, string? expected)
    {
        var body = SignedEvent.MessageReceived();
        body["message"]!["replyTo"] = System.Text.Json.Nodes.JsonNode.Parse(json);

        Assert.Equal(expected, Parse(body.ToJsonString(), out _).Message!.ReplyTo);
    }

    [Theory]
    [InlineData("\"webhook\"", Routing.Webhook)]
    [InlineData("\"Sandbox\"", Routing.Sandbox)]
    [InlineData("null", null)]
    [InlineData("\"pigeon\"", null)]
    public void Where_the_messages_go_is_read_of_an_event_that_says_so(string json, Routing? expected)
    {
        var body = SignedEvent.WindowExpiring();
        body["routing"] = System.Text.Json.Nodes.JsonNode.Parse(json);

        Assert.Equal(expected, Parse(body.ToJsonString(), out _).Routing);
    }

    [Fact]
    public void A_contact_without_a_number_is_known_by_whatsapps_id()
    {
        var body = SignedEvent.MessageReceived();
        (body["from"], body["contact"]!["phoneNumber"]) = ("US.13491208655302741918", null);

        var received = Parse(body.ToJsonString(), out var unknown);

        Assert.Equal((null, "US.13491208655302741918"), (received.ContactPhoneNumber, received.ContactId));
        Assert.Empty(unknown);
    }

    [Theory]
    [InlineData("1763748249")]
    [InlineData("\"1763748249000\"")]
    [InlineData("\"2025-11-21T19:04:09+0100\"")]
    public void The_time_of_an_event_is_read_in_every_usual_writing(string timestamp) => Assert.Equal(
        new DateTimeOffset(2025, 11, 21, 18, 4, 9, TimeSpan.Zero), Parse($$"""{"event":"x","timestamp":{{timestamp}}}""", out _).OccurredAt);

    [Theory]
    [InlineData("NaN")]
    [InlineData("-Infinity")]
    public void A_number_that_is_none_does_no_harm(string number)
    {
        var received = Parse($$$"""{"event":"x","score":{{{number}}},"message":{"body":"NaN, \"Infinity\""}}""", out _);

        Assert.Equal("NaN, \"Infinity\"", received.Message!.Text);
    }

    [Theory]
    [InlineData("""{"event":"x","message":"plain"}""", "plain")]
    [InlineData("""{"event":"x","message":{"body":"half an emoji \ud83c"}}""", "half an emoji \ufffd")]
    [InlineData("""{"event":"x","message":{"body":null}}""", null)]
    [InlineData("""{"event":"x","message":{"body":{"deep":1}}}""", null)]
    public void A_text_of_any_shape_is_read_or_left_out(string body, string? text) => Assert.Equal(text, Parse(body, out _).Message!.Text);

    [Theory]
    [InlineData("""{"event":"x","conversationId":7,"timestamp":"yesterday","phoneNumber":"not one","from":true,"contact":[]}""",
        "contact conversationId from phoneNumber timestamp")]
    [InlineData("""{"event":"x","contact":"+447700900222"}""", "")]
    public void A_field_of_an_unknown_shape_is_noted_and_left_out(string body, string unknown)
    {
        var received = Parse(body, out var shapes);

        Assert.Equal(unknown, string.Join(' ', shapes));
        Assert.Null(received.ConversationId);
        Assert.Null(received.OccurredAt);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("\"event\"")]
    [InlineData("{}")]
    [InlineData("""{"event":null}""")]
    [InlineData("""{"event":7}""")]
    [InlineData("""{"event":"message.received" """)]
    public void A_body_that_is_no_event_is_refused(string body) => Assert.Throws<FormatException>(() => Parse(body, out _));

    [Theory]
    [InlineData("7C1E4B52-3F0A-4D7E-9B6F-2A4D8C0E1F33")]
    [InlineData("delivery-1")]
    public void The_delivery_id_is_the_headers_uuid_or_made_from_it(string header)
    {
        var first = EventParser.Parse("""{"event":"x"}"""u8.ToArray(), header, ReceivedAt, Guid.NewGuid()).Event.DeliveryId;
        var retry = EventParser.Parse("""{"event":"y"}"""u8.ToArray(), header, ReceivedAt, Guid.NewGuid()).Event.DeliveryId;

        Assert.Equal(first, retry);
        Assert.True(Guid.TryParse(first, out _));
        if (Guid.TryParse(header, out _))
            Assert.Equal(header.ToLowerInvariant(), first);
    }

    [Fact]
    public void Without_the_header_the_delivery_id_is_the_bodys()
    {
        string Id(string body) => EventParser.Parse(Encoding.UTF8.GetBytes(body), null, ReceivedAt, Guid.NewGuid()).Event.DeliveryId;

        Assert.Equal(Id("""{"event":"x"}"""), Id("""{"event":"x"}"""));
        Assert.NotEqual(Id("""{"event":"x"}"""), Id("""{"event":"y"}"""));
    }

    [Fact]
    public void No_bytes_make_it_fail_in_another_way() => Gen.Byte.Array.Sample(body =>
    {
        try
        {
            EventParser.Parse(body, null, ReceivedAt, Guid.NewGuid());
            return false; // random bytes are no event
        }
        catch (FormatException)
        {
            return true;
        }
    });

    private static WassistEvent Parse(string body, out IReadOnlyList<string> unknownShapes)
    {
        var (received, shapes) = EventParser.Parse(Encoding.UTF8.GetBytes(body), Guid.NewGuid().ToString(), ReceivedAt, Guid.NewGuid());
        unknownShapes = [.. shapes.Select(shape => shape.Path).Order()];
        return received;
    }
}
