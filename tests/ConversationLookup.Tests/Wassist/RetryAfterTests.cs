using System.Globalization;
using System.Text;
using ConversationLookup.Problems;
using ConversationLookup.Wassist;

namespace ConversationLookup.Tests.Wassist;

/// <summary>How long an answer asks to wait.</summary>
public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_failing_Wassist_is_to_be_asked_again_when_it_says_or_in_a_minute()
    {
        var (says, silent) = (Catalogue.UpstreamUnavailable("503", TimeSpan.FromSeconds(17)), Catalogue.UpstreamUnavailable("503"));

        Assert.StartsWith("Wassist is failing and asks callers to wait. Try again after the time in 'Retry-After'.", says.Detail, StringComparison.Ordinal);
        Assert.StartsWith("Several attempts failed. Try again in a minute.", silent.Detail, StringComparison.Ordinal);
        Assert.Equal((17, null), (says.RetryAfterSeconds, silent.RetryAfterSeconds));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    [InlineData("3600", 3600)]
    [InlineData("3601", 3600)]
    [InlineData("2147483647", 3600)]
    [InlineData("Thu, 26 Nov 2026 12:00:17 GMT", 17)]
    [InlineData("Thu, 26 Nov 2026 12:00:00 GMT", 0)]
    [InlineData("Thu, 26 Nov 2026 11:59:59 GMT", 0)]
    [InlineData("Thu, 26 Nov 2026 13:00:01 GMT", 3600)]
    [InlineData("soon", null)]
    [InlineData("-1", null)]
    [InlineData("1.5", null)]
    [InlineData(null, null)]
    public void The_header_says_seconds_or_a_date_and_nothing_beyond_an_hour(string? header, int? seconds)
    {
        using var response = new HttpResponseMessage();
        if (header is not null)
            response.Headers.TryAddWithoutValidation("Retry-After", header);

        Assert.Equal(seconds, RetryAfter.FromHeader(response.Headers, Now)?.TotalSeconds);
    }

    [Theory]
    [InlineData("""{"retry_after":17}""", "17")]
    [InlineData("""{"retry_after":0.25}""", "0.25")]
    [InlineData("""{"retry_after":"17"}""", "17")]
    [InlineData("""{"retry_after":-1}""", "0")]
    [InlineData("""{"retry_after":3601}""", "3600")]
    [InlineData("""{"retry_after":1e300}""", "3600")]
    [InlineData("""{"retry_after":null}""", null)]
    [InlineData("""{"retry_after":NaN}""", null)]
    [InlineData("""{"retry_after":[17]}""", null)]
    [InlineData("""{"detail":"Request was throttled. Expected available in 37 seconds."}""", "37")]
    [InlineData("""{"detail":"available in 1 second"}""", "1")]
    [InlineData("available in 2.5s", "2.5")]
    [InlineData("IN 3 SEC", "3")]
    [InlineData("in 4 secs", "4")]
    [InlineData("in 999999999 seconds", "3600")]
    [InlineData("in 9999999999 seconds", null)]
    [InlineData("within 5 seconds", null)]
    [InlineData("in 5 minutes", null)]
    [InlineData("in 5 segments", null)]
    [InlineData("""{"retry_after":2,"detail":"in 37 seconds"}""", "2")]
    [InlineData("", null)]
    [InlineData("<html>", null)]
    public void A_body_says_so_in_a_property_or_in_words(string body, string? seconds) => Assert.Equal(
        seconds is null ? null : double.Parse(seconds, CultureInfo.InvariantCulture), RetryAfter.FromBody(Encoding.UTF8.GetBytes(body))?.TotalSeconds);

    [Fact]
    public void Words_are_looked_for_in_the_first_four_kibibytes()
    {
        const string words = " in 37 seconds";

        Assert.NotNull(RetryAfter.FromBody(Encoding.UTF8.GetBytes(new string('.', 4096 - words.Length) + words)));
        Assert.Null(RetryAfter.FromBody(Encoding.UTF8.GetBytes(new string('.', 4096) + words)));
    }
}
