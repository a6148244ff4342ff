using ConversationLookup.Values;

namespace ConversationLookup.Tests.Values;

public sealed class TextsTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData(" , ;", "")]
    [InlineData("a", "a")]
    [InlineData(" a ,b;c d ;; ", "a|b|c d")]
    public void A_setting_has_entries_between_commas_or_semicolons(string? setting, string entries) => Assert.Equal(entries, string.Join('|', Texts.Split(setting)));

    [Fact]
    public void A_text_has_a_thousand_characters_at_most_and_an_id_250()
    {
        var text = string.Concat(Enumerable.Range(0, 1001).Select(index => (char)('a' + (index % 26))));

        Assert.Equal((text[..1000], text[..1000], text[..250], text[..250]), (Texts.Cut(text), Texts.Cut(text[..1000]), Texts.CutId(text), Texts.CutId(text[..250])));
        Assert.Equal((null, null, ""), (Texts.Cut(null), Texts.CutId(null), Texts.Cut("")));
    }

    /// <summary>Half of one is no text in JSON.</summary>
    [Fact]
    public void No_emoji_is_cut_in_two()
    {
        var before = new string('a', 998);

        Assert.Equal(before + "🙂", Texts.Cut(before + "🙂🙂"));
        Assert.Equal(before + "a", Texts.Cut(before + "a🙂"));
    }
}
