using System.Text.Json.Nodes;
using Azure.Data.Tables;
using ConversationLookup.Storage;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Actions;

/// <summary>A customer never gets the same message twice, and every caller is told the truth.</summary>
public sealed class NeverTwiceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>How a POST can end of which nobody knows whether it was done.</summary>
    private static readonly Dictionary<string, RequestDelegate> Doubts = new()
    {
        ["a reset"] = FakeWassist.HangUp,
        ["500"] = FakeWassist.Status(500, """{"detail":"oops"}"""),
        ["503 that asks to wait"] = FakeWassist.Status(503, "{}", ("Retry-After", "1")),
        ["408"] = FakeWassist.Status(408),
        ["a redirect"] = FakeWassist.Status(302, "", ("Location", "/elsewhere")),
        ["a page"] = FakeWassist.Status(200, "<html>ok</html>"),
        ["a message without an id"] = FakeWassist.Status(201, """{"status":"queued"}"""),
        ["half a body"] = async context =>
        {
            (context.Response.StatusCode, context.Response.ContentLength) = (201, 1000);
            await context.Response.WriteAsync("""{"id":""");
            await context.Response.Body.FlushAsync();
            context.Abort();
        },
    };

    public static TheoryData<string> DoubtNames => [.. Doubts.Keys];

    [Theory]
    [MemberData(nameof(DoubtNames))]
    public async Task What_arrived_although_the_answer_was_lost_is_found_by_reading(string doubt)
    {
        await using var acting = await ActingApp.StartAsync();
        acting.Wassist.FateOf = (_, _) => new Fate(true, Doubts[doubt]);

        var answer = (await acting.SendAsync("Hello", "key-1")).IsSentMessage();
        var again = (await acting.SendAsync("Hello", "key-1")).IsSentMessage();

        Assert.Equal(("reading", "Hello"), (answer["confirmedBy"].GetString(), answer["text"].GetString()));
        Assert.Equal(answer.Text, again.Text);
        Assert.Single(acting.Wassist.Posts);
    }

    [Theory]
    [MemberData(nameof(DoubtNames))]
    public async Task What_cannot_be_found_is_left_to_a_person(string doubt)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var acting = await ActingApp.StartAsync(withStorage: false, configure: services => services.AddSingleton<TimeProvider>(time));
        acting.Wassist.Write(Bodies.Id, "assistant", "Hello"); // the same words of before are no proof
        acting.Wassist.FateOf = (_, _) => new Fate(false, Doubts[doubt]);

        var answer = (await App.WhileTimePassesAsync(time, acting.SendAsync("Hello"))).Is(409, "outcome_unknown");

        Assert.Contains("new idempotency key", answer.Detail, StringComparison.Ordinal);
        Assert.Single(acting.Wassist.Posts);
        Assert.Contains(acting.App.Logs.Lines, line => line.Level == LogLevel.Warning && line.Text.Contains($"SendMessage in conversation {Bodies.Id}: outcome_unknown", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, "upstream_unavailable")]
    [InlineData(false, "no answer in time")]
    public async Task What_cannot_be_read_back_either_is_left_to_a_person_and_the_log_says_why(bool isAnswered, string cause)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var acting = await ActingApp.StartAsync(withStorage: false, configure: services => services.AddSingleton<TimeProvider>(time));
        acting.Wassist.FateOf = (_, _) => new Fate(true, FakeWassist.HangUp);
        acting.Upstream.Answer = context => !acting.Wassist.Posts.IsEmpty && HttpMethods.IsGet(context.Request.Method)
            ? (isAnswered ? FakeWassist.Status(500) : FakeWassist.Never)(context)
            : acting.Wassist.AnswerAsync(context);

        var answer = (await App.WhileTimePassesAsync(time, acting.SendAsync("Hello"))).Is(409, "outcome_unknown");

        Assert.Contains("new idempotency key", answer.Detail, StringComparison.Ordinal);
        Assert.Single(acting.Wassist.Posts);
        Assert.Contains(acting.App.Logs.Lines, line => line.Level == LogLevel.Warning && line.Text.Contains($"and it cannot be read back: {cause}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_that_never_comes_is_not_waited_for_longer_than_ten_seconds()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var acting = await ActingApp.StartAsync(withStorage: false, configure: services => services.AddSingleton<TimeProvider>(time));
        acting.Wassist.FateOf = (_, _) => new Fate(true, FakeWassist.Never);

        var answer = await App.WhileTimePassesAsync(time, acting.DoAsync("messages", new { text = "Hello" }));

        Assert.Equal("reading", answer.IsSentMessage()["confirmedBy"].GetString());
        Assert.Single(acting.Wassist.Posts);
    }

    [Fact]
    public async Task A_message_that_shows_late_is_found_when_the_caller_asks_again()
    {
        await using var acting = await ActingApp.StartAsync();
        acting.Wassist.FateOf = (_, _) => new Fate(false, FakeWassist.HangUp);
        (await acting.SendAsync("Hello", "key-1")).Is(409, "outcome_unknown");

        acting.Wassist.Write(Bodies.Id, "assistant", "Hello");

        Assert.Equal("reading", (await acting.SendAsync("Hello", "key-1")).IsSentMessage()["confirmedBy"].GetString());
        Assert.Single(acting.Wassist.Posts);
    }

    [Theory]
    [InlineData("takeover", true)]
    [InlineData("handback", false)]
    public async Task What_a_conversation_shows_late_is_found_whatever_lookups_are_kept(string route, bool isTakenOver)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var acting = await ActingApp.StartAsync(
            new Dictionary<string, string> { ["Lookup:CacheSeconds"] = "60" }, withStorage: false, configure: services => services.AddSingleton<TimeProvider>(time));
        var looks = 0;
        acting.Wassist.FateOf = (_, _) => new Fate(false, FakeWassist.HangUp);
        acting.Wassist.Change = body => body["isHumanTakeover"] = isTakenOver == (++looks > 1);

        var answer = (await App.WhileTimePassesAsync(time, acting.DoAsync(route))).IsSummary();

        Assert.Equal(isTakenOver, answer["isHumanTakeover"].GetBoolean());
        Assert.Equal((2, 1), (looks, acting.Wassist.Posts.Count));
    }

    [Fact]
    public async Task Of_two_messages_with_the_same_words_the_one_that_arrived_is_no_proof_for_the_other()
    {
        await using var acting = await ActingApp.StartAsync();
        acting.Wassist.FateOf = (number, _) => number == 0 ? Fate.Good : new Fate(false, FakeWassist.HangUp);
        var both = new TaskCompletionSource();

        // Both have looked at the conversation before either is done.
        var sent = 0;
        acting.Upstream.Answer = async context =>
        {
            if (context.Request.Method == "POST")
            {
                if (Interlocked.Increment(ref sent) == 2)
                    both.TrySetResult();
                await both.Task.WaitAsync(Token);
            }

            await acting.Wassist.AnswerAsync(context);
        };
        var answers = await Task.WhenAll(acting.SendAsync("ok", "key-1"), acting.SendAsync("ok", "key-2"));

        Assert.Equal([200, 409], answers.Select(answer => answer.StatusCode).Order());
        Assert.Single(acting.Wassist.Deeds);
    }

    [Fact]
    public async Task A_message_with_the_same_words_that_is_sent_while_another_is_looked_for_is_no_proof_for_it()
    {
        await using var acting = await ActingApp.StartAsync();
        acting.Wassist.FateOf = (number, _) => number == 0 ? new Fate(false, FakeWassist.HangUp) : Fate.Good;
        Task<Answer>? other = null;
        acting.Upstream.Answer = async context =>
        {
            // The app looks whether the first arrived: now the second is sent, whole, and then shown.
            if (context.Request.Method == "GET" && context.Request.Path.Value!.EndsWith("/messages/", StringComparison.Ordinal) && other is null)
                await (other = acting.SendAsync("ok", "key-2"));
            await acting.Wassist.AnswerAsync(context);
        };

        var first = await acting.SendAsync("ok", "key-1");

        (await other!).IsSentMessage();
        first.Is(409, "outcome_unknown");
    }

    [Fact]
    public async Task A_repeat_gets_the_first_answer_and_sends_nothing_for_24_hours()
    {
        await using var acting = await ActingApp.StartAsync();

        var first = await acting.SendAsync("Hello", "key-1");
        acting.Wassist.Change = body => body["chatWindowRemainingTime"] = 0; // would refuse it now

        Assert.Equal(first.Text, (await acting.SendAsync("Hello", "key-1")).IsSentMessage().Text);
        Assert.Single(acting.Wassist.Posts);
    }

    [Theory]
    [InlineData("header")]
    [InlineData("quoted header")]
    [InlineData("property")]
    [InlineData("platform")]
    public async Task A_repeat_is_known_by_a_header_a_property_or_the_platforms_own_headers(string kind)
    {
        await using var acting = await ActingApp.StartAsync();
        (string, string)[] headers = kind switch
        {
            "header" => [("Idempotency-Key", "7f0c")],
            "quoted header" => [("Idempotency-Key", "\"7f0c\"")],
            "platform" => [("x-ms-workflow-run-id", "08584CU21"), ("x-ms-action-tracking-id", "3b6c")],
            _ => [],
        };
        object body = kind == "property" ? new { text = "Hello", idempotencyKey = "7f0c" } : new { text = "Hello" };

        for (var repeat = 0; repeat < 3; repeat++)
            (await acting.DoAsync("messages", body, headers)).IsSentMessage();

        Assert.Equal(kind == "platform" ? "08584CU21/3b6c" : "7f0c", Assert.Single(acting.Wassist.Posts).IdempotencyKey);
    }

    [Fact]
    public async Task One_of_the_platforms_headers_alone_says_nothing()
    {
        await using var acting = await ActingApp.StartAsync();

        await acting.DoAsync("messages", new { text = "Hello" }, ("x-ms-workflow-run-id", "08584CU21"));
        await acting.DoAsync("messages", new { text = "Hello" }, ("x-ms-workflow-run-id", "08584CU21"));

        Assert.Equal(2, acting.Wassist.Deeds.Count);
    }

    [Fact]
    public async Task Another_action_of_the_same_run_is_another_message()
    {
        await using var acting = await ActingApp.StartAsync();

        foreach (var tracking in new[] { "a", "b", "a" })
            await acting.DoAsync("messages", new { text = "Hello" }, ("x-ms-workflow-run-id", "08584CU21"), ("x-ms-action-tracking-id", tracking));

        Assert.Equal(2, acting.Wassist.Deeds.Count);
    }

    [Fact]
    public async Task The_same_key_with_another_body_conversation_or_action_is_a_mismatch()
    {
        await using var acting = await ActingApp.StartAsync();
        await acting.SendAsync("Hello", "key-1");

        (await acting.SendAsync("Hello!", "key-1")).Is(422, "idempotency_mismatch");
        (await acting.PostAsync("conversations/2d9f6a10-8b4c-4e57-a1c3-5f0e7d2b9a44/messages", new { text = "Hello", idempotencyKey = "key-1" })).Is(422, "idempotency_mismatch");
        (await acting.DoAsync("handback", new { idempotencyKey = "key-1" })).Is(422, "idempotency_mismatch");
        (await acting.PostAsync("conversations", new { toPhoneNumber = "+447700900999", idempotencyKey = "key-1" })).Is(422, "idempotency_mismatch");
        (await acting.DoAsync("messages", new { idempotencyKey = "key-1", text = " Hello ", buttons = Array.Empty<object>() })).IsSentMessage(); // says the same

        Assert.Single(acting.Wassist.Posts);
    }

    [Theory]
    [InlineData("toPhoneNumber", "\"+447700900998\"")]
    [InlineData("fromPhoneNumber", null)]
    [InlineData("agentId", null)]
    [InlineData("templateName", "\"greeting\"")]
    [InlineData("values", """{"body_first_name":"Amara","body_code":"2"}""")]
    public async Task The_same_key_for_a_conversation_that_differs_in_one_detail_is_a_mismatch(string detail, string? other)
    {
        await using var acting = await ActingApp.StartAsync();
        var body = JsonNode.Parse("""
            {
              "toPhoneNumber": "+447700900999", "fromPhoneNumber": "+447700900111", "agentId": "b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55",
              "templateName": "welcome", "values": { "body_first_name": "Amara", "body_code": "1" }, "idempotencyKey": "key-1"
            }
            """)!;
        Assert.Equal(201, (int)(await acting.PostAsync("conversations", body)).Status);

        body[detail] = other is null ? null : JsonNode.Parse(other);
        (await acting.PostAsync("conversations", body)).Is(422, "idempotency_mismatch");

        Assert.Single(acting.Wassist.Posts);
    }

    [Fact]
    public async Task Concurrent_repeats_wait_for_the_first_and_get_its_answer()
    {
        await using var acting = await ActingApp.StartAsync();
        var (arrived, go) = acting.HoldPosts();

        var calls = Enumerable.Range(0, 5).Select(_ => acting.SendAsync("Hello", "key-1")).ToList();
        await arrived;
        go.SetResult();
        var answers = await Task.WhenAll(calls);

        Assert.Single(answers.Select(answer => answer.IsSentMessage().Text).Distinct());
        Assert.Single(acting.Wassist.Posts);
    }

    [Fact]
    public async Task Whoever_repeats_what_nobody_finishes_is_told_so_after_25_seconds_and_nothing_is_sent()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var acting = await ActingApp.StartAsync(configure: services => services.AddSingleton<TimeProvider>(time));
        (await acting.SendAsync("Hello", "key-1")).IsSentMessage();
        await AsIfItHadDiedAsync(acting.App, heldFor: TimeSpan.FromHours(1));
        var asked = time.GetUtcNow();

        var answer = (await App.WhileTimePassesAsync(time, acting.SendAsync("Hello", "key-1"))).Is(503, "action_in_progress");

        Assert.Equal(5, answer.RetryAfterSeconds);
        Assert.True(time.GetUtcNow() - asked >= TimeSpan.FromSeconds(25));
        Assert.Single(acting.Wassist.Posts);
    }

    [Fact]
    public async Task A_caller_who_leaves_in_the_middle_does_not_stop_it_and_finds_its_answer()
    {
        await using var acting = await ActingApp.StartAsync();
        var (arrived, go) = acting.HoldPosts();
        using var left = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"conversations/{Bodies.Id}/messages") { Content = System.Net.Http.Json.JsonContent.Create(new { text = "Hello", idempotencyKey = "key-1" }) };
        var call = acting.App.Http.SendAsync(request, left.Token);
        await arrived;

        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        go.SetResult();

        Assert.Equal("answer", (await acting.SendAsync("Hello", "key-1")).IsSentMessage()["confirmedBy"].GetString());
        Assert.Single(acting.Wassist.Posts);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_process_that_died_between_sending_and_noting_leaves_a_question_and_no_second_message(bool arrived)
    {
        await using var acting = await ActingApp.StartAsync();
        acting.Wassist.FateOf = (_, _) => new Fate(arrived, FakeWassist.HangUp);
        (await acting.SendAsync("Hello", "key-1")).Is(arrived ? 200 : 409, arrived ? "ok" : "outcome_unknown");
        await AsIfItHadDiedAsync(acting.App);

        var answer = await acting.SendAsync("Hello", "key-1");

        answer.Is(arrived ? 200 : 409, arrived ? "ok" : "outcome_unknown");
        Assert.Single(acting.Wassist.Posts);
    }

    [Fact]
    public async Task What_was_not_sent_for_certain_is_sent_by_the_next_request_with_the_same_key()
    {
        await using var acting = await ActingApp.StartAsync();
        acting.Wassist.FateOf = (number, _) => number == 0 ? new Fate(false, FakeWassist.Status(429, """{"retry_after":60}""")) : Fate.Good;

        Assert.Equal(60, (await acting.SendAsync("Hello", "key-1")).Is(429, "upstream_rate_limited").RetryAfterSeconds);
        await using var other = await App.StartAsync(acting.Upstream, new Dictionary<string, string> { ["Actions:Allowed"] = "all", ["AzureWebJobsStorage"] = acting.App.Storage });
        (await ActingApp.PostAsync(other, $"conversations/{Bodies.Id}/messages", new { text = "Hello", idempotencyKey = "key-1" })).IsSentMessage();

        Assert.Single(acting.Wassist.Deeds);
    }

    [Fact]
    public async Task An_upstream_that_cannot_be_reached_is_a_retryable_problem()
    {
        await using var acting = await ActingApp.StartAsync(new Dictionary<string, string> { ["Wassist:BaseUrl"] = $"http://127.0.0.1:{LocalServer.FreePort()}" });

        (await acting.DoAsync("takeover", new { idempotencyKey = "key-1" })).Is(502, "upstream_unavailable");
        (await acting.DoAsync("takeover", new { idempotencyKey = "key-1" })).Is(502, "upstream_unavailable");
    }

    [Fact]
    public async Task Without_storage_a_key_is_a_503_before_anything_is_sent_and_without_a_key_it_is_sent()
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);

        (await acting.SendAsync("Hello", "key-1")).Is(503, "storage_unavailable");
        Assert.Empty(acting.Upstream.Requests);

        (await acting.SendAsync("Hello")).IsSentMessage();
    }

    [Fact]
    public async Task Storage_that_is_away_is_a_503_before_anything_is_sent()
    {
        await using var storage = await FaultyStorage.StartAsync();
        await using var acting = await ActingApp.StartAsync(new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        (await acting.SendAsync("Hello", "key-0")).IsSentMessage();

        storage.Refuses = _ => true;
        (await acting.SendAsync("Hello", "key-1")).Is(503, "storage_unavailable");
        (await acting.SendAsync("Hello")).Is(503, "storage_unavailable");
        storage.Refuses = _ => false;

        Assert.Single(acting.Wassist.Posts);
        (await acting.SendAsync("Hello", "key-1")).IsSentMessage();
    }

    [Fact]
    public async Task A_key_that_no_header_could_carry_is_refused()
    {
        await using var acting = await ActingApp.StartAsync();

        foreach (var key in new[] { "with blanks", "é", new string('x', 256), "a\nb" })
            (await acting.SendAsync("Hello", key)).Is(400, "invalid_parameter");
        (await acting.DoAsync("messages", new { text = "Hello", idempotencyKey = "a" }, ("Idempotency-Key", "b"))).Is(400, "invalid_parameter");

        Assert.Empty(acting.Wassist.Posts);
    }

    [Fact]
    public async Task The_log_and_the_numbers_know_the_action_and_nothing_of_its_content()
    {
        await using var acting = await ActingApp.StartAsync();
        using var metrics = new MetricCollector(acting.App, "conversation_lookup.actions");

        await acting.SendAsync("private words", "key-1");
        await acting.SendAsync("private words", "key-1");
        await acting.PostAsync("conversations", new { toPhoneNumber = "+447700900999", templateName = "welcome", values = new { body_first_name = "private", body_code = "private" } });

        Assert.Single(acting.App.Logs.Lines, line => line.Text.StartsWith($"SendMessage in conversation {Bodies.Id}: sent. Idempotency key key-1", StringComparison.Ordinal));
        Assert.Single(acting.App.Logs.Lines, line => line.Text.StartsWith($"SendMessage in conversation {Bodies.Id}: replayed. Idempotency key key-1", StringComparison.Ordinal));
        Assert.DoesNotContain(acting.App.Logs.Lines, line => line.Text.Contains("private", StringComparison.Ordinal) || line.Text.Contains("7700900", StringComparison.Ordinal));
        Assert.Equal(["action=SendMessage outcome=replayed", "action=SendMessage outcome=sent", "action=StartConversation outcome=sent"], metrics.Measured.Order());
    }

    [Theory]
    [InlineData(200, "ok", false)]
    [InlineData(400, "upstream_rejected_request", true)]
    public async Task The_span_of_a_post_says_what_it_came_to(int answered, string outcome, bool failed)
    {
        await using var acting = await ActingApp.StartAsync(withStorage: false);
        if (answered != 200)
            acting.Wassist.FateOf = (_, _) => new Fate(false, FakeWassist.Status(answered, """{"detail":"no"}"""));
        using var spans = new SpanCollector();

        await acting.DoAsync("read");

        Assert.Equal((outcome, failed), spans.OutcomeOf("wassist mark_read"));
    }

    /// <summary>The rows as a process leaves them that was killed right after sending.</summary>
    private static async Task AsIfItHadDiedAsync(App app, TimeSpan heldFor = default)
    {
        var table = new TableClient(app.Storage, StorageNames.Actions);
        await foreach (var row in table.QueryAsync<TableEntity>(row => row.PartitionKey.CompareTo("g") < 0, cancellationToken: Token))
        {
            (row["State"], row["HeldUntil"]) = ("sending", DateTimeOffset.UtcNow + heldFor);
            await table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, Token);
        }

        await foreach (var row in table.QueryAsync<TableEntity>(row => row.PartitionKey.CompareTo("g") > 0, cancellationToken: Token))
        {
            row.Remove("MessageId");
            await table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, Token);
        }
    }
}
