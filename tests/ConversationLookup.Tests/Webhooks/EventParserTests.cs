using System.Text;
using ConversationLookup.Tests.Support;
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
        Assert.Equal(new EventMessage("11111111-aaaa-4bbb-8ccc-000000000003", "Can I change the delivery address?", false, null, null), received.Message);
    }

    [Fact]
    public void An_event_without_a_message_has_none() => Assert.Null(Parse(SignedEvent.WindowExpiring().ToJsonString(), out _).Message);

    [Theory]
    [InlineData("""[{"url":"https://media.example/a.jpg","mimeType":"image/jpeg"}]""", true, "https://media.example/a.jpg", "image/jpeg")]
    [InlineData("""[{"mimeType":"x/y"},{"url":"https://media.example/b.ogg","mimeType":"audio/ogg"}]""", true, "https://media.example/b.ogg", "audio/ogg")]
    [InlineData("""[{"url":"https://media.example/a","mimeType":null}]""", true, "https://media.example/a", null)]
    [InlineData("""[{}]""", true, null, null)]
    [InlineData("""[]""", false, null, null)]
    [InlineData("""null""", false, null, null)]
    [InlineData("""[null, "x", 1]""", false, null, null)]
    [InlineData("""{"url":"https://media.example/a.jpg"}""", false, null, null)]
    public void The_first_media_with_an_address_is_the_messages(string media, bool hasMedia, string? url, string? type)
    {
        var body = SignedEvent.MessageReceived();
        body["message"]!["media"] = System.Text.Json.Nodes.JsonNode.Parse(media);

        var message = Parse(body.ToJsonString(), out _).Message!;

        Assert.Equal((hasMedia, url, type), (message.HasMedia, message.MediaUrl, message.MediaType));
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
