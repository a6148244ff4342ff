using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace ConversationLookup.Tests.Conversations;

public sealed class FindTests
{
    private const string OtherId = "2d9f6a10-8b4c-4e57-a1c3-5f0e7d2b9a44";

    [Theory]
    [InlineData("", "ordering=-last_message_time&limit=21&offset=0")]
    [InlineData("?contactPhoneNumber=%2B44 7700 900222", "ordering=-last_message_time&contact=447700900222&limit=21&offset=0")]
    [InlineData("?contactPhoneNumber=+44 7700 900222", "ordering=-last_message_time&contact=447700900222&limit=21&offset=0")]
    [InlineData("?businessPhoneNumber=0044 7700 900111", "ordering=-last_message_time&whatsappNumber=447700900111&limit=21&offset=0")]
    [InlineData("?agentId=B7A1D9F0-5C3E-4E2B-8F61-0D9C8B7A6E55", "ordering=-last_message_time&agent=b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55&limit=21&offset=0")]
    [InlineData("?status=Active&hasUnread=TRUE", "ordering=-last_message_time&status=active&hasUnread=true&limit=21&offset=0")]
    [InlineData("?hasUnread=false", "ordering=-last_message_time&hasUnread=false&limit=21&offset=0")]
    [InlineData("?lastMessageAfter=2026-11-21", "ordering=-last_message_time&lastMessageAfter=2026-11-21T00:00:00Z&limit=21&offset=0")]
    [InlineData("?lastMessageBefore=2026-11-21T18:04", "ordering=-last_message_time&lastMessageBefore=2026-11-21T18:04:00Z&limit=21&offset=0")]
    [InlineData("?lastMessageBefore=2026-11-21 18:04:05", "ordering=-last_message_time&lastMessageBefore=2026-11-21T18:04:05Z&limit=21&offset=0")]
    [InlineData("?lastMessageBefore=2026-11-21T18:04:05.1230000Z", "ordering=-last_message_time&lastMessageBefore=2026-11-21T18:04:05.123Z&limit=21&offset=0")]
    [InlineData("?lastMessageBefore=2026-11-21T18:04:05%2B02:00", "ordering=-last_message_time&lastMessageBefore=2026-11-21T16:04:05Z&limit=21&offset=0")]
    [InlineData("?lastMessageAfter=2026-10-25T01:30:00%2B0000", "ordering=-last_message_time&lastMessageAfter=2026-10-25T01:30:00Z&limit=21&offset=0")]
    [InlineData("?lastMessageAfter=1763748249&lastMessageBefore=1763748249512", "ordering=-last_message_time&lastMessageAfter=2025-11-21T18:04:09Z&lastMessageBefore=2025-11-21T18:04:09.512Z&limit=21&offset=0")]
    [InlineData("?contactPhoneNumber=447700900222.0", "ordering=-last_message_time&contact=447700900222&limit=21&offset=0")]
    [InlineData("?code=a-function-key&LIMIT=1", "ordering=-last_message_time&limit=2&offset=0")]
    [InlineData("?limit=1&offset=1000000", "ordering=-last_message_time&limit=2&offset=1000000")]
    [InlineData("?limit=99", "ordering=-last_message_time&limit=100&offset=0")]
    [InlineData("?limit=100&offset=200", "ordering=-last_message_time&limit=100&offset=200")]
    [InlineData("?contactPhoneNumber=&businessPhoneNumber= &agentId=&status=&hasUnread=&lastMessageAfter=&limit=&offset=&fields=", "ordering=-last_message_time&limit=21&offset=0")]
    public async Task A_callers_wishes_reach_Wassist_in_its_own_words(string query, string expected)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Routes(list: Envelope());
        await using var app = await App.StartAsync(wassist);

        (await app.GetAsync($"conversations{query}")).IsConversationPage();

        var asked = Assert.Single(wassist.Requests).Path;
        Assert.StartsWith("/api/v1/conversations/?", asked, StringComparison.Ordinal);
        Assert.Equal(
            expected.Split('&').Order(),
            QueryHelpers.ParseQuery(asked[asked.IndexOf('?')..]).Select(pair => $"{pair.Key}={pair.Value}").Order());
    }

    [Theory]
    [InlineData("contactPhoneNumber=07700900222", "invalid_parameter:contactPhoneNumber")]
    [InlineData("contactPhoneNumber=the+shop", "invalid_parameter:contactPhoneNumber")]
    [InlineData("businessPhoneNumber=1", "invalid_parameter:businessPhoneNumber")]
    [InlineData("agentId=Orders+assistant", "invalid_parameter:agentId")]
    [InlineData("agentId={b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55}", "invalid_parameter:agentId")]
    [InlineData("agentId=0xa1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", "invalid_parameter:agentId")]
    [InlineData("agentId=%2B7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", "invalid_parameter:agentId")]
    [InlineData("status=open", "invalid_parameter:status")]
    [InlineData("hasUnread=1", "invalid_parameter:hasUnread")]
    [InlineData("lastMessageAfter=yesterday", "invalid_parameter:lastMessageAfter")]
    [InlineData("lastMessageAfter=21.11.2026", "invalid_parameter:lastMessageAfter")]
    [InlineData("lastMessageBefore=2026-02-30", "invalid_parameter:lastMessageBefore")]
    [InlineData("lastMessageBefore=2026-11-21T18:04:05+02:00", "invalid_parameter:lastMessageBefore")] // the plus is a blank
    [InlineData("lastMessageAfter=2026-11-22&lastMessageBefore=2026-11-21", "invalid_parameter:lastMessageAfter")]
    [InlineData("lastMessageAfter=2026-11-21&lastMessageBefore=2026-11-21", "invalid_parameter:lastMessageAfter")]
    [InlineData("limit=0", "invalid_parameter:limit")]
    [InlineData("limit=101", "invalid_parameter:limit")]
    [InlineData("limit=ten", "invalid_parameter:limit")]
    [InlineData("limit=1.0", "invalid_parameter:limit")]
    [InlineData("limit=99999999999", "invalid_parameter:limit")]
    [InlineData("offset=-1", "invalid_parameter:offset")]
    [InlineData("offset=1000001", "invalid_parameter:offset")]
    [InlineData("limit=5&limit=6", "invalid_parameter:limit")]
    [InlineData("contactPhoneNumber=07700 900222", "invalid_parameter:contactPhoneNumber")]
    [InlineData("contactPhoneNumber=447700900222.5", "invalid_parameter:contactPhoneNumber")]
    [InlineData("lastMessageAfter=2026", "invalid_parameter:lastMessageAfter")]
    [InlineData("phone=%2B447700900222", "invalid_parameter:phone")]
    [InlineData("contact=%2B447700900222&agent=x", "invalid_parameter:contact invalid_parameter:agent")]
    [InlineData("field=id&limit=0", "invalid_parameter:limit invalid_parameter:field")]
    [InlineData("ContactPhone=", "invalid_parameter:ContactPhone")] // blank or not, it would be ignored
    [InlineData("fields=phone", "unknown_field:fields")]
    [InlineData("contactPhoneNumber=x&status=y&limit=z&fields=q", "invalid_parameter:contactPhoneNumber invalid_parameter:status invalid_parameter:limit unknown_field:fields")]
    public async Task A_wish_that_cannot_be_met_is_refused_before_any_call_with_every_fault(string query, string faults)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);

        var answer = (await app.GetAsync($"conversations?{query}")).Is(400, faults.Split(':')[0]);

        Assert.Equal(faults, string.Join(' ', answer["errors"].EnumerateArray().Select(fault => $"{fault.GetProperty("code")}:{fault.GetProperty("parameter")}")));
        Assert.All(answer["errors"].EnumerateArray(), fault => Assert.Contains($"'{fault.GetProperty("parameter")}'", fault.GetProperty("detail").GetString(), StringComparison.Ordinal));
        Assert.Empty(wassist.Requests);
    }

    [Fact]
    public async Task An_envelope_and_a_bare_array_give_the_same_items()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);
        JsonObject[] conversations = [Bodies.Live(), Bodies.Published(OtherId)];

        wassist.Answer = FakeWassist.Routes(list: Envelope(conversations));
        var fromEnvelope = (await app.GetAsync("conversations")).IsConversationPage();
        wassist.Answer = FakeWassist.Routes(list: FakeWassist.Json(_ => new JsonArray([.. conversations.Select(conversation => conversation.DeepClone())])));
        var fromArray = (await app.GetAsync("conversations")).IsConversationPage();

        Assert.Equal(fromEnvelope["items"].EnumerateArray().Select(Known), fromArray["items"].EnumerateArray().Select(Known));
        Assert.Equal([Bodies.Id, OtherId], fromArray["items"].EnumerateArray().Select(item => item.GetProperty("id").GetString()));
        Assert.Equal((2, 2, false, 2), (fromArray["count"].GetInt32(), fromArray["total"].GetInt32(), fromArray["hasMore"].GetBoolean(), fromArray["nextOffset"].GetInt32()));

        static string Known(System.Text.Json.JsonElement item) => string.Join(
            ',', item.EnumerateObject().Where(property => !property.Name.EndsWith("At", StringComparison.Ordinal) && property.Name != "replyWindowSecondsLeft").Select(property => $"{property.Name}={property.Value}"));
    }

    [Fact]
    public async Task The_page_goes_on_where_it_ended()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Routes(list: context => context.Response.WriteAsync(new JsonObject
        {
            ["count"] = 3,
            ["next"] = null,
            ["results"] = new JsonArray([.. Enumerable.Range(1, 3).Skip(int.Parse(context.Request.Query["offset"]!, null)).Take(int.Parse(context.Request.Query["limit"]!, null))
                .Select(number => (JsonNode)Bodies.Live($"00000000-0000-4000-8000-00000000000{number}"))]),
        }.ToJsonString()));
        await using var app = await App.StartAsync(wassist);

        var first = (await app.GetAsync("conversations?limit=2")).IsConversationPage();
        var second = (await app.GetAsync($"conversations?limit=2&offset={first["nextOffset"]}")).IsConversationPage();

        Assert.Equal((2, 3, true), (first["count"].GetInt32(), first["total"].GetInt32(), first["hasMore"].GetBoolean()));
        Assert.Equal((1, 3, false), (second["count"].GetInt32(), second["total"].GetInt32(), second["hasMore"].GetBoolean()));
    }

    [Theory]
    [InlineData("contactPhoneNumber=447700900222", "contact.phoneNumber", "\"447700900222\"", true)]
    [InlineData("contactPhoneNumber=447700900222", "contact.phoneNumber", "\"4477009002220\"", false)] // Wassist finds parts of a number
    [InlineData("contactPhoneNumber=447700900222", "contact.phoneNumber", "null", true)] // not known to differ
    [InlineData("businessPhoneNumber=447700900111", "whatsappNumber.number", "\"1447700900111\"", false)]
    [InlineData("agentId=b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", "activeAgent", "{\"id\":\"B7A1D9F0-5C3E-4E2B-8F61-0D9C8B7A6E55\"}", true)]
    [InlineData("agentId=b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", "activeAgent", "{\"id\":\"00000000-0000-4000-8000-000000000001\"}", false)]
    [InlineData("agentId=b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", "activeAgent", "\"Orders assistant\"", true)]
    [InlineData("agentId=b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55", "activeAgent", "null", false)]
    public async Task What_is_known_to_differ_from_the_filter_is_left_out(string query, string field, string json, bool isFound)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Routes(list: Envelope(Bodies.Live(OtherId), Bodies.With(field, json).AsObject()));
        await using var app = await App.StartAsync(wassist);

        var answer = (await app.GetAsync($"conversations?{query}")).IsConversationPage();

        Assert.Equal(isFound ? [OtherId, Bodies.Id] : [OtherId], answer["items"].EnumerateArray().Select(item => item.GetProperty("id").GetString()!));
        Assert.Equal((isFound ? 2 : 1, 2), (answer["total"].GetInt32(), answer["nextOffset"].GetInt32()));
        Assert.DoesNotContain(app.Logs.Own, line => line.EventId == 30);
    }

    [Fact]
    public async Task Fields_keep_what_is_wanted_of_each_conversation()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Routes(list: Envelope(Bodies.Live(), Bodies.Live(OtherId)));
        await using var app = await App.StartAsync(wassist);

        var answer = await app.GetAsync("conversations?fields=contactName");

        Assert.Equal("items,count,total,hasMore,nextOffset", string.Join(',', answer.Body.EnumerateObject().Select(property => property.Name)));
        Assert.All(answer["items"].EnumerateArray(), item => Assert.Equal(["id", "contactName"], item.EnumerateObject().Select(property => property.Name)));
        Assert.Equal(2, answer["items"].GetArrayLength());
    }

    [Fact]
    public async Task An_item_that_is_no_conversation_is_left_out_and_noted()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Routes(list: FakeWassist.Json(_ => new JsonArray(Bodies.Live(), new JsonObject { ["id"] = "none" }, 5, null)));
        await using var app = await App.StartAsync(wassist);

        var answer = (await app.GetAsync("conversations")).IsConversationPage();

        Assert.Equal((1, 4), (answer["count"].GetInt32(), answer["nextOffset"].GetInt32()));
        Assert.Contains(app.Logs.Own, line => line.Text.Contains("conversations[]", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"detail":"hello"}""")]
    [InlineData("""{"results":{}}""")]
    [InlineData("\"text\"")]
    [InlineData("<html>")]
    [InlineData("")]
    public async Task What_is_no_list_is_an_invalid_response(string body)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(200, body);
        await using var app = await App.StartAsync(wassist);

        (await app.GetAsync("conversations")).Is(502, "upstream_invalid_response");
        (await app.GetAsync($"conversations/{Bodies.Id}/messages")).Is(502, "upstream_invalid_response");
    }

    [Theory]
    [InlineData(400, 424, "upstream_rejected_request")]
    [InlineData(403, 424, "upstream_rejected_credentials")]
    [InlineData(404, 502, "upstream_invalid_response")] // a wrong address: no conversation was asked for
    [InlineData(500, 502, "upstream_unavailable")]
    public async Task Wassists_refusals_are_told_as_for_a_lookup(int upstream, int status, string code)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(upstream);
        await using var app = await App.StartAsync(wassist);

        (await app.GetAsync("conversations")).Is(status, code);
    }

    [Fact]
    public async Task Many_who_ask_the_same_at_once_cost_one_call()
    {
        await using var wassist = await FakeWassist.StartAsync();
        var everybodyAsks = new TaskCompletionSource();
        wassist.Answer = FakeWassist.Routes(list: async context =>
        {
            await everybodyAsks.Task;
            await Envelope(Bodies.Live())(context);
        });
        await using var app = await App.StartAsync(wassist);
        await app.WarmUpAsync();

        var callers = Enumerable.Range(0, 50)
            .Select(number => app.GetAsync(number % 2 == 0 ? "conversations?contactPhoneNumber=%2B44 7700 900222" : "conversations?contactPhoneNumber=00447700900222&limit=20"))
            .ToList();
        await app.EventuallyWaitingAsync(50);
        everybodyAsks.SetResult();

        Assert.All(await Task.WhenAll(callers), answer => answer.IsConversationPage());
        Assert.Single(wassist.Requests);
    }

    private static RequestDelegate Envelope(params JsonObject[] conversations) => FakeWassist.Json(_ => new JsonObject
    {
        ["count"] = conversations.Length,
        ["next"] = null,
        ["previous"] = null,
        ["results"] = new JsonArray([.. conversations.Select(conversation => conversation.DeepClone())]),
    });
}
