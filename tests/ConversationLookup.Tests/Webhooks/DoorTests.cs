using System.Text;
using ConversationLookup.Http;
using ConversationLookup.Tests.Support;
using ConversationLookup.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Webhooks;

/// <summary>What a stranger's request may cost: nothing before its signature was looked at, then what has arrived, and that not for long.</summary>
public sealed class DoorTests
{
    /// <summary>Nobody has the secret it was made with, but that only the body can show.</summary>
    private static string Fresh => $"X-Wassist-Signature: t={DateTimeOffset.UtcNow.ToUnixTimeSeconds()},v1={new string('a', 64)}";

    [Theory]
    [InlineData("X-Nothing: here")]
    [InlineData("X-Wassist-Signature:")]
    [InlineData("X-Wassist-Signature: t=1,v1=abc")]
    [InlineData("X-Wassist-Signature: t=1763748249,v1=524fe749aeaceff7518d0b69568938e81809888a0f6ee113e43458bcc7ada753")]
    public async Task Without_a_signature_that_could_be_good_a_webhook_is_refused_before_a_byte_of_its_body_is_read(string header)
    {
        await using var around = await Around.StartAsync();
        using var connection = await RawConnection.OpenAsync(around.App);

        await connection.PostAsync(Routes.Webhook, header, "Content-Length: 524288", "Expect: 100-continue");

        Assert.Equal((401, "invalid_signature", null), await connection.AnswerAsync());
    }

    [Theory]
    [InlineData(Routes.Webhook, 512 * 1024)]
    [InlineData(Routes.Subscriptions, 16 * 1024)]
    public async Task A_body_holds_what_has_arrived_of_it_whatever_it_claims(string route, int claimed)
    {
        await using var around = await Around.StartAsync();
        using var connection = await RawConnection.OpenAsync(around.App);

        await connection.PostAsync(route, Fresh, $"Content-Length: {claimed}");
        await around.App.EventuallyWaitingAsync(1);
        Assert.Equal(0, around.Bodies.Held);

        await connection.SendAsync(new byte[1000]);
        await around.EventuallyHeldAsync(held => held >= 1000);
        Assert.InRange(around.Bodies.Held, 1000, 2000);

        connection.Reset();
        await around.EventuallyHeldAsync(held => held == 0);
    }

    [Theory]
    [InlineData(Routes.Webhook)]
    [InlineData(Routes.Subscriptions)]
    public async Task A_body_that_does_not_arrive_within_ten_seconds_is_not_waited_for(string route)
    {
        await using var around = await Around.StartAsync();
        using var connection = await RawConnection.OpenAsync(around.App);
        await connection.PostAsync(route, Fresh, "Content-Length: 2000");
        await connection.SendAsync(new byte[1000]);
        await around.EventuallyHeldAsync(held => held >= 1000);

        around.Time.Advance(TimeSpan.FromSeconds(9.9));
        await connection.SendAsync(new byte[10]); // to begin anew is not its to choose
        await around.EventuallyHeldAsync(held => held >= 1010);
        around.Time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal((400, "invalid_body", null), await connection.AnswerAsync());
        Assert.Equal(0, around.Bodies.Held);
        connection.Dispose();
        await around.App.EventuallyWaitingAsync(0);
        Assert.DoesNotContain(around.App.Logs.Lines, line => line.Level is LogLevel.Warning or LogLevel.Error && line.EventId != 2); // the web server's included
    }

    [Theory]
    [InlineData(Routes.Webhook, true)]
    [InlineData(Routes.Webhook, false)]
    [InlineData(Routes.Subscriptions, true)]
    [InlineData(Routes.Subscriptions, false)]
    public async Task A_connection_that_breaks_off_leaves_nothing_behind_and_is_no_fault_of_the_apps(string route, bool isReset)
    {
        await using var around = await Around.StartAsync();
        for (var round = 0; round < 50; round++)
        {
            using var connection = await RawConnection.OpenAsync(around.App);
            await connection.PostAsync(route, Fresh, "Content-Length: 2000");
            await connection.SendAsync(new byte[1000]);
            await around.EventuallyHeldAsync(held => held >= 1000);
            if (isReset)
                connection.Reset();
            connection.Dispose();
            await around.EventuallyHeldAsync(held => held == 0);
        }

        await around.App.EventuallyWaitingAsync(0);
        Assert.DoesNotContain(around.App.Logs.Lines, line => line is { Level: LogLevel.Warning or LogLevel.Error, EventId: not 2 });
    }

    [Fact]
    public async Task When_bodies_that_do_not_come_to_their_end_fill_the_memory_the_one_that_waits_longest_makes_room()
    {
        await using var around = await Around.StartAsync();
        var connections = new List<RawConnection>();
        for (var number = 0; number < RequestBodies.MostHeld / WebhookHandlers.LargestBody; number++)
        {
            connections.Add(await RawConnection.OpenAsync(around.App));
            await connections[^1].PostAsync(Routes.Webhook, Fresh, $"Content-Length: {WebhookHandlers.LargestBody}");
            await connections[^1].SendAsync(new byte[WebhookHandlers.LargestBody - 1]);
            await around.EventuallyHeldAsync(held => held == connections.Count * (long)WebhookHandlers.LargestBody);
        }

        Assert.Equal(202, (await around.App.ReceiveAsync(around.Event())).StatusCode);

        Assert.Equal((503, "overloaded", 10), await connections[0].AnswerAsync());
        Assert.Equal(RequestBodies.MostHeld - WebhookHandlers.LargestBody, around.Bodies.Held);
        foreach (var connection in connections)
            connection.Dispose();
        await around.EventuallyHeldAsync(held => held == 0);
    }

    [Fact]
    public async Task What_makes_room_gives_its_memory_back_once()
    {
        await using var around = await Around.StartAsync();
        var connections = new List<RawConnection>();
        for (var number = 0; number < 3 * RequestBodies.MostHeld / WebhookHandlers.LargestBody; number++)
        {
            connections.Add(await RawConnection.OpenAsync(around.App));
            await connections[^1].PostAsync(Routes.Webhook, Fresh, $"Content-Length: {WebhookHandlers.LargestBody}");
            await connections[^1].SendAsync(new byte[WebhookHandlers.LargestBody - 1]);
            Assert.InRange(around.Bodies.Held, 0, RequestBodies.MostHeld);
        }

        foreach (var connection in connections)
            connection.Dispose();
        await around.EventuallyHeldAsync(held => held == 0);
        await around.App.EventuallyWaitingAsync(0);
        Assert.Equal(0, around.Bodies.Held);
        Assert.Equal(202, (await around.App.ReceiveAsync(around.Event())).StatusCode);
    }

    [Fact]
    public async Task A_text_of_65536_characters_is_taken_also_if_each_of_them_is_escaped()
    {
        await using var around = await Around.StartAsync();
        var text = string.Concat(Enumerable.Repeat("\\u017c", 65536)); // ż
        var body = SignedEvent.MessageReceived(text: "TEXT").ToJsonString().Replace("TEXT", text, StringComparison.Ordinal);

        Assert.Equal((202, "", null), await around.SendAsync(body, isChunked: false));
        Assert.Equal((202, "", null), await around.SendAsync(body, isChunked: true));
        Assert.Equal(0, around.Bodies.Held);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_of_exactly_512_KiB_is_taken_and_one_byte_more_is_not(bool isChunked)
    {
        await using var around = await Around.StartAsync();
        var body = SignedEvent.MessageReceived().ToJsonString();

        Assert.Equal((202, "", null), await around.SendAsync(body.PadRight(524288), isChunked));
        Assert.Equal((413, "payload_too_large", null), await around.SendAsync(body.PadRight(524289), isChunked));
        Assert.Equal(0, around.Bodies.Held);
    }

    [Fact]
    public async Task What_claims_to_be_too_large_is_refused_before_a_byte_of_it_is_read()
    {
        await using var around = await Around.StartAsync();
        using var connection = await RawConnection.OpenAsync(around.App);

        await connection.PostAsync(Routes.Webhook, Fresh, "Content-Length: 524289", "Expect: 100-continue");

        Assert.Equal((413, "payload_too_large", null), await connection.AnswerAsync());
    }

    /// <summary>An app whose time is the test's.</summary>
    private sealed class Around(FakeWassist wassist, App app, FakeTimeProvider time) : IAsyncDisposable
    {
        public App App => app;

        public FakeTimeProvider Time => time;

        public RequestBodies Bodies => app.Services.GetRequiredService<RequestBodies>();

        public static async Task<Around> StartAsync()
        {
            var wassist = await FakeWassist.StartAsync();
            var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
            var app = await App.StartWithStorageAsync(wassist, configure: services => services.AddSingleton<TimeProvider>(time));
            await app.WarmUpAsync();
            return new Around(wassist, app, time);
        }

        public SignedEvent Event() => new() { At = time.GetUtcNow() };

        public Task EventuallyHeldAsync(Func<long, bool> isSo) => Eventually.IsSoAsync(() => isSo(Bodies.Held));

        /// <summary>Sends a webhook with just this body, as Wassist signs it.</summary>
        public async Task<(int Status, string Code, int? RetryAfter)> SendAsync(string body, bool isChunked)
        {
            using var connection = await RawConnection.OpenAsync(app);
            var (bytes, timestamp) = (Encoding.UTF8.GetBytes(body), $"{time.GetUtcNow().ToUnixTimeSeconds()}");
            await connection.PostAsync(
                Routes.Webhook,
                $"X-Wassist-Signature: {SignedEvent.Sign(timestamp, bytes, SignedEvent.Secret)}",
                isChunked ? "Transfer-Encoding: chunked" : $"Content-Length: {bytes.Length}");
            await connection.SendAsync(isChunked ? [.. Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), .. bytes, .. "\r\n0\r\n\r\n"u8] : bytes);
            return await connection.AnswerAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            await wassist.DisposeAsync();
        }
    }
}
