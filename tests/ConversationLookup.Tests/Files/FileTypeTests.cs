using System.Text;
using ConversationLookup.Files;

namespace ConversationLookup.Tests.Files;

/// <summary>What a file is and is called, as pure functions.</summary>
public sealed class FileTypeTests
{
    /// <summary>What is said, the first bytes (as Latin-1), and the type; nothing where the two do not fit.</summary>
    [Theory]
    [InlineData("image/jpeg", "\xFF\xD8\xFF\xE1", "image/jpeg")]
    [InlineData("IMAGE/JPEG; charset=binary", "\xFF\xD8\xFF", "image/jpeg")]
    [InlineData("image/webp", "RIFF1234WEBPVP8 ", "image/webp")]
    [InlineData("image/webp", "RIFF1234WEB", null)]
    [InlineData("image/gif", "GIF89a", "image/gif")]
    [InlineData("", "GIF89a", "image/gif")]
    [InlineData("image/*", "just text", null)]
    [InlineData("audio/ogg", "OggS\0", "audio/ogg")]
    [InlineData("audio/ogg; codecs=opus", "OggS\0", "audio/ogg")]
    [InlineData("video/ogg", "OggS\0", "video/ogg")]
    [InlineData("audio/mpeg", "ID3\x04", "audio/mpeg")]
    [InlineData("audio/mpeg", "\xFF\xFB\x90", "audio/mpeg")]
    [InlineData("audio/aac", "\xFF\xF1P", "audio/aac")]
    [InlineData("audio/amr", "#!AMR\n", "audio/amr")]
    [InlineData("audio/mpeg", "OggS\0", "audio/mpeg")] // a container of sound: what was said says more
    [InlineData("audio/wav", "RIFF1234WAVEfmt ", "audio/wav")]
    [InlineData("video/mp4", "\0\0\0\x18" + "ftypisom", "video/mp4")]
    [InlineData("audio/mp4", "\0\0\0\x18" + "ftypM4A ", "audio/mp4")]
    [InlineData("video/3gpp", "\0\0\0\x18" + "ftyp3gp4", "video/3gpp")]
    [InlineData("", "\0\0\0\x18" + "ftyp3gp4", "video/3gpp")]
    [InlineData("image/heic", "\0\0\0\x18" + "ftypheic", "image/heic")]
    [InlineData("image/jpeg", "\0\0\0\x18" + "ftypmp42", null)]
    [InlineData("video/quicktime", "\0\0\0\x18" + "ftypqt  ", "video/quicktime")] // each of these begins as several types do
    [InlineData("audio/x-m4a", "\0\0\0\x18" + "ftypM4A ", "audio/x-m4a")]
    [InlineData("audio/3gpp", "\0\0\0\x18" + "ftyp3gp4", "audio/3gpp")]
    [InlineData("image/avif", "\0\0\0\x18" + "ftypavif", "image/avif")]
    [InlineData("audio/webm", "\x1A\x45\xDF\xA3", "audio/webm")]
    [InlineData("video/webm", "\x1A\x45\xDF\xA3", "video/webm")]
    [InlineData("application/pdf", "%PDF-1.4", "application/pdf")]
    [InlineData("application/pdf", " %PDF-1.4", null)]
    [InlineData("application/octet-stream", "%PDF-1.4", "application/pdf")]
    [InlineData("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")]
    [InlineData("application/zip", "PK\x03\x04", "application/zip")]
    [InlineData("", "PK\x03\x04", "application/zip")]
    [InlineData("application/msword", "\xD0\xCF\x11\xE0", "application/msword")]
    [InlineData("image/png", "PK\x03\x04", null)]
    [InlineData("text/csv", "a,b\n1,2\n", "text/csv")]
    [InlineData("text/plain; charset=utf-8", "caf\xE9", "text/plain")]
    [InlineData("text/vcard", "BEGIN:VCARD", "text/vcard")]
    [InlineData("", "just text", "application/octet-stream")]
    [InlineData("nonsense", "just text", "application/octet-stream")]
    [InlineData("a/b\r\nX-Evil: 1", "just text", "application/octet-stream")]
    [InlineData("image/svg+xml", "<svg onload=alert(1)>", "application/octet-stream")]
    [InlineData("text/html", "<html><script>", "application/octet-stream")]
    [InlineData("text/javascript", "alert(1)", "application/octet-stream")]
    [InlineData("image/jpeg", "<html>", null)]
    [InlineData("text/plain", "<script>alert(1)</script>", "application/octet-stream")]
    [InlineData("application/x-msdownload", "MZ\x90", "application/octet-stream")]
    [InlineData("video/quicktime", "", "video/quicktime")]
    public void A_file_is_what_it_is_said_to_be_or_nothing(string declared, string start, string? type) =>
        Assert.Equal(type, FileType.Of(declared, Encoding.Latin1.GetBytes(start))?.Name);

    [Theory]
    [InlineData("image/jpeg", "<!doctype HTML>", true)]
    [InlineData("image/jpeg", "\n\t <HTML>", true)]
    [InlineData("", "<head>", true)]
    [InlineData("text/html; charset=utf-8", "<html>", false)]
    [InlineData("image/jpeg", "<htm", false)]
    public void A_page_instead_of_a_file_is_known(string declared, string start, bool isPage) =>
        Assert.Equal(isPage, FileType.IsPage(declared, Encoding.Latin1.GetBytes(start)));

    [Theory]
    [InlineData("https://m.example/a/door.jpg", "image/jpeg", ".jpg", "door.jpg")]
    [InlineData("https://m.example/a/door.JPEG?x=1", "image/jpeg", ".jpg", "door.JPEG")]
    [InlineData("https://m.example/a/door.jpg", "image/png", ".png", "message-1.png")] // it would be opened as what it is not
    [InlineData("https://m.example/a/door", "image/png", ".png", "message-1.png")]
    [InlineData("https://m.example/", "image/png", ".png", "message-1.png")]
    [InlineData("https://m.example/.png", "image/png", ".png", "message-1.png")]
    [InlineData("https://m.example/..%2F..%2Fetc%2Fpasswd.png", "image/png", ".png", ".._.._etc_passwd.png")]
    [InlineData("https://m.example/caf%C3%A9%20menu.pdf", "application/pdf", ".pdf", "café menu.pdf")]
    [InlineData("https://m.example/a%22%0D%0Ab.pdf", "application/pdf", ".pdf", "a___b.pdf")]
    [InlineData("https://m.example/notes.md", "application/octet-stream", ".bin", "notes.md")]
    [InlineData("https://m.example/setup.exe", "application/octet-stream", ".bin", "message-1.bin")]
    [InlineData("https://m.example/page.html", "application/octet-stream", ".bin", "message-1.bin")]
    public void A_file_is_called_what_its_address_says_if_that_fits(string address, string type, string ending, string name) =>
        Assert.Equal(name, FileName.Of(new Uri(address), "message", 1, new FileType(type, ending)));

    /// <summary>The first bytes (as Latin-1) of each type that is known by them, with nobody to say what it is.</summary>
    [Theory]
    [InlineData("\xFF\xD8\xFF", "image/jpeg", ".jpg")]
    [InlineData("\xFF\xD8", "application/octet-stream", ".bin")]
    [InlineData("\x89PNG\r\n\x1A\n", "image/png", ".png")]
    [InlineData("GIF87a", "image/gif", ".gif")]
    [InlineData("RIFF1234WEBP", "image/webp", ".webp")]
    [InlineData("RIFF1234WAVE", "audio/wav", ".wav")]
    [InlineData("RIFF1234AVI ", "video/x-msvideo", ".avi")]
    [InlineData("RIFF1234AVI", "application/octet-stream", ".bin")]
    [InlineData("%PDF-1.7", "application/pdf", ".pdf")]
    [InlineData("OggS", "audio/ogg", ".ogg")]
    [InlineData("#!AMR", "audio/amr", ".amr")]
    [InlineData("ID3", "audio/mpeg", ".mp3")]
    [InlineData("\xFF\xFB", "audio/mpeg", ".mp3")]
    [InlineData("\xFF\xF3", "audio/mpeg", ".mp3")]
    [InlineData("\xFF\xF2", "audio/mpeg", ".mp3")]
    [InlineData("\xFF\xF1", "audio/aac", ".aac")]
    [InlineData("\xFF\xF9", "audio/aac", ".aac")]
    [InlineData("\x1A\x45\xDF\xA3", "video/webm", ".webm")]
    [InlineData("PK\x03\x04", "application/zip", ".zip")]
    [InlineData("\xD0\xCF\x11\xE0", "application/octet-stream", ".bin")]
    [InlineData("MZ", "application/octet-stream", ".bin")]
    [InlineData("\x7F" + "ELF", "application/octet-stream", ".bin")]
    [InlineData("1234ftypheic", "image/heic", ".heic")]
    [InlineData("1234ftypheix", "image/heic", ".heic")]
    [InlineData("1234ftypmif1", "image/heic", ".heic")]
    [InlineData("1234ftypavif", "image/heic", ".heic")]
    [InlineData("1234ftypM4A ", "audio/mp4", ".m4a")]
    [InlineData("1234ftyp3gp5", "video/3gpp", ".3gp")]
    [InlineData("1234ftypisom", "video/mp4", ".mp4")]
    [InlineData("1234ftypiso", "application/octet-stream", ".bin")]
    public void A_file_of_which_nothing_is_said_is_known_by_its_first_bytes(string start, string type, string ending) =>
        Assert.Equal(new FileType(type, ending), FileType.Of("", Encoding.Latin1.GetBytes(start)));

    /// <summary>A type with what another type begins with is refused, so that nothing is opened as what it is not.</summary>
    [Theory]
    [InlineData("image/png", "\xFF\xD8\xFF")]
    [InlineData("audio/ogg", "just text")]
    [InlineData("application/pdf", "OggS")]
    [InlineData("image/png", "MZ")]
    [InlineData("text/plain", "\x7F" + "ELF")]
    [InlineData("audio/mpeg", "1234ftypheic")]
    [InlineData("image/webp", "just text")]
    [InlineData("video/webm", "just text")]
    public void What_begins_as_another_type_is_nothing(string declared, string start)
    {
        var type = FileType.Of(declared, Encoding.Latin1.GetBytes(start));

        Assert.True(type is null || type.Name.StartsWith("image/", StringComparison.Ordinal) && declared.StartsWith("image/", StringComparison.Ordinal), type?.Name);
        Assert.NotEqual(declared, type?.Name);
    }

    [Theory]
    [InlineData("application/msword", ".doc")]
    [InlineData("application/vnd.ms-excel", ".xls")]
    [InlineData("application/vnd.ms-powerpoint", ".ppt")]
    [InlineData("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx")]
    [InlineData("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx")]
    [InlineData("application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx")]
    [InlineData("audio/mp4", ".m4a")]
    [InlineData("video/3gpp", ".3gp")]
    [InlineData("text/plain", ".txt")]
    [InlineData("text/csv", ".csv")]
    [InlineData("text/vcard", ".vcf")]
    [InlineData("text/calendar", ".ics")]
    [InlineData("application/json", ".json")]
    [InlineData("video/quicktime", ".mp4")]
    [InlineData("font/woff2", ".bin")]
    public void A_type_without_first_bytes_of_its_own_has_the_ending_that_programs_know(string declared, string ending) =>
        Assert.Equal(new FileType(declared, ending), FileType.Of(declared, "just text"u8));

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/xhtml+xml")]
    [InlineData("image/svg+xml")]
    [InlineData("text/xml")]
    [InlineData("application/xml")]
    [InlineData("text/javascript")]
    [InlineData("application/javascript")]
    public void What_runs_where_it_is_opened_goes_out_as_bytes(string declared) =>
        Assert.Equal(new FileType("application/octet-stream", ".bin"), FileType.Of(declared, "just text"u8));

    [Theory]
    [InlineData("<!DOCTYPE html>")]
    [InlineData("\uFEFF <html>")]
    [InlineData("\r\n\t<head>")]
    [InlineData("<body>")]
    [InlineData("<script>")]
    public void A_page_is_known_by_each_of_its_beginnings(string start) => Assert.True(FileType.IsPage("image/jpeg", Encoding.UTF8.GetBytes(start)));

    [Theory]
    [InlineData("a.jpeg", ".jpg")]
    [InlineData("a.oga", ".ogg")]
    [InlineData("a.opus", ".ogg")]
    [InlineData("a.mp4", ".m4a")]
    [InlineData("a.m4a", ".mp4")]
    [InlineData("a.3gpp", ".3gp")]
    [InlineData("a.mpga", ".mp3")]
    [InlineData("a.MPEG", ".mp3")]
    public void Two_endings_may_say_the_same(string name, string ending) => Assert.Equal(name, NameOf(name, ending));

    [Theory]
    [InlineData("a.oga", ".jpg")]
    [InlineData("a.jpg", ".jpeg2")]
    [InlineData("a.mp4", ".mp3")]
    [InlineData("a.", ".bin")]
    [InlineData(".bin", ".bin")]
    public void An_ending_that_says_another_type_is_not_kept(string name, string ending) => Assert.Equal($"message-1{ending}", NameOf(name, ending));

    [Theory]
    [InlineData(".exe")]
    [InlineData(".dll")]
    [InlineData(".com")]
    [InlineData(".scr")]
    [InlineData(".msi")]
    [InlineData(".bat")]
    [InlineData(".cmd")]
    [InlineData(".PS1")]
    [InlineData(".vbs")]
    [InlineData(".js")]
    [InlineData(".jar")]
    [InlineData(".lnk")]
    [InlineData(".hta")]
    [InlineData(".html")]
    [InlineData(".htm")]
    [InlineData(".svg")]
    [InlineData(".sh")]
    public void Nothing_is_called_a_program(string ending) => Assert.Equal("message-1.bin", NameOf($"a{ending}", ".bin"));

    [Fact]
    public void A_name_has_100_characters_at_most_and_so_has_the_messages_id_in_one()
    {
        var (most, id) = (new string('a', 96) + ".jpg", new string('b', 101));

        Assert.Equal(most, NameOf(most, ".jpg"));
        Assert.Equal("message-1.jpg", NameOf($"a{most}", ".jpg"));
        Assert.Equal($"{id[..100]}-2.jpg", FileName.Of(new Uri("https://m.example/"), id, 2, new FileType("image/jpeg", ".jpg")));
    }

    private static string NameOf(string name, string ending) => FileName.Of(new Uri($"https://m.example/{name}"), "message", 1, new FileType("any/type", ending));
}
