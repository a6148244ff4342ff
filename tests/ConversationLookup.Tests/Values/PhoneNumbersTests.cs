using ConversationLookup.Values;

namespace ConversationLookup.Tests.Values;

public sealed class PhoneNumbersTests
{
    [Theory]
    [InlineData("+447700900222")]
    [InlineData("+44 7700 900222")]
    [InlineData(" 44 7700 900222")] // a '+' that an address turned into a blank
    [InlineData("00447700900222")]
    [InlineData("0044 7700 900222")]
    [InlineData("447700900222")]
    [InlineData("+44 (0)7700 900222")]
    [InlineData("0044 (0) 7700-900-222")]
    [InlineData("+44-7700-900-222")]
    [InlineData("+44\u20117700\u2013900222")] // non-breaking hyphen, en dash
    [InlineData("+44.7700.900/222")]
    [InlineData("+44\u00a07700\u202f900222")] // blanks that do not break
    [InlineData("\u202a+447700900222\u202c")] // as copied from a contact
    [InlineData("tel:+447700900222")]
    [InlineData("whatsapp:+447700900222")]
    public void Any_usual_writing_is_the_same_number(string text) =>
        Assert.Equal("+447700900222", PhoneNumbers.FromCaller(text));

    [Theory]
    [InlineData("07700 900222")] // whose country?
    [InlineData("+07700900222")]
    [InlineData("12345")]
    [InlineData("+1234567890123456")]
    [InlineData("the shop")]
    [InlineData("+44 7700 900222 ext. 5")]
    [InlineData("++447700900222")]
    [InlineData("٤٤٧٧٠٠٩٠٠٢٢٢")]
    [InlineData("")]
    public void What_cannot_be_dialled_from_anywhere_is_no_number(string text) => Assert.Null(PhoneNumbers.FromCaller(text));

    [Theory]
    [InlineData("447700900222", "+447700900222")]
    [InlineData("+1", "+1")]
    [InlineData("US.13491208655302741918", null)] // WhatsApp's user id
    public void Of_Wassist_any_digits_are_taken(string text, string? expected) => Assert.Equal(expected, PhoneNumbers.ToE164(text));
}
