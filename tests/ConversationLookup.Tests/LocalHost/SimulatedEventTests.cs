using System.Text.Json;
using ConversationLookup.LocalHost.SampleWassist;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>What a person writes to have something happen in the sample.</summary>
public sealed class SimulatedEventTests
{
    [Theory]
    [InlineData("", "Hello from the sample")]
    [InlineData(" ", "Hello from the sample")]
    [InlineData("{}", "Hello from the sample")]
    [InlineData("""{"text":"Is it there?"}""", "Is it there?")]
    [InlineData("""{"text":""}""", "")]
    [InlineData("""{"buttonText":"Yes","buttonId":"yes"}""", "Yes")]
    [InlineData("""{"text":"Oh","buttonText":"Yes"}""", "Oh")]
    [InlineData("""{"media":[{"url":"https://m.example/a.jpg"}]}""", "")]
    public void Its_text_is_what_a_contact_would_have_written(string json, string body) => Assert.Equal(body, SimulatedEvent.Read(json).Body);

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"message":"Hello"}""")]
    [InlineData("""{"text":5}""")]
    public void What_is_none_is_refused(string json) => Assert.Throws<JsonException>(() => SimulatedEvent.Read(json));

    [Fact]
    public void Buttons_and_media_have_Wassists_names()
    {
        var read = SimulatedEvent.Read("""{"buttonText":"Yes","buttonId":"yes","media":[{"url":"https://m.example/a.jpg"},{"url":"https://m.example/b","type":"audio/ogg"},{"url":"https://m.example/c"}]}""");

        Assert.Equal("""[{"text":"Yes","quickReplyId":"yes"}]""", read.ButtonsOfWassist().ToJsonString());
        Assert.Equal(
            """[{"url":"https://m.example/a.jpg","mimeType":"image/jpeg"},{"url":"https://m.example/b","mimeType":"audio/ogg"},{"url":"https://m.example/c","mimeType":null}]""",
            read.MediaOfWassist().ToJsonString());
        Assert.Empty(SimulatedEvent.Read("{}").ButtonsOfWassist());
    }
}
