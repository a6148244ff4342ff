using System.Text;
using ConversationLookup.Webhooks;
using CsCheck;

namespace ConversationLookup.Tests.Webhooks;

/// <summary>The signature as a pure function. The constants were computed with OpenSSL: <c>openssl dgst -sha256 -hmac</c>.</summary>
public sealed class WebhookSignatureTests
{
    private const string Secret = "whsec_0123456789abcdef";
    private const string T = "1763748249";
    private const string Body = """{"event":"test.ping","message":"Zoë 🌍"}""";
    private const string V1 = "524fe749aeaceff7518d0b69568938e81809888a0f6ee113e43458bcc7ada753";
    private const string OtherSecretsV1 = "bacfa3656d618204bde85370b7c582ecbbf489e3aec9a5c0dc1376a71765e61a";
    private const string LeadingZeroV1 = "329a88788ecc1d8dd91ff67d45067e88133ae33e3d5758a3638dbde296fe9cae";

    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1763748249);

    [Theory]
    [InlineData($"t={T},v1={V1}")]
    [InlineData($"v1={V1},t={T}")]
    [InlineData($" t = {T} , v1 = {V1} ")]
    [InlineData($"t={T},v1={V1},v0=abc,x,=")]
    [InlineData($"t={T},v1={OtherSecretsV1},v1={V1}")]
    [InlineData($"t={T},v1={V1},v1={OtherSecretsV1}")]
    [InlineData($"t={T},v1=abc,v1={V1}")]
    [InlineData($"t={T},v1=524FE749AEACEFF7518D0B69568938E81809888A0F6EE113E43458BCC7ADA753")]
    public void A_signature_made_with_the_secret_matches(string header) => Assert.True(IsValid(header));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(",")]
    [InlineData($"t={T}")]
    [InlineData($"v1={V1}")]
    [InlineData($"t={T},v1=")]
    [InlineData($"t={T},v1={OtherSecretsV1}")]
    [InlineData($"t={T},v1=524fe749aeaceff7518d0b69568938e81809888a0f6ee113e43458bcc7ada75")]
    [InlineData($"t={T},v1={V1}0")]
    [InlineData($"t={T},v1=624fe749aeaceff7518d0b69568938e81809888a0f6ee113e43458bcc7ada753")]
    [InlineData($"t={T},v1=ｆ24fe749aeaceff7518d0b69568938e81809888a0f6ee113e43458bcc7ada753")]
    [InlineData($"t={T},v0={V1}")]
    [InlineData($"t={T},V1={V1}")]
    [InlineData($"t={T};v1={V1}")]
    [InlineData($"t={T},t={T},v1={V1}")]
    [InlineData($"t=1763748250,v1={V1}")]
    [InlineData($"t=+{T},v1={V1}")]
    [InlineData($"t=-{T},v1={V1}")]
    [InlineData($"t={T}.0,v1={V1}")]
    [InlineData($"t=99999999999999999999,v1={V1}")]
    [InlineData($"t=9223372036854775807,v1={V1}")]
    [InlineData($"t=١٧٦٣٧٤٨٢٤٩,v1={V1}")]
    [InlineData($"t=0{T},v1={V1}")]
    [InlineData(V1)]
    public void Anything_else_does_not(string? header) => Assert.False(IsValid(header));

    [Fact]
    public void The_time_is_signed_as_it_was_written() =>
        Assert.True(WebhookSignature.Parse($"t=0{T},v1={LeadingZeroV1}", At, out _)!.Matches("{}"u8, Secret));

    [Fact]
    public void Any_bytes_can_be_signed()
    {
        var body = Enumerable.Range(0, 256).Select(value => (byte)value).ToArray();

        Assert.True(WebhookSignature.Parse($"t={T},v1=fde16a05f09f76ce0efa463aac08e91ecb67c14ec555be31944afa973d561fa0", At, out _)!.Matches(body, Secret));
    }

    [Fact]
    public void An_empty_body_can_be_signed() =>
        Assert.True(WebhookSignature.Parse($"t={T},v1=5bdcf72253c8b7cf6d8b1ab7f9af9d3ebf0bb6f6909316e58b126cc4bd32d16a", At, out _)!.Matches([], Secret));

    [Fact]
    public void Another_secret_does_not_match() => Assert.False(WebhookSignature.Parse($"t={T},v1={V1}", At, out _)!.Matches(Encoding.UTF8.GetBytes(Body), Secret + "0"));

    [Theory]
    [InlineData(0, true)]
    [InlineData(299, true)]
    [InlineData(300, true)]
    [InlineData(300.5, false)]
    [InlineData(301, false)]
    [InlineData(-300, true)]
    [InlineData(-301, false)]
    [InlineData(86400, false)]
    public void It_holds_for_five_minutes_either_way(double secondsLater, bool valid) =>
        Assert.Equal(valid, WebhookSignature.Parse($"t={T},v1={V1}", At.AddSeconds(secondsLater), out _) is not null);

    [Fact]
    public void Every_changed_byte_of_the_body_is_noticed()
    {
        var signature = WebhookSignature.Parse($"t={T},v1={V1}", At, out _)!;
        var body = Encoding.UTF8.GetBytes(Body);

        Gen.Select(Gen.Int[0, body.Length - 1], Gen.Byte[1, 255]).Sample((index, change) =>
        {
            var tampered = body.ToArray();
            tampered[index] ^= change;
            return !signature.Matches(tampered, Secret);
        });
    }

    [Fact]
    public void No_header_makes_it_throw() => Gen.String.Sample(header => WebhookSignature.Parse(header, At, out _) is null);

    [Fact]
    public void More_signatures_than_any_rotation_needs_are_refused() =>
        Assert.Null(WebhookSignature.Parse($"t={T}," + string.Join(',', Enumerable.Repeat($"v1={V1}", 11)), At, out _));

    [Theory]
    [InlineData(null, "missing")]
    [InlineData("", "missing")]
    [InlineData("  ", "missing")]
    [InlineData(V1, "malformed")]
    [InlineData($"t={T}", "malformed")]
    [InlineData($"v1={V1}", "malformed")]
    [InlineData($"t={T},t={T},v1={V1}", "malformed")]
    [InlineData($"t=soon,v1={V1}", "malformed")]
    [InlineData($"t=1,v1={V1}", "stale")]
    [InlineData($"t=9763748249,v1={V1}", "stale")]
    public void What_is_wrong_with_a_header_is_said_in_a_word_of_this_apps(string? header, string fault)
    {
        Assert.Null(WebhookSignature.Parse(header, At, out var said));
        Assert.Equal(fault, said);
    }

    [Fact]
    public void A_header_that_is_longer_than_any_signatures_need_is_not_taken_apart()
    {
        Assert.NotNull(WebhookSignature.Parse($"t={T},v1={V1},".PadRight(2048, 'x'), At, out _));
        Assert.Null(WebhookSignature.Parse($"t={T},v1={V1},".PadRight(2049, 'x'), At, out var fault));
        Assert.Equal("malformed", fault);
    }

    private static bool IsValid(string? header) => WebhookSignature.Parse(header, At, out _)?.Matches(Encoding.UTF8.GetBytes(Body), Secret) ?? false;
}
