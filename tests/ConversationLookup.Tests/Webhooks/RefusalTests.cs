using ConversationLookup.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Webhooks;

/// <summary>What an operator hears of webhooks that strangers send: their number, each minute, and nothing of their words.</summary>
public sealed class RefusalTests
{
    private const string Words = "words-of-a-forger";

    [Fact]
    public async Task A_thousand_forgeries_are_counted_and_are_one_line_a_minute()
    {
        await using var wassist = await FakeWassist.StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = await StartAsync(wassist, time);
        using var signatures = new MetricCollector(app, "conversation_lookup.signatures");
        using var answers = new MetricCollector(app, "conversation_lookup.answers");

        for (var forgery = 0; forgery < 1000; forgery++)
            await ForgeAsync(app, time, forgery);
        Assert.Empty(Told(app));
        Assert.Equal(
            ["outcome=malformed 250", "outcome=missing 250", "outcome=stale 250", "outcome=unknown 250"],
            Counted(signatures));
        Assert.Equal(
            ["operation=receive_event outcome=invalid_signature 750", "operation=receive_event outcome=signature_unknown 250"],
            Counted(answers));

        time.Advance(TimeSpan.FromMinutes(1)); // and no forgery follows
        Assert.Equal(
            "Refused 1000 webhooks within a minute without proof that Wassist sent them: 250 invalid_signature (malformed), 250 invalid_signature (missing), 250 invalid_signature (stale), 250 signature_unknown.",
            Assert.Single(Told(app)));
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Single(Told(app));

        await ForgeAsync(app, time, 0);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, Told(app).Count);
        Assert.Contains("Refused 1 webhooks", Told(app)[1], StringComparison.Ordinal);
        Assert.DoesNotContain(app.Logs.Own, line => line.EventId == 10);
        Assert.DoesNotContain(app.Logs.Own, line => line.Text.Contains(Words, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task The_last_ones_are_told_of_when_the_app_stops()
    {
        await using var wassist = await FakeWassist.StartAsync();
        App stopped;
        await using (var app = stopped = await StartAsync(wassist, new FakeTimeProvider(DateTimeOffset.UtcNow)))
            (await app.ReceiveAsync(new SignedEvent { SigningSecret = "another" })).Is(503, "signature_unknown");

        Assert.Contains("Refused 1 webhooks", Assert.Single(Told(stopped)), StringComparison.Ordinal);
    }

    /// <summary>Only a rotation or a flood is worth a warning; that strangers knock is not.</summary>
    [Theory]
    [InlineData(0, LogLevel.Information)] // no signature
    [InlineData(1, LogLevel.Information)] // malformed
    [InlineData(2, LogLevel.Information)] // stale
    [InlineData(3, LogLevel.Warning)] // of another secret
    public async Task The_line_warns_of_what_may_be_Wassists_own(int kind, LogLevel level)
    {
        await using var wassist = await FakeWassist.StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = await StartAsync(wassist, time);

        await ForgeAsync(app, time, kind);
        time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(level, Assert.Single(app.Logs.Own, line => line.EventId == 70).Level);
    }

    [Fact]
    public async Task What_goes_wrong_with_a_webhook_of_Wassists_is_logged_each_time()
    {
        await using var wassist = await FakeWassist.StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = await StartAsync(wassist, time, new Dictionary<string, string>
        {
            ["AzureWebJobsStorage"] = $"DefaultEndpointsProtocol=http;AccountName=gone;AccountKey=AAAA;QueueEndpoint=http://127.0.0.1:{LocalServer.FreePort()}/gone;TableEndpoint=http://127.0.0.1:{LocalServer.FreePort()}/gone;BlobEndpoint=http://127.0.0.1:{LocalServer.FreePort()}/gone;",
        });

        for (var sent = 0; sent < 2; sent++)
            (await app.ReceiveAsync(new SignedEvent { At = time.GetUtcNow() })).Is(503, "storage_unavailable");

        Assert.Equal(2, app.Logs.Own.Count(line => line is { EventId: 10, Level: LogLevel.Warning }));
        Assert.Empty(Told(app));
    }

    private static Task<App> StartAsync(FakeWassist wassist, FakeTimeProvider time, IReadOnlyDictionary<string, string>? settings = null) =>
        App.StartWithStorageAsync(wassist, settings, services => services.AddSingleton<TimeProvider>(time));

    /// <summary>One of four kinds.</summary>
    private static async Task ForgeAsync(App app, FakeTimeProvider time, int number)
    {
        var at = time.GetUtcNow() + (number % 4 == 2 ? TimeSpan.FromMinutes(-6) : TimeSpan.Zero);
        using var request = new SignedEvent { SigningSecret = "another", At = at, DeliveryId = Words, Body = SignedEvent.WindowExpiring(Words) }.ToRequest();
        request.Headers.Add("traceparent", "00-7612f3bb62a2467ede2a0a85f3e765d1-00f067aa0ba902b7-01");
        request.Headers.Add("User-Agent", Words);
        if (number % 4 < 2)
            request.Headers.Remove("X-Wassist-Signature");
        if (number % 4 == 1)
            request.Headers.Add("X-Wassist-Signature", Words);
        var answer = await app.SendAsync(request);
        answer.Is(number % 4 == 3 ? 503 : 401, number % 4 == 3 ? "signature_unknown" : "invalid_signature");
    }

    private static List<string> Told(App app) => [.. app.Logs.Own.Where(line => line.EventId == 70).Select(line => line.Text.Split(" [")[0])];

    private static IEnumerable<string> Counted(MetricCollector metric) =>
        metric.Measured.GroupBy(measured => measured).Select(group => $"{group.Key} {group.Count()}").Order(StringComparer.Ordinal);
}
