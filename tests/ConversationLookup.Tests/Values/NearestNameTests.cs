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
    [InlineData("EVE", "events")]
    [InlineData("ev", null)] // is in too many names
    [InlineData("evxxxs", "events")]
    [InlineData("exxxxs", null)] // more than half of it is another
    [InlineData("colour", null)]
    [InlineData("", null)]
    public void A_misspelled_name_is_near_the_one_that_was_meant(string text, string? expected) => Assert.Equal(expected, NearestName.Of(text, Names));

    [Fact]
    public void Of_several_that_hold_it_the_shortest_is_meant_and_else_the_one_with_the_fewest_changes()
    {
        Assert.Equal("agentId", NearestName.Of("agent", ["agentIdentifier", "agentId", "agentIdent"]));
        Assert.Equal("events", NearestName.Of("evants", ["evonks", "events", "ovents"]));
    }

    [Fact]
    public void Nothing_is_near_a_text_of_more_than_40_characters()
    {
        var name = new string('a', 45);

        Assert.Equal(name, NearestName.Of(name[..40], [name]));
        Assert.Null(NearestName.Of(name[..41], [name]));
    }

    [Fact]
    public void A_hint_is_a_question_or_nothing() => Assert.Equal((" Did you mean 'events'?", ""), (NearestName.HintAt("event", Names), NearestName.HintAt("colour", Names)));

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ab", "ba", 2)]
    [InlineData("flaw", "lawn", 2)]
    public void Changes_are_letters_to_change_to_add_or_to_leave_out(string from, string to, int changes) => Assert.Equal(changes, NearestName.Changes(from, to));
}
