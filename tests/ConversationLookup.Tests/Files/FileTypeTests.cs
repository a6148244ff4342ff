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
}
