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
    [InlineData("+44( 0 )7700 900222")]
    [InlineData("+44.7700900222")] // as registries write it
    [InlineData("+44 7700.900222")]
    [InlineData("447700900222.0")] // a spreadsheet's
    [InlineData("+447700900222.00")]
    [InlineData("447700900222.000")]
    [InlineData("44 7700 900222.0")]
    [InlineData("447700900222.")]
    public void Any_usual_writing_is_the_same_number(string text) => Assert.Equal("+447700900222", PhoneNumbers.ToE164(text));

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
    [InlineData("07700900222")]
    [InlineData("(0)7700 900222")]
    [InlineData("+44 07700 900222")]
    [InlineData("4407700900222")]
    [InlineData("+49 0157 35550123")]
    [InlineData("+1 0202 555 0143")]
    [InlineData("+44770090022.5")] // a spreadsheet's, and no number of a phone
    [InlineData("44 7700 900222.5")]
    [InlineData("4.47700900222E+11")]
    [InlineData("+1")]
    [InlineData("US.13491208655302741918")]
    public void What_cannot_be_dialled_from_anywhere_is_no_number(string text) => Assert.Null(PhoneNumbers.ToE164(text));

    [Theory]
    [InlineData("+1 (202) 555.0143", "+12025550143")]
    [InlineData("+1 202.555.0100", "+12025550100")]
    [InlineData("+33 1.02.03.04.00", "+33102030400")]
    [InlineData("+39 06 698 82418", "+390669882418")] // Italy's numbers begin with 0
    [InlineData("+225 07 01 02 03 04", "+2250701020304")] // and the Ivory Coast's
    [InlineData("+229 01 02 03 04 05", "+2290102030405")]
    [InlineData("+242 06 123 4567", "+242061234567")]
    public void A_usual_writing_is_no_fraction_and_no_national_form(string text, string expected) => Assert.Equal(expected, PhoneNumbers.ToE164(text));

    [Theory]
    [InlineData("+683405", null)]
    [InlineData("+6834050", "+6834050")] // Niue's, the shortest
    [InlineData("+123456789012345", "+123456789012345")]
    [InlineData("+1234567890123456", null)]
    [InlineData("00123456789012345", "+123456789012345")]
    [InlineData("001234567890123456", null)]
    [InlineData("+1 2 3 4 5 6 7 8 9 0 1 2 3 4 5", "+123456789012345")]
    [InlineData("tel:tel:+447700900222", null)]
    [InlineData("TEL:+447700900222", "+447700900222")]
    [InlineData("tel:whatsapp:+447700900222", "+447700900222")]
    [InlineData("6834050.0", "+6834050")]
    [InlineData("683405.0", "+6834050")] // a separator: there are too few digits before it
    [InlineData("+44 7700 900222.00", "+447700900222")]
    [InlineData("+44 7700 900222.000", "+447700900222000")] // more than a spreadsheet writes behind blanks
    public void A_number_has_7_to_15_digits(string text, string? expected) => Assert.Equal(expected, PhoneNumbers.ToE164(text));

    [Theory]
    [InlineData("US.13491208655302741918", true)]
    [InlineData("US.ENT.11815799212886844830", true)]
    [InlineData("GB.abc123", true)]
    [InlineData("447700900222", false)]
    [InlineData("us.1", false)]
    [InlineData("US.", false)]
    [InlineData("US.12 34", false)]
    public void A_whatsapp_user_without_a_number_is_known_by_the_form_of_the_id(string text, bool isOne) => Assert.Equal(isOne, WhatsAppUserIds.Is(text));
}
