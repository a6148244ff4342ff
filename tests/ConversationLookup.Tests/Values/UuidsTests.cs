using ConversationLookup.Values;

namespace ConversationLookup.Tests.Values;

public sealed class UuidsTests
{
    [Theory]
    [InlineData("7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33")]
    [InlineData("7C1E4B52-3F0A-4D7E-9B6F-2A4D8C0E1F33")]
    [InlineData("7c1e4b52-3F0A-4d7e-9b6f-2a4d8C0E1F33")]
    public void Groups_of_hexadecimal_digits_are_read_in_any_case(string text)
    {
        Assert.True(Uuids.TryParse(text, out var uuid));
        Assert.Equal("7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33", uuid.ToString("D"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("7c1e4b523f0a4d7e9b6f2a4d8c0e1f33")]
    [InlineData("{7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33}")]
    [InlineData("(7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33)")]
    [InlineData(" 7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33")]
    [InlineData("7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33 ")]
    [InlineData("7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33\n")]
    [InlineData("0x1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33")]
    [InlineData("+c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33")]
    [InlineData(" c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33")]
    [InlineData("7c1e4b52-0xfa-4d7e-9b6f-2a4d8c0e1f33")]
    [InlineData("7c1e4b52-+f0a-4d7e-9b6f-2a4d8c0e1f33")]
    [InlineData("7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f3")]
    [InlineData("7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f333")]
    [InlineData("7c1e4b5-23f0a-4d7e-9b6f-2a4d8c0e1f33")]
    [InlineData("7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1g33")]
    [InlineData("７c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33")] // a full-width digit
    public void Nothing_else_is_one(string? text) => Assert.False(Uuids.TryParse(text, out _));
}
