using System.Globalization;
using System.Net;
using System.Text;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Wassist;

/// <summary>Every way for the upstream to fail, over real sockets, and what the caller is told.</summary>
public sealed class UpstreamFailureTests
{
    [Theory]
    [InlineData(404, 404, "conversation_not_found", 1)]
    [InlineData(410, 404, "conversation_not_found", 1)]
    [InlineData(400, 424, "upstream_rejected_request", 1)]
    [InlineData(402, 424, "upstream_rejected_request", 1)]
    [InlineData(405, 424, "upstream_rejected_request", 1)]
    [InlineData(422, 424, "upstream_rejected_request", 1)]
    [InlineData(408, 502, "upstream_unavailable", 3)]
    [InlineData(425, 502, "upstream_unavailable", 3)]
    [InlineData(500, 502, "upstream_unavailable", 3)]
    [InlineData(502, 502, "upstream_unavailable", 3)]
    [InlineData(503, 502, "upstream_unavailable", 3)]
    [InlineData(504, 502, "upstream_unavailable", 3)]
    [InlineData(599, 502, "upstream_unavailable", 3)]
    [InlineData(201, 502, "upstream_invalid_response", 1)]
    [InlineData(204, 502, "upstream_invalid_response", 1)]
    [InlineData(304, 502, "upstream_invalid_response", 1)]
    public async Task A_status_becomes_a_problem_after_its_tries(int upstream, int status, string code, int calls)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = context =>
        {
            context.Response.StatusCode = upstream;
            context.Response.Headers["X-Request-Id"] = "req-123";
            return upstream is 204 or 304 ? Task.CompletedTask : context.Response.WriteAsync("""{"detail":"No."}""");
        };
        await using var app = await App.StartAsync(wassist);

        (await app.LookUpAsync()).Is(status, code);

        Assert.Equal(calls, wassist.Requests.Count);
        var line = Assert.Single(app.Logs.Own, line => line.EventId == 10);
        Assert.Contains($"Wassist answered {upstream}, request id req-123", line.Text, StringComparison.Ordinal);
        Assert.Equal(status == 404 ? LogLevel.Information : LogLevel.Warning, line.Level);
    }

    [Theory]
    [InlineData(401, "<!doctype html><title>Sign in</title>")]
    [InlineData(403, "<html>Access denied by the firewall</html>")]
    [InlineData(404, "<html><title>Page not found</title></html>")]
    [InlineData(404, "404 page not found")]
    [InlineData(404, "")]
    [InlineData(410, "\"gone\"")]
    [InlineData(407, "<html>")]
    [InlineData(400, "<html>400 Bad Request</html>")]
    public async Task A_refusal_that_is_not_the_apis_json_is_somebody_elses(int upstream, string body)
    {
        await using var vault = await KeyVaultStandIn.StartAsync();
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(upstream, body);
        await using var app = await vault.StartAppAsync(wassist);
        (await app.LookUpAsync()).Is(502, "upstream_invalid_response");
        var read = vault.ReadsOf("wassist-api-key");

        var answer = (await app.LookUpAsync()).Is(502, "upstream_invalid_response");

        Assert.Contains($"status {upstream}", answer.Detail, StringComparison.Ordinal);
        Assert.Contains("'Wassist:BaseUrl'", answer.Detail, StringComparison.Ordinal);
        Assert.Equal(2, wassist.Requests.Count);
        Assert.Equal(read, vault.ReadsOf("wassist-api-key")); // the key is not at fault
        Assert.Contains(app.Logs.Own, line => line.EventId == 10 && line.Text.Contains($"answered {upstream}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_upstreams_own_words_reach_neither_the_caller_nor_the_log()
    {
        const string Words = "Traceback: psycopg2 host=10.0.0.5 password=hunter2";
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(422, $$"""{"detail":"{{Words}}","message":"{{Words}}"}""", ("X-Request-Id", "evil id, line"));
        await using var app = await App.StartAsync(wassist);

        var answer = await app.LookUpAsync();

        Assert.DoesNotContain("hunter2", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(app.Logs.Lines, line => line.Text.Contains("hunter2", StringComparison.Ordinal));
        Assert.Contains("request id unknown", Assert.Single(app.Logs.Own, line => line.EventId == 10).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_failure_that_is_gone_at_the_next_try_is_not_noticed(int status)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.InTurn(FakeWassist.Status(status), FakeWassist.HangUp, FakeWassist.Json(Bodies.Live));
        await using var app = await App.StartAsync(wassist);

        (await app.LookUpAsync()).IsSummary();

        Assert.Equal(3, wassist.Requests.Count);
    }

    [Fact]
    public async Task A_connection_that_is_cut_is_tried_again_and_then_unavailable()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.HangUp;
        await using var app = await App.StartAsync(wassist);

        (await app.LookUpAsync()).Is(502, "upstream_unavailable");

        Assert.Equal(3, wassist.Requests.Count);
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_tried_again()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.InTurn(
            async context =>
            {
                context.Response.ContentLength = 1000;
                await context.Response.WriteAsync("{\"id\":");
                await context.Response.Body.FlushAsync();
                context.Abort();
            },
            FakeWassist.Json(Bodies.Live));
        await using var app = await App.StartAsync(wassist);

        (await app.LookUpAsync()).IsSummary();

        Assert.Equal(2, wassist.Requests.Count);
    }

    [Fact]
    public async Task Nobody_listening_is_unavailable()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(
            wassist, new Dictionary<string, string> { ["Wassist:BaseUrl"] = $"http://127.0.0.1:{LocalServer.FreePort()}" });

        (await app.LookUpAsync()).Is(502, "upstream_unavailable");
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"id\":\"00000000-0000-4000-8000-000000000000\"}")]
    [InlineData("")]
    public async Task An_answer_that_is_not_the_conversation_is_invalid_and_not_tried_again(string body)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Raw(Encoding.UTF8.GetBytes(body));
        await using var app = await App.StartAsync(wassist);

        (await app.LookUpAsync()).Is(502, "upstream_invalid_response");

        Assert.Single(wassist.Requests);
    }

    [Fact]
    public async Task A_key_that_is_refused_is_tried_again_after_five_seconds_however_many_asked_meanwhile()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var wassist = await FakeWassist.StartAsync();
        var works = wassist.Answer;
        wassist.Answer = FakeWassist.Status(401, """{"detail":"Invalid API key."}""");
        await using var app = await App.StartAsync(wassist, configure: services => services.AddSingleton<TimeProvider>(time));
        (await app.LookUpAsync()).Is(424, "upstream_rejected_credentials");
        wassist.Answer = works;

        time.Advance(TimeSpan.FromSeconds(4.9));
        (await app.LookUpAsync()).Is(424, "upstream_rejected_credentials");
        Assert.Single(wassist.Requests);
        time.Advance(TimeSpan.FromSeconds(0.1));

        (await app.LookUpAsync()).IsSummary();
    }

    [Fact]
    public async Task A_refusal_that_may_be_about_one_conversation_keeps_nobody_from_another()
    {
        await using var wassist = await FakeWassist.StartAsync();
        var works = wassist.Answer;
        wassist.Answer = FakeWassist.Status(403, """{"detail":"You do not have permission to perform this action."}""");
        await using var app = await App.StartAsync(wassist);
        (await app.LookUpAsync()).Is(424, "upstream_rejected_credentials");
        wassist.Answer = works;

        (await app.LookUpAsync()).IsSummary();
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed_so_the_key_goes_nowhere_else(int status)
    {
        await using var elsewhere = await FakeWassist.StartAsync();
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(status, "", ("Location", $"{elsewhere.Url}/api/v1/conversations/{Bodies.Id}/"));
        await using var app = await App.StartAsync(wassist);

        (await app.LookUpAsync()).Is(502, "upstream_invalid_response");

        Assert.Empty(elsewhere.Requests);
        Assert.Single(wassist.Requests);
    }

    [Fact]
    public async Task A_body_of_exactly_one_mebibyte_is_read_and_one_byte_more_is_not()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);
        var body = Bodies.Live().ToJsonString();

        wassist.Answer = FakeWassist.Raw(Encoding.UTF8.GetBytes(body.PadRight(1024 * 1024)));
        (await app.LookUpAsync()).IsSummary();

        wassist.Answer = FakeWassist.Raw(Encoding.UTF8.GetBytes(body.PadRight((1024 * 1024) + 1)));
        (await app.LookUpAsync()).Is(502, "upstream_invalid_response");
        Assert.Equal(2, wassist.Requests.Count);
    }

    [Fact]
    public async Task A_body_without_end_is_cut_at_the_limit()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = async context =>
        {
            var chunk = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
        };
        await using var app = await App.StartAsync(wassist);

        (await app.LookUpAsync()).Is(502, "upstream_invalid_response");
    }

    [Fact]
    public async Task A_small_body_that_unpacks_to_a_large_one_is_cut_at_the_limit()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new System.IO.Compression.GZipStream(context.Response.Body, System.IO.Compression.CompressionLevel.SmallestSize);
            await gzip.WriteAsync(new byte[64 * 1024 * 1024], context.RequestAborted);
        };
        await using var app = await App.StartAsync(wassist);

        (await app.LookUpAsync()).Is(502, "upstream_invalid_response");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")] // nobody asked for it
    [InlineData("deflate, gzip")]
    public async Task Broken_compression_is_invalid(string encoding)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(200, "this is not compressed", ("Content-Encoding", encoding));
        await using var app = await App.StartAsync(wassist);

        (await app.LookUpAsync()).Is(502, "upstream_invalid_response");
    }

    [Fact]
    public async Task Something_that_does_not_speak_http_is_invalid()
    {
        await using var wassist = await FakeWassist.StartAsync();
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = GreetAsync();
        await using var app = await App.StartAsync(
            wassist, new Dictionary<string, string> { ["Wassist:BaseUrl"] = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}" });

        (await app.LookUpAsync()).Is(502, "upstream_invalid_response");
        await serving;

        async Task GreetAsync()
        {
            using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync("220 mail.example ESMTP\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("""{"retry_after":12}""", null, 12)]
    [InlineData("""{"retry_after":12.2}""", null, 13)]
    [InlineData("""{"retry_after":5.1}""", null, 6)]
    [InlineData("""{"retry_after":1e300}""", null, 3600)]
    [InlineData("""{"retry_after":"12"}""", null, 12)]
    [InlineData("""{"detail":"Request was throttled. Expected available in 37 seconds."}""", null, 37)]
    [InlineData("""{"error":{"message":"Slow down: try again in 7.5s"}}""", null, 8)]
    [InlineData("Request was throttled. Expected available in 37 seconds.", null, 37)]
    [InlineData("""{"retry_after":12,"detail":"Expected available in 37 seconds."}""", null, 12)]
    [InlineData("""{"detail":"There were 37 seconds between calls."}""", null, 60)]
    [InlineData("""{"retry_after":12}""", "34", 34)]
    [InlineData("""{"retry_after":12}""", "soon", 12)]
    [InlineData("""{"retry_after":999999999}""", null, 3600)]
    [InlineData("{}", "40", 40)]
    [InlineData("{}", null, 60)]
    [InlineData("not json", null, 60)]
    [InlineData("[12]", null, 60)]
    [InlineData("""{"retry_after":null}""", null, 60)]
    public async Task A_long_rate_limit_is_passed_on_with_its_wait(string body, string? header, int seconds)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(429, body, header is null ? [] : [("Retry-After", header)]);
        await using var app = await App.StartAsync(wassist);

        var answer = (await app.LookUpAsync()).Is(429, "upstream_rate_limited");

        Assert.Equal(seconds, answer.RetryAfterSeconds);
        Assert.Single(wassist.Requests);
    }

    [Fact]
    public async Task A_rate_limit_until_a_date_is_passed_on_in_seconds()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 21, 18, 0, 0, TimeSpan.Zero));
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(429, "{}", ("Retry-After", time.GetUtcNow().AddSeconds(77).ToString("R", CultureInfo.InvariantCulture)));
        await using var app = await App.StartAsync(wassist, configure: services => services.AddSingleton<TimeProvider>(time));

        Assert.Equal(77, (await app.LookUpAsync()).Is(429, "upstream_rate_limited").RetryAfterSeconds);
    }

    [Theory]
    [InlineData("""{"retry_after":1}""", null)]
    [InlineData("{}", "1")]
    [InlineData("""{"retry_after":0}""", null)]
    [InlineData("""{"retry_after":-4}""", null)]
    public async Task A_short_rate_limit_is_waited_out(string body, string? header)
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.InTurn(
            FakeWassist.Status(429, body, header is null ? [] : [("Retry-After", header)]), FakeWassist.Json(Bodies.Live));
        await using var app = await App.StartAsync(wassist);

        (await app.LookUpAsync()).IsSummary();

        Assert.Equal(2, wassist.Requests.Count);
    }

    [Theory]
    [InlineData("5", 5)]
    [InlineData("0.75", 1)]
    public async Task The_wait_that_wassist_asks_for_is_kept_to_the_fraction(string retryAfter, int passedOn)
    {
        var wait = TimeSpan.FromSeconds(double.Parse(retryAfter, CultureInfo.InvariantCulture));
        var time = new FakeTimeProvider();
        var asked = new List<DateTimeOffset>();
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = context =>
        {
            asked.Add(time.GetUtcNow());
            return FakeWassist.Status(429, $$"""{"retry_after":{{retryAfter}}}""")(context);
        };
        await using var app = await App.StartAsync(wassist, configure: services => services.AddSingleton<TimeProvider>(time));

        var answer = (await app.LookUpWhileTimePassesAsync(time)).Is(429, "upstream_rate_limited");

        Assert.Equal(passedOn, answer.RetryAfterSeconds);
        Assert.Equal(3, asked.Count);
        Assert.All(asked.Zip(asked.Skip(1)), pair => Assert.True(pair.Second - pair.First >= wait));
    }

    [Theory]
    [InlineData(503, "17", "", 1, 17)]
    [InlineData(503, null, """{"retry_after":17}""", 1, 17)]
    [InlineData(500, "17", "", 1, 17)]
    [InlineData(503, "3", "", 3, 3)]
    [InlineData(503, "0", "", 3, null)]
    [InlineData(503, "Thu, 01 Jan 1970 00:00:00 GMT", "", 3, null)]
    [InlineData(503, "soon", "", 3, null)]
    [InlineData(429, "Thu, 01 Jan 1970 00:00:00 GMT", "", 3, 60)]
    public async Task A_wait_that_a_failure_asks_for_is_kept_and_passed_on(int upstream, string? header, string body, int calls, int? passedOn)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var asked = new List<DateTimeOffset>();
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = context =>
        {
            asked.Add(time.GetUtcNow());
            return FakeWassist.Status(upstream, body, header is null ? [] : [("Retry-After", header)])(context);
        };
        await using var app = await App.StartAsync(wassist, configure: services => services.AddSingleton<TimeProvider>(time));

        var answer = await app.LookUpWhileTimePassesAsync(time);

        Assert.Equal((upstream == 429 ? 429 : 502, calls), (answer.StatusCode, asked.Count));
        Assert.Equal(passedOn, answer.Body.TryGetProperty("retryAfterSeconds", out var seconds) ? seconds.GetInt32() : null);
        var shortest = header is "soon" ? TimeSpan.Zero : TimeSpan.FromSeconds(header == "3" ? 3 : 1); // no burst after a date in the past
        Assert.All(asked.Zip(asked.Skip(1)), pair => Assert.True(pair.Second - pair.First >= shortest));
    }

    [Fact]
    public async Task No_answer_within_the_tries_is_a_timeout_within_thirty_seconds()
    {
        var time = new FakeTimeProvider();
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Never;
        await using var app = await App.StartAsync(wassist, configure: services => services.AddSingleton<TimeProvider>(time));

        var call = app.LookUpAsync();
        await wassist.ReceivesAsync(1, TestContext.Current.CancellationToken);
        (await App.WhileTimePassesAsync(time, call, TimeSpan.FromSeconds(30))).Is(504, "upstream_timeout");

        Assert.Equal(3, wassist.Requests.Count);
    }

    [Fact]
    public async Task A_body_that_stalls_is_a_try_that_took_too_long()
    {
        var time = new FakeTimeProvider();
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.InTurn(
            async context =>
            {
                await context.Response.WriteAsync("{\"id\":");
                await context.Response.Body.FlushAsync();
                await FakeWassist.Never(context);
            },
            FakeWassist.Json(Bodies.Live));
        await using var app = await App.StartAsync(wassist, configure: services => services.AddSingleton<TimeProvider>(time));

        (await app.LookUpWhileTimePassesAsync(time)).IsSummary();

        Assert.Equal(2, wassist.Requests.Count);
    }

    [Fact]
    public async Task An_outage_opens_the_circuit_and_a_pause_closes_it_again_with_the_budget_unspent()
    {
        var time = new FakeTimeProvider();
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(500);
        await using var app = await App.StartAsync(
            wassist,
            new Dictionary<string, string> { ["Wassist:RequestsPerMinute"] = "36", ["Wassist:InteractivePercent"] = "100" },
            services => services.AddSingleton<TimeProvider>(time));

        for (var lookup = 0; lookup < 10; lookup++)
        {
            var failing = app.LookUpAsync(); // three tries within 30 s, which is what counts
            await Pace.PassAsync(time, failing, TimeSpan.FromSeconds(0.05));
            (await failing).Is(502, "upstream_unavailable");
        }

        var open = (await app.LookUpAsync()).Is(503, "circuit_open");
        Assert.InRange(open.RetryAfterSeconds, 1, 5);
        Assert.Equal(30, wassist.Requests.Count);
        Assert.Equal("degraded", (await app.GetAsync("health"))["status"].GetString());

        wassist.Answer = FakeWassist.Json(Bodies.Live);
        time.Advance(TimeSpan.FromSeconds(6));
        (await app.LookUpAsync()).IsSummary();
        Assert.Equal([22, 23], app.Logs.Own.Select(line => line.EventId).Where(id => id is 22 or 23));
    }

    /// <summary>Of 30 calls within 30 s, 27; a conversation that does not exist is no failure.</summary>
    [Theory]
    [InlineData(3, 0, true)]
    [InlineData(6, 0, false)]
    [InlineData(0, 31, false)]
    public async Task The_circuit_opens_when_nine_calls_in_ten_fail_within_half_a_minute(int good, int pause, bool opens)
    {
        var time = new FakeTimeProvider();
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist, configure: services => services.AddSingleton<TimeProvider>(time));
        wassist.Answer = FakeWassist.Status(404);
        for (var lookup = 0; lookup < good; lookup++)
            (await app.LookUpAsync()).Is(404, "conversation_not_found");

        wassist.Answer = FakeWassist.Status(500);
        while (wassist.Requests.Count < 30)
        {
            if (wassist.Requests.Count == 15)
                time.Advance(TimeSpan.FromSeconds(pause));
            var failing = app.LookUpAsync();
            await Pace.PassAsync(time, failing, TimeSpan.FromSeconds(0.05));
            (await failing).Is(502, "upstream_unavailable");
        }

        wassist.Answer = FakeWassist.Json(Bodies.Live);
        Assert.Equal(opens ? 503 : 200, (await app.LookUpAsync()).StatusCode);
    }

    [Fact]
    public async Task Conversations_that_do_not_exist_do_not_open_the_circuit()
    {
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Status(404);
        await using var app = await App.StartAsync(wassist);

        for (var lookup = 0; lookup < 40; lookup++)
            (await app.LookUpAsync()).Is(404, "conversation_not_found");
    }

    [Fact]
    public async Task This_apps_own_budget_refuses_before_wassist_has_to()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist, new Dictionary<string, string> { ["Wassist:RequestsPerMinute"] = "7" });

        for (var lookup = 0; lookup < 3; lookup++) // 40% of 7
            (await app.LookUpAsync()).IsSummary();
        var answer = (await app.LookUpAsync()).Is(429, "upstream_rate_limited");

        Assert.InRange(answer.RetryAfterSeconds, 60, 66); // when the first of the three leaves the window
        Assert.Equal(3, wassist.Requests.Count);
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_the_upstream_call()
    {
        var arrived = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = async context =>
        {
            arrived.SetResult();
            await FakeWassist.Never(context);
            ended.SetResult();
        };
        await using var app = await App.StartAsync(wassist);
        using var leave = new CancellationTokenSource();

        var lookup = app.Http.GetAsync($"conversations/{Bodies.Id}", leave.Token);
        await arrived.Task;
        await leave.CancelAsync();

        await ended.Task.WaitAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lookup);
        Assert.Single(wassist.Requests);
        Assert.DoesNotContain(app.Logs.Own, line => line.Level >= LogLevel.Warning && line.EventId != 2);
    }
}
