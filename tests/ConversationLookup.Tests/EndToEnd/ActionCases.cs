using System.Text.Json;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.EndToEnd;

/// <summary>
/// Actions and what makers pick from, over HTTP, the same for the local host and the worker. On this machine only: behind a deployed app
/// there are people.
/// </summary>
public abstract class ActionCases(AppUnderTest app)
{
    private readonly AppUnderTest _app = app.OrSkip();

    private const string Conversation = "conversations/7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33";

    /// <summary>Every action with a body that is right, and its status.</summary>
    public static TheoryData<string, string, string, int> Actions => new()
    {
        { "SendMessage", $"{Conversation}/messages", """{"text":"Which day suits you?","footer":"Harbour Shop","buttons":[{"text":"Monday","id":"mon"},{"text":"Friday","id":"fri"}]}""", 200 },
        { "SendMessage", $"{Conversation}/messages", """{"text":"👩‍👩‍👧‍👦 你好","mediaUrl":"https://media.example/receipt-5512.png"}""", 200 },
        { "SendTemplate", $"{Conversation}/template", """{"templateName":"order_update","values":{"body_1":"Amara","body_2":5512,"button_1":"5512"}}""", 200 },
        { "SendTemplate", $"{Conversation}/template", """{"templateName":"appointment_reminder","values":{"header_day":"Monday","body_first_name":"Amara","body_time":"10:30"}}""", 200 },
        { "PromptAgent", $"{Conversation}/prompt", """{"prompt":"Ask for the order number."}""", 200 },
        { "TakeOver", $"{Conversation}/takeover", """{"minutes":30}""", 200 },
        { "HandBack", $"{Conversation}/handback", "{}", 200 },
        { "MarkRead", $"{Conversation}/read", "", 200 },
        { "ShowTyping", $"{Conversation}/typing", "", 200 },
        { "StartConversation", "conversations", """{"toPhoneNumber":"+44 7700 900222","templateName":"opening_hours"}""", 201 },
    };

    [Theory]
    [MemberData(nameof(Actions))]
    public async Task An_action_answers_what_the_definition_says_and_a_repeat_the_same(string operationId, string path, string body, int status)
    {
        Assert.SkipUnless(_app.IsLocal, "Nothing is sent through an app that somebody uses.");
        var key = Guid.NewGuid().ToString();

        var answer = await PostAsync(path, body, key);
        var again = await PostAsync(path, body, key);

        Assert.True(answer.StatusCode == status, answer.Text);
        _app.Definition.AssertKept(operationId, answer);
        if (answer.Body.TryGetProperty("confirmedBy", out _))
            PayloadContract.AssertSentMessage(answer.Body);
        else
            PayloadContract.AssertSummary(answer.Body);
        Assert.Equal(answer.Text, again.Text);
    }

    [Fact]
    public async Task A_message_is_in_the_conversation_afterwards_and_once()
    {
        Assert.SkipUnless(_app.IsLocal, "Nothing is sent through an app that somebody uses.");
        var text = $"Nothing twice {Guid.NewGuid():N}";
        var key = Guid.NewGuid().ToString();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PostAsync($"{Conversation}/messages", JsonSerializer.Serialize(new { text }), key)));

        var messages = (await _app.GetAsync($"{Conversation}/messages?limit=20")).IsMessagePage();
        Assert.Single(messages["items"].EnumerateArray(), message => message.GetProperty("text").GetString() == text);
    }

    [Theory]
    [InlineData("ListAgents", "agents")]
    [InlineData("ListBusinessNumbers", "business-numbers")]
    [InlineData("ListTemplates", "templates?businessPhoneNumber=%2B447700900111")]
    [InlineData("GetTemplateSchema", "templates/order_update/schema?businessPhoneNumber=%2B447700900111")]
    public async Task What_a_maker_picks_from_is_what_the_definition_says(string operationId, string path)
    {
        Assert.SkipUnless(_app.IsLocal, "The templates are the sample's.");

        _app.Definition.AssertKept(operationId, (await _app.GetAsync(path)).Is(200, "ok"));
    }

    [Theory]
    [InlineData($"{Conversation}/messages", """{"text":""}""", 400, "invalid_parameter")]
    [InlineData($"{Conversation}/messages", """{"text":"a","buttons":[{"text":"b"}]}""", 400, "invalid_parameter")]
    [InlineData($"{Conversation}/messages", "[]", 400, "invalid_body")]
    [InlineData("conversations/Amara/messages", """{"text":"a"}""", 400, "invalid_conversation_id")]
    [InlineData("conversations/11111111-2222-4333-8444-555555555555/messages", """{"text":"a"}""", 404, "conversation_not_found")]
    [InlineData("conversations/e8f21c06-7d3b-4a95-92be-6c5d0f1a8b77/messages", """{"text":"a"}""", 409, "reply_window_closed")]
    [InlineData("conversations/5b7d3e91-c6a2-4480-b9f5-0e8a1c4d7f66/template", """{"templateName":"opening_hours"}""", 400, "invalid_parameter")]
    [InlineData($"{Conversation}/template", """{"templateName":"order_updat"}""", 404, "template_not_found")]
    [InlineData($"{Conversation}/template", """{"templateName":"order_update","values":{"body_1":"a"}}""", 400, "invalid_parameter")]
    [InlineData($"{Conversation}/takeover", """{"minutes":-1}""", 400, "invalid_parameter")]
    [InlineData("conversations", """{"toPhoneNumber":"07700 900222"}""", 400, "invalid_parameter")]
    public async Task What_is_wrong_is_refused(string path, string body, int status, string code)
    {
        Assert.SkipUnless(_app.IsLocal, "Nothing is sent through an app that somebody uses.");

        (await PostAsync(path, body, null)).Is(status, code);
    }

    private Task<Answer> PostAsync(string path, string body, string? key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return _app.SendAsync(request);
    }
}
