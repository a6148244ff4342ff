using System.Net;
using ConversationLookup.Conversations;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Conversations;

/// <summary>The lookup over HTTP: what a caller may ask and what comes back when all is well.</summary>
public sealed class LookupTests
{
    [Fact]
    public async Task A_lookup_answers_the_summary_and_asks_wassist_once_with_the_key_and_the_slash()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);

        var answer = (await app.LookUpAsync()).IsSummary();

        Assert.Equal("Amara Osei", answer["contactName"].GetString());
        Assert.Equal(new RecordedRequest("GET", $"/api/v1/conversations/{Bodies.Id}/", FakeWassist.Key), Assert.Single(wassist.Requests));
    }

    [Fact]
    public async Task The_payload_has_exactly_the_names_of_the_contract()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);

        var answer = await app.LookUpAsync();

        Assert.Equal(PayloadContract.SummaryNames.Order(), answer.Body.EnumerateObject().Select(property => property.Name).Order());
        Assert.Equal(SummaryFields.Names, answer.Body.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task The_published_shape_answers_the_same_contract()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Json(Bodies.Published);
        await using var app = await App.StartAsync(wassist);

        (await app.LookUpAsync()).IsSummary();
    }

    [Fact]
    public async Task Answers_are_not_to_be_stored_or_sniffed()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);

        using var response = await app.Http.GetAsync($"conversations/{Bodies.Id}", TestContext.Current.CancellationToken);

        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.False(response.Headers.Contains("Location"));
    }

    [Fact]
    public async Task An_id_in_capitals_is_the_same_conversation()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);

        var answer = (await app.LookUpAsync(Bodies.Id.ToUpperInvariant())).IsSummary();

        Assert.Equal(Bodies.Id, answer["id"].GetString());
        Assert.Equal($"/api/v1/conversations/{Bodies.Id}/", Assert.Single(wassist.Requests).Path);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("447700900999")]
    [InlineData("7c1e4b523f0a4d7e9b6f2a4d8c0e1f33")]
    [InlineData("{7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33}")]
    [InlineData("%207c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33")]
    [InlineData("7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33%0A")]
    [InlineData("0x1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33")]
    [InlineData("+c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33")]
    [InlineData("a%2Fb")]
    [InlineData("%F0%9F%8C%8D")]
    [InlineData("..%2F..%2Fagents")]
    [InlineData("7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33%3Fx=1")]
    public async Task An_id_that_is_no_uuid_is_refused_before_any_upstream_call(string id)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);

        var answer = (await app.LookUpAsync(id)).Is(400, "invalid_conversation_id");

        Assert.Contains("UUID", answer.Detail, StringComparison.Ordinal);
        Assert.Empty(wassist.Requests);
    }

    [Theory]
    [InlineData("?fields=contactName", "id,contactName")]
    [InlineData("?fields=handledBy,contactName", "id,contactName,handledBy")]
    [InlineData("?fields=CONTACTNAME,%20handledby%20,,", "id,contactName,handledBy")]
    [InlineData("?fields=contactName&fields=handledBy", "id,contactName,handledBy")]
    [InlineData("?fields=id", "id")]
    [InlineData("?Fields=isActive,isActive", "id,isActive")]
    public async Task Fields_keeps_the_named_properties_and_the_id(string query, string expected)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);

        var answer = await app.LookUpAsync(query: query);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(expected.Split(','), answer.Body.EnumerateObject().Select(property => property.Name));
        PayloadContract.AssertPart(answer.Body);
    }

    [Theory]
    [InlineData("?fields=")]
    [InlineData("?fields=%20")]
    [InlineData("?fields=,,")]
    [InlineData("?fields")]
    [InlineData("?code=a-function-key")]
    public async Task A_blank_fields_parameter_keeps_everything(string query)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);

        (await app.LookUpAsync(query: query)).IsSummary();
    }

    [Fact]
    public async Task A_time_that_is_unknown_is_left_out_of_the_named_fields_too()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Json(Bodies.Published);
        await using var app = await App.StartAsync(wassist);

        var answer = await app.LookUpAsync(query: "?fields=lastMessageAt");

        Assert.Equal(["id"], answer.Body.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task An_unknown_field_is_refused_with_the_list_of_the_valid_ones()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);

        var answer = (await app.LookUpAsync(query: "?fields=contactName,phone,name")).Is(400, "unknown_field");

        Assert.Contains("'phone', 'name'", answer.Detail, StringComparison.Ordinal);
        Assert.All(PayloadContract.SummaryNames, name => Assert.Contains(name, answer.Detail, StringComparison.Ordinal));
        Assert.Empty(wassist.Requests);
    }

    [Theory]
    [InlineData("conversations/7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33?field=id", "field", "'field' is not a valid name. Did you mean 'fields'? Valid names: fields.")]
    [InlineData("conversations/7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33/messages?max=5", "max", "'max' is not a valid name. Valid names: limit, offset.")]
    [InlineData("events?limit=5", "limit", "'limit' is not a valid name. This route has no parameters.")]
    [InlineData("swagger.json?v=2", "v", "'v' is not a valid name. This route has no parameters.")]
    [InlineData("health?verbose", "verbose", "'verbose' is not a valid name. This route has no parameters.")]
    [InlineData(
        "events?of_sixty_characters_and_one_which_are_too_many_to_be_repeated", "of_sixty_characters_and_one_which_are_too_many_to_be_repeate",
        "'of_sixty_characters_and_one_which_are_too_many_to_be_repeate' is not a valid name. This route has no parameters.")]
    public async Task A_parameter_that_a_route_does_not_know_is_refused_with_those_that_it_knows(string path, string parameter, string detail)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);

        var answer = (await app.GetAsync(path)).Is(400, "invalid_parameter");

        Assert.Equal((parameter, detail), (answer["errors"][0].GetProperty("parameter").GetString(), answer.Detail));
        Assert.Empty(wassist.Requests);
    }

    [Theory]
    [InlineData("conversations/")]
    [InlineData("conversations/?fields=contactName")]
    public async Task An_empty_id_is_missing_and_not_everybody(string path)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);

        var answer = (await app.GetAsync(path)).Is(400, "invalid_conversation_id");

        Assert.Contains("missing", answer.Detail, StringComparison.Ordinal);
        Assert.Empty(wassist.Requests);
    }

    [Fact]
    public async Task A_contact_without_a_number_breaks_nothing()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Routes(
            FakeWassist.Json(_ => Bodies.With("contact", """{"id":"c0a80001-0000-4000-8000-00000000000a","phoneNumber":"US.13491208655302741918","name":null}""")),
            messages: FakeWassist.Status(200, """[{"role":"user","text":{"body":"Hello"}}]"""));
        await using var app = await App.StartAsync(wassist);

        var answer = (await app.LookUpAsync()).IsSummary();
        var messages = (await app.GetAsync($"conversations/{Bodies.Id}/messages")).IsMessagePage();

        Assert.Equal(("c0a80001-0000-4000-8000-00000000000a", ""), (answer["contactId"].GetString(), answer["contactPhoneNumber"].GetString()));
        Assert.Equal("Contact: Hello", messages["transcript"].GetString());
        Assert.DoesNotContain(app.Logs.Own, line => line.EventId == 30);
    }

    [Fact]
    public async Task A_number_that_python_writes_and_json_does_not_know_is_unknown()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(200, Bodies.Live().ToJsonString().Replace("41230", "NaN", StringComparison.Ordinal));
        await using var app = await App.StartAsync(wassist);

        var answer = (await app.LookUpAsync()).IsSummary();

        Assert.Equal((false, "Amara Osei"), (answer["replyWindowIsOpen"].GetBoolean(), answer["contactName"].GetString()));
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("GET")]
    public async Task A_monitor_may_ask_for_the_status_of_health_alone(string method)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);
        using var request = new HttpRequestMessage(new HttpMethod(method), "health");

        var answer = await app.SendAsync(request);

        Assert.Equal((200, method == "HEAD"), (answer.StatusCode, answer.Text.Length == 0));
    }

    [Fact]
    public async Task Several_faults_are_all_named_in_one_answer()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);

        var answer = (await app.LookUpAsync("abc", "?fields=phone")).Is(400, "invalid_conversation_id");

        Assert.Equal(
            ["invalid_conversation_id id", "unknown_field fields"],
            answer["errors"].EnumerateArray().Select(error => $"{error.GetProperty("code")} {error.GetProperty("parameter")}"));
        Assert.All(answer["errors"].EnumerateArray(), error => Assert.Contains(error.GetProperty("detail").GetString()!, answer.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_callers_own_text_is_not_said_back_as_it_is()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);

        var answer = await app.LookUpAsync(query: "?fields=%3Cscript%3Ealert(1)%3C/script%3E" + new string('x', 500));

        Assert.DoesNotContain("<script>", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('x', 60), answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_on_a_lookup_is_ignored()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"conversations/{Bodies.Id}") { Content = new StringContent("{\"x\":") };

        (await app.SendAsync(request)).IsSummary();
    }

    [Fact]
    public async Task Unicode_comes_through_whole()
    {
        const string Text = "Ça va ? 👩‍👩‍👧‍👦 你好 \"<&>'\" \u0000\u001f\u2028 end";
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Json(_ =>
        {
            var body = Bodies.Live();
            body["lastMessage"]!["body"] = Text;
            return body;
        });
        await using var app = await App.StartAsync(wassist);

        Assert.Equal(Text, (await app.LookUpAsync()).IsSummary()["lastMessageText"].GetString());
    }

    [Fact]
    public async Task An_upstream_that_compresses_is_understood()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = async context =>
        {
            Assert.Contains("gzip", context.Request.Headers.AcceptEncoding.ToString(), StringComparison.Ordinal);
            context.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new System.IO.Compression.GZipStream(context.Response.Body, System.IO.Compression.CompressionLevel.Fastest);
            await gzip.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Bodies.Live().ToJsonString()));
        };
        await using var app = await App.StartAsync(wassist);

        (await app.LookUpAsync()).IsSummary();
    }

    [Fact]
    public async Task A_base_address_may_have_a_path()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist, new Dictionary<string, string> { ["Wassist:BaseUrl"] = wassist.Url + "/proxy" });

        (await app.LookUpAsync()).IsSummary();

        Assert.Equal($"/proxy/api/v1/conversations/{Bodies.Id}/", Assert.Single(wassist.Requests).Path);
    }

    [Fact]
    public async Task A_field_of_an_unknown_shape_is_counted_and_logged_once_without_its_value()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Json(_ => Bodies.With("isHumanTakeover", """{"secret":"Amara 447700900222"}"""));
        await using var app = await App.StartAsync(wassist);
        using var counted = new MetricCollector(app, "conversation_lookup.unknown_field_shapes");

        (await app.LookUpAsync()).IsSummary();
        (await app.LookUpAsync()).IsSummary();

        Assert.Equal(["field=isHumanTakeover", "field=isHumanTakeover"], counted.Measured);
        var line = Assert.Single(app.Logs.Own, line => line.EventId == 30);
        Assert.Contains("isHumanTakeover as Object", line.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("447700900222", line.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "{", "upstream_invalid_response", true)]
    [InlineData(200, null, "ok", false)]
    [InlineData(404, "{}", "conversation_not_found", false)]
    [InlineData(401, "{}", "upstream_rejected_credentials", true)]
    public async Task The_span_of_a_question_says_what_it_came_to_and_has_failed_where_an_operator_may_want_to_know(int answered, string? body, string outcome, bool failed)
    {
        await using var wassist = await FakeWassist.StartAsync();
        if (body is not null)
            wassist.Answer = FakeWassist.Status(answered, body);
        await using var app = await App.StartAsync(wassist);
        using var spans = new SpanCollector();

        await app.LookUpAsync();

        Assert.Equal((outcome, failed), spans.OutcomeOf("wassist get_conversation"));
    }

    [Fact]
    public async Task Answers_are_counted_by_operation_and_outcome()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);
        using var counted = new MetricCollector(app, "conversation_lookup.answers");

        await app.LookUpAsync();
        await app.LookUpAsync("abc");
        wassist.Answer = FakeWassist.Status(404);
        await app.LookUpAsync();
        await app.GetAsync("health");

        Assert.Equal(
            [
                "operation=get_conversation outcome=ok",
                "operation=get_conversation outcome=invalid_conversation_id",
                "operation=get_conversation outcome=conversation_not_found",
                "operation=get_health outcome=ok",
            ],
            counted.Measured);
    }
}
