using System.Text.Json;
using ConversationLookup.Actions;
using ConversationLookup.Http;
using ConversationLookup.Problems;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Actions;

/// <summary>What makes a repeat of an action known as one.</summary>
public sealed class IdempotencyKeyTests
{
    private static readonly string Longest = new('k', 255);

    public static TheoryData<string?, string?, string?, string?, string?> Given => new()
    {
        // header, property, run, tracking, key
        { null, null, null, null, null },
        { "a", null, null, null, "a" },
        { "\"a\"", null, null, null, "a" },
        { "  a  ", null, null, null, "a" },
        { null, "a", null, null, "a" },
        { "a", "a", null, null, "a" },
        { "\"a\"", "a", null, null, "a" },
        { "", "a", null, null, "a" },
        { "a", "", null, null, "a" },
        { Longest, null, null, null, Longest },
        { null, Longest, null, null, Longest },
        { "!", null, null, null, "!" },
        { "~", null, null, null, "~" },
        { null, null, "run", "tracking", "run/tracking" },
        { null, null, "run", null, null },
        { null, null, null, "tracking", null },
        { null, null, "a run", "tracking", null },
        { null, null, Longest, Longest, $"{Longest}/{Longest}" },
        { null, null, Longest + "r", "tracking", null },
        { "a", null, "run", "tracking", "a" },
        { null, "a", "run", "tracking", "a" },
    };

    [Theory]
    [MemberData(nameof(Given))]
    public void The_header_comes_first_then_the_property_then_what_the_platform_sends(string? header, string? property, string? run, string? tracking, string? key)
    {
        Assert.Equal((key, null), Read(header, property, run, tracking));
    }

    [Theory]
    [InlineData("a b", null, "in the header 'Idempotency-Key' must be 1 to 255 characters")]
    [InlineData("é", null, "in the header 'Idempotency-Key' must be 1 to 255 characters")]
    [InlineData("a\u007f", null, "in the header 'Idempotency-Key' must be 1 to 255 characters")]
    [InlineData("256", null, "in the header 'Idempotency-Key' must be 1 to 255 characters")]
    [InlineData(null, "a b", "must be 1 to 255 characters")]
    [InlineData(null, "é", "must be 1 to 255 characters")]
    [InlineData(null, "256", "the most that are possible are 255")]
    [InlineData("a", "b", "differs from the header 'Idempotency-Key'")]
    public void One_that_no_header_can_carry_or_that_is_two_is_refused(string? header, string? property, string fault)
    {
        var (_, detail) = Read(header == "256" ? Longest + "k" : header, property == "256" ? Longest + "k" : property, null, null);

        Assert.Contains(fault, detail, StringComparison.Ordinal);
    }

    /// <returns>The key, and what is wrong.</returns>
    private static (string? Key, string? Fault) Read(string? header, string? property, string? run, string? tracking)
    {
        var headers = new HeaderDictionary();
        foreach (var (name, value) in new[] { (IdempotencyKey.Header, header), (IdempotencyKey.RunHeader, run), (IdempotencyKey.TrackingHeader, tracking) })
        {
            if (value is not null)
                headers[name] = value;
        }

        try
        {
            return (BodyProperties.Read(JsonSerializer.SerializeToUtf8Bytes(new { idempotencyKey = property }), body => IdempotencyKey.Read(headers, body), []), null);
        }
        catch (ProblemException exception)
        {
            return (null, exception.Problem.Detail);
        }
    }
}
