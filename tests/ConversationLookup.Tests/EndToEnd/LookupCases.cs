using System.Net;

namespace ConversationLookup.Tests.EndToEnd;

/// <summary>Lookups over HTTP, the same for the local host, the worker and a deployed app.</summary>
public abstract class LookupCases(AppUnderTest app)
{
    private readonly AppUnderTest _app = app.OrSkip();

    [Fact]
    public async Task The_app_is_well_and_says_so_without_a_key()
    {
        var health = await _app.SendAsIsAsync(new HttpRequestMessage(HttpMethod.Get, "health"));

        Assert.True(health.Status == HttpStatusCode.OK, health.Text);
        Assert.Equal(["apiKey", "upstream", "redis", "triggers", "webhook"], health["checks"].EnumerateArray().Select(check => check.GetProperty("name").GetString()));
        Assert.All(health["checks"].EnumerateArray(), check => Assert.NotEqual("", check.GetProperty("detail").GetString()));
    }

    [Fact]
    public void The_definition_is_for_this_very_app()
    {
        var (scheme, host) = (_app.Definition.Json["schemes"]![0]!.ToString(), _app.Definition.Json["host"]!.ToString());

        Assert.Equal((_app.Root.Scheme, _app.Root.Authority), (scheme, host));
    }

    [Fact]
    public async Task A_conversation_is_found_looked_up_and_read()
    {
        var found = await _app.AnyConversationAsync();
        var id = found.GetProperty("id").GetString();

        var conversation = (await _app.GetAsync($"conversations/{id}")).IsSummary();
        var messages = (await _app.GetAsync($"conversations/{id}/messages?limit=5")).IsMessagePage();

        _app.Definition.AssertKept("GetConversation", conversation);
        _app.Definition.AssertKept("ListMessages", messages);
        Assert.Equal(found.GetProperty("contactPhoneNumber").GetString(), conversation["contactPhoneNumber"].GetString());
        Assert.Equal(id, messages["conversationId"].GetString());
    }

    [Fact]
    public async Task A_contacts_number_in_any_usual_writing_finds_the_conversation()
    {
        var found = await _app.AnyConversationAsync();
        var digits = found.GetProperty("contactPhoneNumber").GetString()![1..];

        foreach (var written in (string[])[$"%2B{digits}", $"00{digits}", digits, $"%2B{digits[..2]}%20{digits[2..]}"])
        {
            var page = (await _app.GetAsync($"conversations?contactPhoneNumber={written}")).IsConversationPage();
            _app.Definition.AssertKept("FindConversations", page);
            Assert.Contains(found.GetProperty("id").GetString(), page["items"].EnumerateArray().Select(item => item.GetProperty("id").GetString()));
        }
    }

    [Fact]
    public async Task Only_the_wanted_fields_are_answered()
    {
        var id = (await _app.AnyConversationAsync()).GetProperty("id").GetString();

        var answer = await _app.GetAsync($"conversations/{id}?fields=handledBy,contactName");

        Assert.Equal(["id", "contactName", "handledBy"], answer.Is(200, "ok").Body.EnumerateObject().Select(property => property.Name));
    }

    [Theory]
    [InlineData("conversations/42", 400, "invalid_conversation_id")]
    [InlineData("conversations/%7B7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33%7D", 400, "invalid_conversation_id")]
    [InlineData("conversations/42/messages?limit=0", 400, "invalid_conversation_id")]
    [InlineData("conversations/7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33?fields=surname", 400, "unknown_field")]
    [InlineData("conversations?contactPhoneNumber=nobody&limit=101", 400, "invalid_parameter")]
    [InlineData("conversations/00000000-0000-4000-8000-000000000000", 404, "conversation_not_found")]
    [InlineData("conversations/00000000-0000-4000-8000-000000000000/messages", 404, "conversation_not_found")]
    public async Task What_cannot_be_answered_is_a_problem_that_says_what_to_do(string path, int status, string code)
    {
        var answer = await _app.GetAsync(path);

        answer.Is(status, code);
    }

    [Fact]
    public async Task Every_fault_is_named_at_once()
    {
        var answer = await _app.GetAsync("conversations?contactPhoneNumber=nobody&status=open&limit=0&fields=surname");

        Assert.Equal(
            ["contactPhoneNumber", "status", "limit", "fields"],
            answer.Is(400, "invalid_parameter")["errors"].EnumerateArray().Select(fault => fault.GetProperty("parameter").GetString()));
    }

    [Theory]
    [InlineData("GET", "conversations")]
    [InlineData("GET", "conversations/7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33")]
    [InlineData("GET", "conversations/7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33/messages")]
    [InlineData("GET", "events")]
    [InlineData("POST", "subscriptions")]
    public async Task Without_the_key_or_with_another_nothing_is_answered(string method, string path)
    {
        var key = _app.RequireKey();

        Assert.Equal(401, (await _app.SendAsIsAsync(new HttpRequestMessage(new HttpMethod(method), path))).StatusCode);
        Assert.Equal(401, (await _app.SendAsIsAsync(new HttpRequestMessage(new HttpMethod(method), $"{path}?code=not-{key}"))).StatusCode);
    }

    [Fact]
    public async Task The_key_may_be_in_the_address()
    {
        var key = _app.RequireKey();

        Assert.Equal(200, (await _app.SendAsIsAsync(new HttpRequestMessage(HttpMethod.Get, $"events?code={Uri.EscapeDataString(key)}"))).StatusCode);
    }

    [Theory]
    [InlineData("GET", "nothing/here", 404, 404)]
    [InlineData("PUT", "conversations", 405, 404)] // the Functions host knows no 405
    public async Task A_route_or_method_that_there_is_not_is_an_error(string method, string path, int status, int behindFunctions)
    {
        var answer = await _app.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Contains(answer.StatusCode, new[] { status, behindFunctions });
    }
}
