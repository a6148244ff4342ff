using System.Text;
using System.Text.Json.Nodes;
using ConversationLookup.Conversations;
using ConversationLookup.Tests.Support;
using ConversationLookup.Wassist;

namespace ConversationLookup.Tests.Conversations;

/// <summary>From an upstream body to a summary, without HTTP: what each shape of each field becomes.</summary>
public sealed class ReadingAndProjectionTests
{
    private static readonly DateTimeOffset RetrievedAt = new(2026, 11, 21, 18, 5, 0, 700, TimeSpan.Zero);

    /// <summary>All that is unknown.</summary>
    private static readonly ConversationSummary Defaults = new()
    {
        Id = Bodies.Id,
        ContactName = "",
        ContactPhoneNumber = "",
        ContactId = "",
        BusinessPhoneNumber = "",
        IsSandbox = false,
        HasAgent = false,
        AgentId = "",
        AgentName = "",
        HandledBy = "none",
        IsActive = false,
        IsHumanTakeover = false,
        ReplyWindowIsOpen = false,
        ReplyWindowSecondsLeft = 0,
        HasLastMessage = false,
        LastMessageText = "",
        LastMessageRole = "",
        LastMessageType = "",
        RetrievedAt = RetrievedAt,
    };

    /// <summary>What the live and the published shape have in common.</summary>
    private static readonly ConversationSummary Common = Defaults with
    {
        ContactPhoneNumber = "+447700900222",
        HasAgent = true,
        AgentName = "Orders assistant",
        HandledBy = "agent",
        IsActive = true,
        ReplyWindowIsOpen = true,
        ReplyWindowSecondsLeft = 41_230,
        ReplyWindowClosesAt = new DateTimeOffset(2026, 11, 22, 5, 32, 0, TimeSpan.Zero),
        HasLastMessage = true,
        LastMessageText = "Can I change the delivery address?",
    };

    [Fact]
    public void The_live_shape_fills_every_property() => Assert.Equal(
        Common with
        {
            ContactId = "c0a80001-0000-4000-8000-00000000000a",
            ContactName = "Amara Osei",
            BusinessPhoneNumber = "+447700900111",
            AgentId = "b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55",
            LastMessageRole = "user",
            LastMessageType = "text",
            LastMessageAt = new DateTimeOffset(2026, 11, 21, 18, 4, 9, 512, TimeSpan.Zero),
        },
        Summarize(Bodies.Live()));

    [Fact]
    public void The_published_shape_fills_what_it_holds_and_defaults_the_rest() =>
        Assert.Equal(Common, Summarize(Bodies.Published()));

    [Fact]
    public void A_body_with_nothing_but_an_id_gives_a_summary_of_defaults() =>
        Assert.Equal(Defaults, Summarize(new JsonObject { ["id"] = Bodies.Id }));

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("\"true\"", true)]
    [InlineData("\"True\"", true)]
    [InlineData("\"FALSE\"", false)]
    [InlineData("\"False\"", false)]
    [InlineData("\"\"", false)]
    [InlineData("null", false)]
    [InlineData("\"yes\"", false, "active")]
    [InlineData("1", false, "active")]
    [InlineData("{}", false, "active")]
    [InlineData("[true]", false, "active")]
    public void A_flag_is_read_in_every_known_shape(string json, bool expected, params string[] unknown)
    {
        var (summary, shapes) = Read(Bodies.With("active", json));

        Assert.Equal(expected, summary.IsActive);
        Assert.Equal(unknown, shapes);
    }

    [Theory]
    [InlineData("3600", 3600)]
    [InlineData("3600.9", 3600)]
    [InlineData("0", 0)]
    [InlineData("-5", 0)]
    [InlineData("1e3", 1000)]
    [InlineData("1e300", int.MaxValue)]
    [InlineData("\"3600\"", 3600)]
    [InlineData("\" 3600.5 \"", 3600)]
    [InlineData("\"01:00:00\"", 3600)]
    [InlineData("\"11:27:10\"", 41_230)]
    [InlineData("\"11:27:10.999999\"", 41_230)]
    [InlineData("\"27:00:01\"", 97_201)]
    [InlineData("\"1 03:27:10\"", 98_830)]
    [InlineData("\"1.03:27:10\"", 0, "chatWindowRemainingTime")]
    [InlineData("\"1 day, 3:27:10\"", 98_830)]
    [InlineData("\"-00:00:30\"", 0)]
    [InlineData("\"PT1H\"", 3600)]
    [InlineData("\"PT11H27M10S\"", 41_230)]
    [InlineData("\"P1DT1S\"", 86_401)]
    [InlineData("\"-PT1H\"", 0)]
    [InlineData("\"\"", 0)]
    [InlineData("\"  \"", 0)]
    [InlineData("null", 0)]
    [InlineData("\"soon\"", 0, "chatWindowRemainingTime")]
    [InlineData("\"NaN\"", 0, "chatWindowRemainingTime")]
    [InlineData("\"Infinity\"", 0, "chatWindowRemainingTime")]
    [InlineData("1e999", 0, "chatWindowRemainingTime")]
    [InlineData("\"P99999999999Y\"", 0, "chatWindowRemainingTime")]
    [InlineData("true", 0, "chatWindowRemainingTime")]
    [InlineData("{\"seconds\":5}", 0, "chatWindowRemainingTime")]
    public void The_reply_window_is_read_in_every_known_shape(string json, int expected, params string[] unknown)
    {
        var body = Bodies.With("chatWindowRemainingTime", json);
        body["lastMessage"] = null;

        var (summary, shapes) = Read(body);

        Assert.Equal(expected, summary.ReplyWindowSecondsLeft);
        Assert.Equal(expected > 0, summary.ReplyWindowIsOpen);
        Assert.Equal(expected > 0 ? ToTheMinute(RetrievedAt.AddSeconds(expected)) : null, summary.ReplyWindowClosesAt);
        Assert.Equal(unknown, shapes);
    }

    [Theory]
    [InlineData("null", false, "", "")]
    [InlineData("\"\"", false, "", "")]
    [InlineData("{}", false, "", "")]
    [InlineData("{\"id\":null,\"name\":\"\"}", false, "", "")]
    [InlineData("{\"id\":\"a1\",\"name\":null}", true, "a1", "")]
    [InlineData("{\"name\":\"Sales\"}", true, "", "Sales")]
    [InlineData("\"Sales\"", true, "", "Sales")]
    [InlineData("\"b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55\"", true, "b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", "")]
    [InlineData("\"{B7A1D9F0-5C3E-4E2B-8F61-0D9C8B7A6E55}\"", true, "b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", "")]
    [InlineData("{\"id\":\"B7A1D9F05C3E4E2B8F610D9C8B7A6E55\"}", true, "b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", "")]
    [InlineData("{\"id\":7,\"name\":\"Sales\"}", true, "", "Sales", "activeAgent.id")]
    [InlineData("7", false, "", "", "activeAgent")]
    [InlineData("[]", false, "", "", "activeAgent")]
    public void The_agent_is_read_in_every_known_shape(string json, bool hasAgent, string id, string name, params string[] unknown)
    {
        var (summary, shapes) = Read(Bodies.With("activeAgent", json));

        Assert.Equal((hasAgent, id, name), (summary.HasAgent, summary.AgentId, summary.AgentName));
        Assert.Equal(unknown, shapes);
    }

    [Theory]
    [InlineData("null", false, "")]
    [InlineData("\"\"", false, "")]
    [InlineData("\"Hello\"", true, "Hello")]
    [InlineData("\"11111111-aaaa-4bbb-8ccc-000000000001\"", true, "")]
    [InlineData("{}", true, "")]
    [InlineData("{\"type\":\"image\",\"body\":null}", true, "")]
    [InlineData("{\"type\":\"text\",\"body\":\"Line one\\nline two \\uD83C\\uDF0D\"}", true, "Line one\nline two 🌍")]
    [InlineData("{\"body\":{\"text\":\"x\"}}", true, "", "lastMessage.body")]
    [InlineData("12", false, "", "lastMessage")]
    public void The_last_message_is_read_in_every_known_shape(string json, bool hasMessage, string text, params string[] unknown)
    {
        var (summary, shapes) = Read(Bodies.With("lastMessage", json));

        Assert.Equal((hasMessage, text), (summary.HasLastMessage, summary.LastMessageText));
        Assert.Equal(unknown, shapes);
    }

    [Theory]
    [InlineData("\"447700900222\"", "+447700900222")]
    [InlineData("\"+447700900222\"", "+447700900222")]
    [InlineData("\"00447700900222\"", "+447700900222")]
    [InlineData("\"+44 7700 900-222\"", "+447700900222")]
    [InlineData("\"+1 (202) 555.0143\"", "+12025550143")]
    [InlineData("447700900222", "+447700900222")]
    [InlineData("\"\"", "")]
    [InlineData("null", "")]
    [InlineData("\"+44 (0)7700 900222\"", "+447700900222")]
    [InlineData("447700900222.0", "+447700900222")]
    [InlineData("\"447700900222.0\"", "+447700900222")]
    [InlineData("\"whatsapp:+447700900222\"", "+447700900222")]
    [InlineData("\"07700900222\"", "", "contact.phoneNumber")]
    [InlineData("\"1\"", "", "contact.phoneNumber")]
    [InlineData("\"US.13491208655302741918\"", "")]
    [InlineData("\"1234567890123456\"", "", "contact.phoneNumber")]
    [InlineData("\"+\"", "", "contact.phoneNumber")]
    [InlineData("\"٤٤٧٧\"", "", "contact.phoneNumber")]
    [InlineData("4.477e11", "", "contact.phoneNumber")]
    [InlineData("true", "", "contact.phoneNumber")]
    public void A_phone_number_becomes_plus_and_digits_or_nothing(string json, string expected, params string[] unknown)
    {
        var (summary, shapes) = Read(Bodies.With("contact.phoneNumber", json));

        Assert.Equal(expected, summary.ContactPhoneNumber);
        Assert.Equal(unknown, shapes);
    }

    [Theory]
    [InlineData("null", "", "")]
    [InlineData("{}", "", "")]
    [InlineData("\"447700900222\"", "+447700900222", "")]
    [InlineData("\"Amara\"", "", "", "contact")]
    [InlineData("[]", "", "", "contact")]
    [InlineData("{\"name\":\"  \",\"phoneNumber\":\"12025550143\"}", "+12025550143", "")]
    [InlineData("{\"name\":[\"A\"],\"phoneNumber\":\"12025550143\"}", "+12025550143", "", "contact.name")]
    public void The_contact_is_read_in_every_known_shape(string json, string number, string name, params string[] unknown)
    {
        var (summary, shapes) = Read(Bodies.With("contact", json));

        Assert.Equal((number, name), (summary.ContactPhoneNumber, summary.ContactName));
        Assert.Equal(unknown, shapes);
    }

    [Theory]
    [InlineData("{\"id\":\"c1\",\"phoneNumber\":\"447700900222\"}", "c1")]
    [InlineData("{\"id\":\"c1\",\"phoneNumber\":\"US.13491208655302741918\"}", "c1")]
    [InlineData("{\"id\":null,\"phoneNumber\":\"US.13491208655302741918\"}", "US.13491208655302741918")]
    [InlineData("\"US.ENT.11815799212886844830\"", "US.ENT.11815799212886844830")]
    [InlineData("\"447700900222\"", "")]
    [InlineData("null", "")]
    public void A_contact_is_known_by_an_id_also_without_a_number(string json, string expected)
    {
        var (summary, shapes) = Read(Bodies.With("contact", json));

        Assert.Equal(expected, summary.ContactId);
        Assert.Empty(shapes);
    }

    [Theory]
    [InlineData("null", "", false)]
    [InlineData("\"447700900111\"", "+447700900111", false)]
    [InlineData("{\"number\":\"447700900111\",\"isSandbox\":true}", "+447700900111", true)]
    [InlineData("{\"number\":\"447700900111\",\"isSandbox\":\"True\"}", "+447700900111", true)]
    [InlineData("{\"number\":null}", "", false)]
    public void The_business_number_is_read_in_every_known_shape(string json, string number, bool isSandbox)
    {
        var (summary, _) = Read(Bodies.With("whatsappNumber", json));

        Assert.Equal((number, isSandbox), (summary.BusinessPhoneNumber, summary.IsSandbox));
    }

    [Theory]
    [InlineData("\"2026-11-21T18:04:09.512Z\"", "2026-11-21T18:04:09.512Z")]
    [InlineData("\"2026-11-21T18:04:09.512345+00:00\"", "2026-11-21T18:04:09.512345Z")]
    [InlineData("\"2026-11-21T20:04:09+02:00\"", "2026-11-21T18:04:09Z")]
    [InlineData("\"2026-11-21T18:04:09\"", "2026-11-21T18:04:09Z")]
    [InlineData("\"2026-10-25T01:30:00+00:00\"", "2026-10-25T01:30:00Z")] // an hour that Dublin has twice
    [InlineData("\"2026-03-29T01:30:00+00:00\"", "2026-03-29T01:30:00Z")] // and one that it has not
    [InlineData("\"\"", null)]
    [InlineData("null", null)]
    [InlineData("\"yesterday\"", null, "lastMessage.createdAt")]
    [InlineData("\"10:00\"", null, "lastMessage.createdAt")]
    [InlineData("1795284249", "2026-11-21T18:04:09Z")]
    [InlineData("\"1795284249512\"", "2026-11-21T18:04:09.512Z")]
    [InlineData("\"2026-11-21 18:04:09+0000\"", "2026-11-21T18:04:09Z")]
    [InlineData("20261121", null, "lastMessage.createdAt")]
    [InlineData("true", null, "lastMessage.createdAt")]
    public void A_time_is_read_as_utc_or_left_out(string json, string? expected, params string[] unknown)
    {
        var (summary, shapes) = Read(Bodies.With("lastMessage.createdAt", json));

        Assert.Equal(expected is null ? null : DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), summary.LastMessageAt);
        Assert.Equal(unknown, shapes);
    }

    [Theory]
    [InlineData("agent", false, true, "agent")]
    [InlineData("webhook", false, true, "webhook")]
    [InlineData("webhook", false, false, "webhook")]
    [InlineData("sandbox", false, true, "sandbox")]
    [InlineData("Agent", false, false, "agent")]
    [InlineData("agent", true, true, "human")]
    [InlineData("webhook", true, false, "human")]
    [InlineData(null, true, false, "human")]
    [InlineData(null, false, true, "agent")]
    [InlineData(null, false, false, "none")]
    [InlineData("carrier pigeon", false, true, "agent", "routing")]
    [InlineData("0", false, false, "none", "routing")]
    [InlineData("agent,webhook", false, false, "none", "routing")]
    public void Who_handles_a_conversation_follows_takeover_then_routing_then_agent(
        string? routing, bool takeover, bool hasAgent, string expected, params string[] unknown)
    {
        var body = Bodies.Live();
        (body["routing"], body["isHumanTakeover"]) = (routing, takeover);
        if (!hasAgent)
            body["activeAgent"] = null;

        var (summary, shapes) = Read(body);

        Assert.Equal(expected, summary.HandledBy);
        Assert.Equal(unknown, shapes);
    }

    [Fact]
    public void A_sandbox_routing_makes_a_sandbox_conversation_where_the_number_does_not_say()
    {
        var body = Bodies.Published();
        body["routing"] = "sandbox";

        Assert.True(Summarize(body).IsSandbox);
    }

    [Theory]
    [InlineData(0, 100, true)]
    [InlineData(0.9, 100, true)]
    [InlineData(1, 99, true)]
    [InlineData(99.9, 1, true)]
    [InlineData(100, 0, false)]
    [InlineData(5000, 0, false)]
    [InlineData(-3, 100, true)]
    public void An_answer_from_the_cache_counts_the_reply_window_down(double secondsLater, int expected, bool isOpen)
    {
        var parsed = ConversationParser.Parse(Encoding.UTF8.GetBytes(Bodies.With("chatWindowRemainingTime", "100").ToJsonString()), Guid.Parse(Bodies.Id));

        var summary = ConversationProjection.Summarize(parsed.Conversation, RetrievedAt, RetrievedAt.AddSeconds(secondsLater));

        Assert.Equal((expected, isOpen), (summary.ReplyWindowSecondsLeft, summary.ReplyWindowIsOpen));
        Assert.Equal((RetrievedAt, ToTheMinute(RetrievedAt.AddSeconds(100))), (summary.RetrievedAt, summary.ReplyWindowClosesAt));
    }

    /// <summary>The seconds that are left are whole, and an answer takes its time: the end must not move with either.</summary>
    [Theory]
    [InlineData("user", "2026-11-22T18:04:09.512Z")]
    [InlineData("USER", "2026-11-22T18:04:00Z")] // not known to be the contact
    [InlineData("assistant", "2026-11-22T18:04:00Z")]
    public void The_same_window_ends_at_the_same_moment_at_every_lookup(string role, string expected)
    {
        var writtenAt = new DateTimeOffset(2026, 11, 21, 18, 4, 9, 512, TimeSpan.Zero);
        var body = Bodies.Live();
        (body["lastMessage"]!["role"], body["lastMessage"]!["createdAt"]) = (role, writtenAt.ToString("O"));
        var ends = from lookup in Enumerable.Range(0, 50)
                   let askedAt = writtenAt.AddSeconds(60 + (lookup * 7.3))
                   let left = body["chatWindowRemainingTime"] = (int)(writtenAt.AddHours(24) - askedAt).TotalSeconds
                   let read = ConversationParser.Parse(Encoding.UTF8.GetBytes(body.ToJsonString()), Guid.Parse(Bodies.Id)).Conversation
                   let retrievedAt = askedAt.AddMilliseconds(lookup * 20)
                   select ConversationProjection.Summarize(read, retrievedAt, retrievedAt).ReplyWindowClosesAt;

        Assert.Equal([DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture)], ends.Distinct());
    }

    /// <summary>Two clocks, a call's way and a fraction of a second may be a minute apart.</summary>
    [Theory]
    [InlineData(-61_000, false)]
    [InlineData(-60_000, true)]
    [InlineData(0, true)]
    [InlineData(60_000, true)]
    [InlineData(60_001, false)]
    public void Within_a_minute_the_contacts_last_message_gives_the_windows_end(int milliseconds, bool isExact)
    {
        var writtenAt = new DateTimeOffset(2026, 11, 21, 18, 4, 9, 512, TimeSpan.Zero);
        var read = new WassistConversation(Guid.NewGuid()) { ReplyWindowSeconds = 3600, LastMessage = new WassistMessage("Hello") { Role = "user", CreatedAt = writtenAt } };
        var retrievedAt = writtenAt.AddHours(23).AddMilliseconds(milliseconds);

        Assert.Equal(
            isExact ? writtenAt.AddHours(24) : ToTheMinute(retrievedAt.AddHours(1)),
            ConversationProjection.Summarize(read, retrievedAt, retrievedAt).ReplyWindowClosesAt);
    }

    [Theory]
    [InlineData("2026-11-20T10:00:00Z")] // a window that another message opened
    [InlineData("9999-12-31T23:59:59Z")]
    [InlineData("0001-01-01T00:00:00Z")]
    public void A_last_message_that_does_not_agree_with_the_seconds_left_is_not_the_windows(string createdAt)
    {
        var body = Bodies.With("chatWindowRemainingTime", "3600");
        body["lastMessage"]!["createdAt"] = createdAt;

        Assert.Equal(ToTheMinute(RetrievedAt.AddHours(1)), Summarize(body).ReplyWindowClosesAt);
    }

    [Theory]
    [InlineData("\"half \\ud83c of a pair\"", "half \ufffd of a pair")]
    [InlineData("\"tail \\udf0d\"", "tail \ufffd")]
    [InlineData("\"whole \\ud83c\\udf0d and \\ud83c\"", "whole 🌍 and \ufffd")]
    [InlineData("\"not an escape \\\\ud83c \\ud83c\"", "not an escape \\ud83c \ufffd")]
    public void Text_cut_in_the_middle_of_an_emoji_is_still_read(string json, string expected)
    {
        var body = $$$"""{"id":"{{{Bodies.Id}}}","lastMessage":{"body":{{{json}}}}}""";

        Assert.Equal(expected, Read(Encoding.UTF8.GetBytes(body)).Summary.LastMessageText);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_become_replacement_characters()
    {
        byte[] body = [.. Encoding.UTF8.GetBytes($$"""{"id":"{{Bodies.Id}}","lastMessage":"a"""), 0xC3, 0x28, 0xFF, .. "z\"}"u8];

        var text = Read(body).Summary.LastMessageText;

        Assert.StartsWith("a\ufffd", text, StringComparison.Ordinal);
        Assert.EndsWith("z", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_property_name_that_is_not_unicode_is_passed_over()
    {
        var body = $$"""{"\ud800":1,"id":"{{Bodies.Id}}","\udc00x":{"\ud800":2},"active":true}""";

        Assert.True(Read(Encoding.UTF8.GetBytes(body)).Summary.IsActive);
    }

    [Fact]
    public void A_byte_order_mark_and_white_space_around_the_object_do_no_harm()
    {
        byte[] body = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes($"\r\n {Bodies.Live()} \n")];

        Assert.Equal("Amara Osei", Read(body).Summary.ContactName);
    }

    [Fact]
    public void Deep_nesting_in_a_field_that_nobody_reads_does_no_harm()
    {
        const int Depth = 100_000;
        var body = $$"""{"id":"{{Bodies.Id}}","latestReferral":{{new string('[', Depth)}}{{new string(']', Depth)}},"active":true}""";

        Assert.True(Read(Encoding.UTF8.GetBytes(body)).Summary.IsActive);
    }

    [Theory]
    [InlineData("", "the body is not JSON")]
    [InlineData("<html>502</html>", "the body is not JSON")]
    [InlineData("{\"id\":", "the body is not JSON")]
    [InlineData("null", "the body is not a JSON object")]
    [InlineData("[]", "the body is not a JSON object")]
    [InlineData("\"text\"", "the body is not a JSON object")]
    [InlineData("{}", "the body has no usable id")]
    [InlineData("{\"id\":null}", "the body has no usable id")]
    [InlineData("{\"id\":17}", "the body has no usable id")]
    [InlineData("{\"id\":\"none\"}", "the body has no usable id")]
    [InlineData("{\"id\":\"00000000-0000-4000-8000-000000000000\"}", "the body is another conversation")]
    public void A_body_that_is_not_the_conversation_is_refused(string body, string reason)
    {
        var exception = Assert.Throws<FormatException>(() => Read(Encoding.UTF8.GetBytes(body)));

        Assert.Equal(reason, exception.Message);
    }

    private static DateTimeOffset ToTheMinute(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMinute));

    private static ConversationSummary Summarize(JsonNode body) => Read(body).Summary;

    private static (ConversationSummary Summary, string[] UnknownShapes) Read(JsonNode body) => Read(Encoding.UTF8.GetBytes(body.ToJsonString()));

    private static (ConversationSummary Summary, string[] UnknownShapes) Read(byte[] body)
    {
        var parsed = ConversationParser.Parse(body, Guid.Parse(Bodies.Id));
        return (ConversationProjection.Summarize(parsed.Conversation, RetrievedAt, RetrievedAt), [.. parsed.UnknownShapes.Select(shape => shape.Path)]);
    }
}
