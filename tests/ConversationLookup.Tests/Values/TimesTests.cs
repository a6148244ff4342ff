using System.Globalization;
using ConversationLookup.Values;

namespace ConversationLookup.Tests.Values;

public sealed class TimesTests
{
    [Theory]
    [InlineData("2026-10-25T01:30:00+00:00", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25T01:30:00+0000", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25T01:30:00+00", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25T01:30:00-00:00", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25 01:30:00 +0000", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25t01:30:00z", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25 01:30:00", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25T01:30", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25T01:30Z", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25", "2026-10-25T00:00:00Z")]
    [InlineData("2026-10-25Z", "2026-10-25T00:00:00Z")]
    [InlineData(" 2026-10-25T01:30:00Z ", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25T03:30:00+02:00", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25T07:00:00+0530", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-24T18:30:00-07", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25T15:30:00+14:00", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25T02:29:00+00:59", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25T01:30:00.5+00:00", "2026-10-25T01:30:00.5Z")]
    [InlineData("2026-10-25T01:30:00,123456789Z", "2026-10-25T01:30:00.1234567Z")]
    [InlineData("1792891800", "2026-10-25T01:30:00Z")]
    [InlineData("1792891800.25", "2026-10-25T01:30:00.25Z")]
    [InlineData("1792891800250", "2026-10-25T01:30:00.25Z")]
    [InlineData("1.7928918E9", "2026-10-25T01:30:00Z")]
    public void A_time_is_read_as_it_is_meant(string text, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal), Times.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("10:00")]
    [InlineData("2026")]
    [InlineData("20261025")] // a date, or seconds in 1970?
    [InlineData("20261025013000")]
    [InlineData("0")]
    [InlineData("-1792891800")]
    [InlineData("1e999")]
    [InlineData("2026-02-30")]
    [InlineData("2026-10-25T24:00:00Z")]
    [InlineData("2026-10-25T01:30:60Z")]
    [InlineData("2026-10-25T01:30.5Z")]
    [InlineData("2026-10-25T01:30:00 02:00")] // in an address the plus became a blank
    [InlineData("2026-10-25T01:30:00+15:00")]
    [InlineData("2026-10-25T01:30:00+00:60")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    [InlineData("25.10.2026")]
    [InlineData("\u0662\u0660\u0662\u0666-10-25")]
    public void What_may_be_another_time_is_none(string text) => Assert.Null(Times.Parse(text));
}
