using System.Text;
using ConversationLookup.Json;
using ConversationLookup.Wassist;

namespace ConversationLookup.Tests.Wassist;

/// <summary>A delivery is read under whatever names it has, and has failed only where that is certain.</summary>
public sealed class WassistDeliveryTests
{
    [Theory]
    [InlineData("""{"success":true}""", DeliveryState.Delivered)]
    [InlineData("""{"succeeded":true}""", DeliveryState.Delivered)]
    [InlineData("""{"delivered":false}""", DeliveryState.Failed)]
    [InlineData("""{"deliveredAt":"2026-11-26T12:00:00Z"}""", DeliveryState.Delivered)]
    [InlineData("""{"delivered_at":"2026-11-26T12:00:00Z","failed_at":"2026-11-26T11:00:00Z"}""", DeliveryState.Delivered)]
    [InlineData("""{"failedAt":"2026-11-26T12:00:00Z"}""", DeliveryState.Failed)]
    [InlineData("""{"failed_at":"2026-11-26T12:00:00Z"}""", DeliveryState.Failed)]
    [InlineData("""{"responseStatus":199}""", DeliveryState.Failed)]
    [InlineData("""{"responseStatus":200}""", DeliveryState.Delivered)]
    [InlineData("""{"statusCode":299}""", DeliveryState.Delivered)]
    [InlineData("""{"httpStatus":300}""", DeliveryState.Failed)]
    [InlineData("""{"status":"202"}""", DeliveryState.Delivered)]
    [InlineData("""{"attempts":[{"statusCode":500},{"statusCode":200},{"statusCode":300}]}""", DeliveryState.Delivered)]
    [InlineData("""{"attempts":[{"statusCode":199},{"statusCode":300}]}""", DeliveryState.Failed)]
    [InlineData("""{"attempts":[]}""", DeliveryState.Unknown)]
    [InlineData("""{"attempts":3}""", DeliveryState.Unknown)]
    [InlineData("""{}""", DeliveryState.Unknown)]
    [InlineData("""{"status":"failed","nextAttemptAt":"2026-11-26T12:00:00Z"}""", DeliveryState.UnderWay)]
    [InlineData("""{"success":false,"next_retry_at":"2026-11-26T12:00:00Z"}""", DeliveryState.UnderWay)]
    [InlineData("""{"success":true,"next_attempt_at":"2026-11-26T12:00:00Z"}""", DeliveryState.Delivered)]
    [InlineData("""{"success":false,"nextRetryAt":null}""", DeliveryState.Failed)]
    [InlineData("""{"status":"delivered","success":false}""", DeliveryState.Delivered)]
    public void Its_state_is_what_its_word_says_else_its_flags_its_times_or_its_status(string fields, DeliveryState state) => Assert.Equal(state, Read(fields)!.State);

    [Theory]
    [InlineData("failed failure error dead_letter exhausted abandoned gave_up given_up undelivered undeliverable rejected disabled skipped dropped FAILED", DeliveryState.Failed)]
    [InlineData("succeeded success delivered ok sent completed complete", DeliveryState.Delivered)]
    [InlineData("pending sending retrying failing queued scheduled created Queued", DeliveryState.UnderWay)]
    [InlineData("new unknown x", DeliveryState.Unknown)]
    public void A_word_that_nobody_has_seen_is_no_failure(string words, DeliveryState state) =>
        Assert.All(words.Split(' '), word => Assert.Equal(state, Read($$"""{"status":"{{word}}"}""")!.State));

    [Theory]
    [InlineData("""{"webhookId":"w","event":"message.received","createdAt":"2026-11-26T12:00:00Z","responseCode":502}""")]
    [InlineData("""{"webhook_id":"w","event":{"name":"message.received"},"created_at":"2026-11-26T12:00:00Z","response_status":502}""")]
    [InlineData("""{"webhook":{"id":"w"},"event":{"type":"message.received"},"created":1795694400,"status_code":502}""")]
    [InlineData("""{"webhook":"w","eventType":"message.received","timestamp":"2026-11-26T12:00:00Z","responseStatusCode":502}""")]
    [InlineData("""{"webhook":"w","event_type":"message.received","timestamp":"2026-11-26T12:00:00Z","lastStatusCode":502}""")]
    [InlineData("""{"webhook":"w","eventName":"message.received","timestamp":"2026-11-26T12:00:00Z","state":"502"}""")]
    public void Its_fields_have_the_names_that_such_lists_have(string fields)
    {
        var read = Read(fields)!;

        Assert.Equal(("w", "message.received", 502), (read.WebhookId, read.Event, read.Status));
        Assert.Equal(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero), read.CreatedAt);
    }

    [Theory]
    [InlineData("a-B_9", true)]
    [InlineData("a/b", false)]
    [InlineData("a.b", false)]
    [InlineData("", false)]
    public void Its_id_is_fit_for_an_address_and_a_log(string id, bool isRead) => Assert.Equal(isRead, Read("{}", id) is not null);

    [Fact]
    public void Its_id_has_100_characters_at_most()
    {
        Assert.NotNull(Read("{}", new string('a', 100)));
        Assert.Null(Read("{}", new string('a', 101)));
    }

    [Theory]
    [InlineData("""{"id":"d-1","deliveryId":"d-2"}""", "d-1")]
    [InlineData("""{"deliveryId":7}""", "7")]
    [InlineData("""{"delivery_id":"d-2"}""", "d-2")]
    [InlineData("""{"delivery":{"id":"d-3"}}""", "d-3")]
    [InlineData("""{"ok":true}""", null)]
    public void A_replay_names_the_delivery_that_it_made(string answer, string? id) =>
        Assert.Equal(id, TolerantJson.Read(Encoding.UTF8.GetBytes(answer), WassistDelivery.IdOfReplay).Read);

    private static WassistDelivery? Read(string fields, string id = "d-1") => TolerantJson.Read(
        Encoding.UTF8.GetBytes($$"""{"id":"{{id}}"{{(fields == "{}" ? "" : ",")}}{{fields[1..]}}"""), WassistDelivery.Read).Read;
}
