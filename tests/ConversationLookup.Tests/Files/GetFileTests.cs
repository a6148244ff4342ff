using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ConversationLookup.Files;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Files;

/// <summary>A file of a message, from a media host on a real socket that behaves well, badly, or not at all.</summary>
public sealed class GetFileTests
{
    private static readonly Dictionary<string, string> Local = new() { ["Files:AllowLocalHosts"] = "true" };

    [Fact]
    public async Task A_file_comes_with_its_name_type_and_length_and_without_the_api_key_at_its_host()
    {
        await using var host = await MediaHost.StartAsync();
        await using var wassist = await MediaHost.WassistWithAsync(($"{host.Url}/abc/door.jpg?token=x", "image/jpeg"));
        await using var app = await App.StartAsync(wassist, Local);

        using var response = await GetAsync(app);

        Assert.Equal(MediaHost.Jpeg, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("image/jpeg", (long?)MediaHost.Jpeg.Length), (response.Content.Headers.ContentType!.ToString(), response.Content.Headers.ContentLength));
        Assert.Equal("attachment; filename=door.jpg; filename*=UTF-8''door.jpg", response.Content.Headers.ContentDisposition!.ToString());
        Assert.Equal(["door.jpg"], response.Headers.GetValues("X-File-Name"));
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        Assert.True(response.Headers.CacheControl!.NoStore);
        var (path, headers) = Assert.Single(host.Requests);
        Assert.Equal("/abc/door.jpg?token=x", path);
        Assert.DoesNotContain(FakeWassist.Key, headers, StringComparison.Ordinal);
        Assert.DoesNotContain("X-API-Key", headers, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_index_chooses_among_the_files_of_a_message()
    {
        await using var host = await MediaHost.StartAsync();
        await using var wassist = await MediaHost.WassistWithAsync(($"{host.Url}/a.jpg", "image/jpeg"), ($"{host.Url}/b.jpg", "image/jpeg"));
        await using var app = await App.StartAsync(wassist, Local);

        using var second = await GetAsync(app, "?index=1");

        Assert.Equal(["b.jpg"], second.Headers.GetValues("X-File-Name"));
        Assert.Contains("0 to 1", (await ProblemAsync(app, "?index=2")).Is(404, "media_not_found").Detail, StringComparison.Ordinal);
        (await ProblemAsync(app, "?index=-1")).Is(400, "invalid_parameter");
        (await ProblemAsync(app, "?index=100")).Is(400, "invalid_parameter");
        (await ProblemAsync(app, "?number=1")).Is(400, "invalid_parameter");
    }

    [Fact]
    public async Task What_is_not_there_is_404_and_says_what_is_missing()
    {
        await using var wassist = await MediaHost.WassistWithAsync();
        await using var app = await App.StartAsync(wassist, Local);

        (await ProblemAsync(app)).Is(404, "media_not_found");
        (await app.GetAsync($"conversations/{Bodies.Id}/messages/another/media")).Is(404, "message_not_found");
        (await app.GetAsync($"conversations/no-uuid/messages/{MediaHost.MessageId}/media")).Is(400, "invalid_conversation_id");
        wassist.Answer = FakeWassist.Status(404, """{"detail":"No Conversation matches the given query."}""");
        (await ProblemAsync(app)).Is(404, "conversation_not_found");
    }

    [Fact]
    public async Task A_message_is_found_by_its_id_in_whatsapp_too()
    {
        await using var host = await MediaHost.StartAsync();
        await using var wassist = await MediaHost.WassistWithAsync(($"{host.Url}/a.jpg", "image/jpeg"));
        await using var app = await App.StartAsync(wassist, Local);

        using var response = await app.Http.GetAsync($"conversations/{Bodies.Id}/messages/{Uri.EscapeDataString(MediaHost.WhatsAppId)}/media", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(0, 200, 1)]
    [InlineData(99, 200, 1)]
    [InlineData(100, 200, 2)]
    [InlineData(999, 200, 10)]
    [InlineData(1000, 404, 11)] // the newest once more
    public async Task A_message_is_looked_for_among_the_newest_thousand(int place, int status, int calls)
    {
        await using var host = await MediaHost.StartAsync();
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Routes(messages: context =>
        {
            var offset = int.Parse(context.Request.Query["offset"].ToString(), CultureInfo.InvariantCulture);
            return context.Response.WriteAsync(new JsonObject
            {
                ["count"] = 2000,
                ["next"] = "more",
                ["results"] = new JsonArray([.. Enumerable.Range(offset, 100).Select(number => number == place
                    ? MediaHost.MessageWith(($"{host.Url}/a.jpg", "image/jpeg"))
                    : new JsonObject { ["id"] = $"m{number}", ["role"] = "user", ["type"] = "text", ["text"] = new JsonObject { ["body"] = "Hello" } })]),
            }.ToJsonString());
        });
        await using var app = await App.StartAsync(wassist, Local);

        using var response = await GetAsync(app);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(calls, wassist.Requests.Count);
    }

    [Fact]
    public async Task A_message_that_came_after_the_last_look_is_found()
    {
        await using var host = await MediaHost.StartAsync();
        await using var wassist = await MediaHost.WassistWithAsync(($"{host.Url}/a.jpg", "image/jpeg"));
        await using var app = await App.StartAsync(wassist, new Dictionary<string, string>(Local) { ["Lookup:CacheSeconds"] = "60" });
        var withMessage = wassist.Answer;
        wassist.Answer = FakeWassist.Routes(messages: FakeWassist.Raw("[]"u8.ToArray()));
        (await ProblemAsync(app)).Is(404, "message_not_found");

        wassist.Answer = withMessage;
        using var response = await GetAsync(app);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    public static TheoryData<int, int, string> Statuses => new()
    {
        { 401, 404, "media_gone" },
        { 403, 404, "media_gone" },
        { 404, 404, "media_gone" },
        { 410, 404, "media_gone" },
        { 400, 404, "media_gone" },
        { 408, 502, "media_unavailable" },
        { 429, 502, "media_unavailable" },
        { 500, 502, "media_unavailable" },
        { 503, 502, "media_unavailable" },
        { 204, 502, "media_unavailable" },
        { 206, 502, "media_unavailable" },
        { 304, 502, "media_unavailable" },
    };

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task What_the_host_answers_instead_of_the_file_has_a_code_of_its_own(int answered, int status, string code)
    {
        await using var host = await MediaHost.StartAsync();
        host.Answer = context =>
        {
            context.Response.StatusCode = answered;
            return Task.CompletedTask;
        };
        (await AskAsync(host)).Is(status, code);
    }

    [Fact]
    public async Task A_file_that_comes_compressed_is_none()
    {
        await using var host = await MediaHost.StartAsync();
        host.Answer = context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.Body.WriteAsync(MediaHost.Png).AsTask();
        };

        (await AskAsync(host)).Is(502, "media_unavailable");
    }

    [Theory]
    [InlineData(200, "ok", false)]
    [InlineData(404, "media_gone", false)]
    [InlineData(500, "media_unavailable", true)]
    public async Task Its_span_says_what_it_came_to_and_has_failed_where_an_operator_may_want_to_know(int answered, string outcome, bool failed)
    {
        await using var host = await MediaHost.StartAsync();
        if (answered != 200)
            host.Answer = FakeWassist.Status(answered);
        await using var wassist = await MediaHost.WassistWithAsync(($"{host.Url}/a.jpg", "image/jpeg"));
        await using var app = await App.StartAsync(wassist, Local);
        using var spans = new SpanCollector();

        using var response = await GetAsync(app);
        await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

        Assert.Equal((outcome, failed), spans.OutcomeOf("fetch file"));
    }

    /// <summary>What the message says, what the host sends, and what comes of it.</summary>
    public static TheoryData<string?, string, string, int, string> Lies => new()
    {
        { "image/jpeg", "png", "image/jpeg", 200, "image/png" }, // another picture: its real type
        { "image/*", "png", "text/plain", 200, "image/png" },
        { null, "png", "image/jpeg", 200, "image/png" },
        { null, "text", "text/plain", 200, "text/plain" },
        { "application/octet-stream", "png", "", 200, "image/png" },
        { "text/html", "html", "text/html", 200, "application/octet-stream" }, // it does not run where it is opened
        { "image/jpeg", "html", "text/html", 502, "media_unavailable" },
        { "image/jpeg", "html", "image/jpeg", 502, "media_unavailable" },
        { "image/jpeg", "text", "image/jpeg", 424, "media_type_mismatch" },
        { "image/jpeg", "pdf", "image/jpeg", 424, "media_type_mismatch" },
        { "image/png", "exe", "image/png", 424, "media_type_mismatch" },
        { "application/pdf", "png", "application/pdf", 424, "media_type_mismatch" },
        { "audio/ogg; codecs=opus", "png", "audio/ogg", 424, "media_type_mismatch" },
        { "image/jpeg", "empty", "image/jpeg", 502, "media_unavailable" },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_file_is_held_against_what_is_said_of_it(string? declared, string content, string sentAs, int status, string typeOrCode)
    {
        await using var host = await MediaHost.StartAsync();
        host.Answer = MediaHost.Bytes(
            content switch
            {
                "png" => MediaHost.Png,
                "html" => "\uFEFF\n <!DOCTYPE html><title>Not found</title>"u8.ToArray(),
                "text" => "just some text"u8.ToArray(),
                "pdf" => "%PDF-1.7\n"u8.ToArray(),
                "exe" => [.. "MZ"u8, .. new byte[100]],
                _ => [],
            },
            sentAs);
        await using var wassist = await MediaHost.WassistWithAsync(($"{host.Url}/file", declared));
        await using var app = await App.StartAsync(wassist, Local);

        using var response = await GetAsync(app);

        Assert.Equal((status, typeOrCode), ((int)response.StatusCode, status == 200 ? response.Content.Headers.ContentType!.ToString() : (await Answer.ReadAsync(response)).Code));
    }

    [Fact]
    public async Task A_host_that_is_not_allowed_is_424_names_the_setting_and_is_not_called()
    {
        await using var host = await MediaHost.StartAsync();
        await using var wassist = await MediaHost.WassistWithAsync(("https://evil.example/a.jpg", "image/jpeg"), ($"{host.Url}/a.jpg", null), ("https://media.wassist.app:8443/a", null), ("http://media.wassist.app/a", null), ("ftp://media.wassist.app/a", null), ("https://a:b@media.wassist.app/a", null), ("not an address", null));
        await using var app = await App.StartAsync(wassist);

        for (var index = 0; index < 7; index++)
            (await ProblemAsync(app, $"?index={index}")).Is(424, "media_host_not_allowed");
        Assert.Contains("Files:AllowedHosts", (await ProblemAsync(app)).Detail, StringComparison.Ordinal);
        Assert.Empty(host.Requests);
    }

    [Fact]
    public async Task An_allowed_name_that_leads_to_a_private_address_is_424()
    {
        await using var wassist = await MediaHost.WassistWithAsync(("https://localhost/a.jpg", null));
        await using var app = await App.StartAsync(wassist, new Dictionary<string, string> { ["Files:AllowedHosts"] = "localhost" });

        Assert.Contains("private address", (await ProblemAsync(app)).Is(424, "media_host_not_allowed").Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/other.jpg", 200)]
    [InlineData("https://evil.example/a.jpg", 424)]
    [InlineData("http://10.0.0.1/a.jpg", 424)]
    [InlineData("http://169.254.169.254/metadata/instance", 424)]
    [InlineData("https://[fd00::1]/a.jpg", 424)]
    [InlineData("file:///etc/passwd", 424)]
    public async Task Every_redirect_leads_to_an_allowed_host_or_nowhere(string target, int status)
    {
        await using var host = await MediaHost.StartAsync();
        host.Answer = context => (context.Request.Path == "/file" ? MediaHost.Redirect(target) : MediaHost.Bytes(MediaHost.Jpeg, "image/jpeg"))(context);

        Assert.Equal(status, (await AskAsync(host)).StatusCode);
    }

    [Theory]
    [InlineData(5, 200)]
    [InlineData(6, 502)]
    public async Task Five_redirects_are_followed(int redirects, int status)
    {
        await using var host = await MediaHost.StartAsync();
        host.Answer = context => host.Requests.Count <= redirects ? MediaHost.Redirect($"/{host.Requests.Count}", 307)(context) : MediaHost.Bytes(MediaHost.Jpeg, "image/jpeg")(context);

        Assert.Equal(status, (await AskAsync(host)).StatusCode);
    }

    [Fact]
    public async Task Fifty_mebibytes_arrive_byte_for_byte_and_one_more_is_413()
    {
        await using var host = await MediaHost.StartAsync();
        await using var wassist = await MediaHost.WassistWithAsync(($"{host.Url}/a.jpg", "image/jpeg"));
        await using var app = await App.StartAsync(wassist, Local);
        byte[] content = [0xFF, 0xD8, 0xFF, .. RandomNumberGenerator.GetBytes((int)FileHandlers.Largest - 3)];

        host.Answer = MediaHost.Bytes(content, "image/jpeg");
        using (var response = await GetAsync(app))
            Assert.Equal(SHA256.HashData(content), await SHA256.HashDataAsync(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken));
        host.Answer = MediaHost.Bytes([.. content, 0], "image/jpeg");

        Assert.Contains("50 MiB", (await ProblemAsync(app)).Is(413, "media_too_large").Detail, StringComparison.Ordinal);
    }

    /// <summary>Nobody may take a part of a file for all of it.</summary>
    [Theory]
    [InlineData("breaks off")]
    [InlineData("has no end")]
    public async Task A_file_that_breaks_off_or_has_no_end_breaks_the_connection(string how)
    {
        await using var host = await MediaHost.StartAsync();
        var begun = new TaskCompletionSource();
        host.Answer = async context =>
        {
            if (how == "breaks off")
                context.Response.ContentLength = 1_000_000;
            await context.Response.Body.WriteAsync(MediaHost.Jpeg);
            var piece = new byte[1024 * 1024];
            for (var sent = 0; how == "has no end" && sent < 60; sent++)
                await context.Response.Body.WriteAsync(piece);
            await context.Response.Body.FlushAsync();
            await begun.Task;
            context.Abort();
        };
        await using var wassist = await MediaHost.WassistWithAsync(($"{host.Url}/a.jpg", "image/jpeg"));
        await using var app = await App.StartAsync(wassist, Local);

        using var response = await GetAsync(app);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode); // nobody can know yet
        begun.SetResult();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("never answers")]
    [InlineData("never sends the first byte")]
    [InlineData("drips")]
    public async Task A_host_that_takes_too_long_to_begin_is_504(string how)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await MediaHost.StartAsync();
        host.Answer = how switch
        {
            "never answers" => FakeWassist.Never,
            "drips" => async context =>
            {
                for (var dripping = 0; dripping < 100 && !context.RequestAborted.IsCancellationRequested; dripping++)
                {
                    await context.Response.Body.WriteAsync(MediaHost.Jpeg.AsMemory(dripping, 1));
                    await context.Response.Body.FlushAsync();
                }

                await FakeWassist.Never(context);
            }
            ,
            _ => async context =>
            {
                await context.Response.Body.FlushAsync();
                await FakeWassist.Never(context);
            }
            ,
        };
        await using var wassist = await MediaHost.WassistWithAsync(($"{host.Url}/a.jpg", "image/jpeg"));
        await using var app = await App.StartAsync(wassist, Local, services => services.AddSingleton<TimeProvider>(time));

        (await App.WhileTimePassesAsync(time, ProblemAsync(app), atMost: TimeSpan.FromSeconds(20))).Is(504, "media_timeout"); // 15, and what it takes until then
    }

    [Fact]
    public async Task A_file_that_drips_for_longer_than_flows_wait_breaks_the_connection()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await MediaHost.StartAsync();
        host.Answer = async context =>
        {
            await context.Response.Body.WriteAsync(MediaHost.Jpeg);
            await context.Response.Body.FlushAsync();
            await FakeWassist.Never(context);
        };
        await using var wassist = await MediaHost.WassistWithAsync(($"{host.Url}/a.jpg", "image/jpeg"));
        await using var app = await App.StartAsync(wassist, Local, services => services.AddSingleton<TimeProvider>(time));

        using var response = await GetAsync(app);
        var reading = Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
        await Pace.PassAsync(time, reading, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(100));
    }

    [Fact]
    public async Task A_host_that_cannot_be_reached_or_hangs_up_is_502()
    {
        await using var host = await MediaHost.StartAsync();
        host.Answer = FakeWassist.HangUp;
        (await AskAsync(host)).Is(502, "media_unavailable");

        await using var wassist = await MediaHost.WassistWithAsync(($"http://127.0.0.1:{LocalServer.FreePort()}/a.jpg", null));
        await using var app = await App.StartAsync(wassist, Local);
        (await ProblemAsync(app)).Is(502, "media_unavailable");
    }

    [Fact]
    public async Task Nothing_of_the_address_is_in_a_log_or_a_problem()
    {
        await using var host = await MediaHost.StartAsync();
        host.Answer = FakeWassist.Status(500, "secret words");
        await using var wassist = await MediaHost.WassistWithAsync(($"{host.Url}/secret-path/a.jpg?secret-token", "image/jpeg"));
        await using var app = await App.StartAsync(wassist, Local);

        var answer = (await ProblemAsync(app)).Is(502, "media_unavailable");

        Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(app.Logs.Own, line => line.Text.Contains("secret", StringComparison.Ordinal));
        Assert.Contains(app.Logs.Own, line => line.Text.Contains("the file's host answered 500", StringComparison.Ordinal));
    }

    private static async Task<Answer> AskAsync(MediaHost host)
    {
        await using var wassist = await MediaHost.WassistWithAsync(($"{host.Url}/file", "image/jpeg"));
        await using var app = await App.StartAsync(wassist, Local);
        using var response = await GetAsync(app);
        return response.IsSuccessStatusCode ? new Answer(response.StatusCode, "", default) : await Answer.ReadAsync(response);
    }

    private static Task<Answer> ProblemAsync(App app, string query = "") => app.GetAsync($"conversations/{Bodies.Id}/messages/{MediaHost.MessageId}/media{query}");

    private static Task<HttpResponseMessage> GetAsync(App app, string query = "") => app.Http.GetAsync(
        new Uri($"conversations/{Bodies.Id}/messages/{MediaHost.MessageId}/media{query}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
}
