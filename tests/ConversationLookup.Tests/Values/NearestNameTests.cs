using ConversationLookup.Values;

namespace ConversationLookup.Tests.Values;

public sealed class NearestNameTests
{
    private static readonly string[] Names = ["callbackUrl", "events", "agentId", "businessPhoneNumber"];

    [Theory]
    [InlineData("callbackURL", "callbackUrl")]
    [InlineData("callback_url", "callbackUrl")]
    [InlineData("event", "events")]
    [InlineData("agent", "agentId")]
    [InlineData("agnetId", "agentId")]
    [InlineData("businessNumber", "businessPhoneNumber")]
    [InlineData("phone", "businessPhoneNumber")]
    [InlineData("colour", null)]
    [InlineData("", null)]
    public void A_misspelled_name_is_near_the_one_that_was_meant(string text, string? expected) => Assert.Equal(expected, NearestName.Of(text, Names));
}
