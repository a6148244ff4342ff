using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Functions;

/// <summary>What the worker prints and logs, as an operator sees it in the host's log stream, after everything went right and wrong once.</summary>
public sealed class WorkerOutputTests
{
    private const string RefusedKey = "refused-key-do-not-leak";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_key_no_person_no_text_and_no_callback_is_in_the_whole_output()
    {
        var (output, secrets) = await RunEverythingAsync(new Dictionary<string, string>());

        Assert.All(secrets, secret => Assert.DoesNotContain(output, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>Proves that the search above finds what there is: the web framework's everyday messages name whole addresses.</summary>
    [Fact]
    public async Task What_would_give_a_key_away_if_it_were_logged_is_found()
    {
        var (output, secrets) = await RunEverythingAsync(new Dictionary<string, string> { ["Logging__LogLevel__Microsoft.AspNetCore.Hosting.Diagnostics"] = "Information" });

        Assert.Equal(
            [WorkerApp.Key, "7700900222"],
            secrets.Where(secret => output.Any(line => line.Contains(secret, StringComparison.OrdinalIgnoreCase))).Take(2));
    }

    /// <summary>The line belongs to no invocation, and the host passes on only what belongs to one.</summary>
    [Fact]
    public async Task The_number_of_refused_webhooks_is_told_of_once()
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await WorkerApp.StartAsync(wassist);

        Assert.Equal(503, await app.ReceiveAsync(new SignedEvent { SigningSecret = "a forger's" }));
        Assert.Equal(401, await app.ReceiveAsync(new SignedEvent { At = DateTimeOffset.UtcNow.AddHours(-1) }));
        await app.Host.StopAsync();

        Assert.Single(app.Host.Output.Where(line => line.Contains("Host.Function.Console", StringComparison.Ordinal)), line => line.Contains(
            "Refused 2 webhooks within a minute without proof that Wassist sent them: 1 invalid_signature (stale), 1 signature_unknown.", StringComparison.Ordinal));
        Assert.DoesNotContain(app.Host.Output, line => line.Contains("Answered receive_event", StringComparison.Ordinal));
    }

    private static async Task<(IReadOnlyList<string> Output, IReadOnlyList<string> Secrets)> RunEverythingAsync(Dictionary<string, string> settings)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var flow = await FakeFlow.StartAsync();
        await using var app = await WorkerApp.StartAsync(wassist, settings);
        using var stranger = new HttpClient { BaseAddress = app.Http.BaseAddress };

        (await app.LookUpAsync(query: $"?code={WorkerApp.Key}")).IsSummary();
        await app.GetAsync("conversations?contactPhoneNumber=%2B447700900222");
        using var refused = await stranger.GetAsync($"conversations/{Bodies.Id}?code={RefusedKey}", Token);
        var location = await app.SubscribeAsync(flow);
        flow.Answer = FakeWassist.InTurn(FakeWassist.Status(500), FakeWassist.Status(202));
        await app.ReceiveAsync(new SignedEvent { SigningSecret = "a forger's" });
        Assert.Equal(202, await app.ReceiveAsync(new SignedEvent()));
        await flow.ReceivesAsync();

        RequestDelegate[] faults =
        [
            FakeWassist.Status(500), FakeWassist.Status(401), FakeWassist.Status(404), FakeWassist.Status(429), FakeWassist.HangUp,
            FakeWassist.Raw("no json, Amara Osei"u8.ToArray()), FakeWassist.Status(302, "", ("Location", "http://localhost/?key=447700900222")),
        ];
        foreach (var fault in faults)
        {
            wassist.Answer = fault;
            Assert.InRange((await app.LookUpAsync(Guid.NewGuid().ToString())).StatusCode, 400, 599);
        }

        wassist.Answer = FakeWassist.Json(id => Bodies.Live(id));
        using var deleted = await stranger.DeleteAsync(location, Token);
        await app.Host.StopAsync();
        return (app.Host.Output,
        [
            WorkerApp.Key, "7700900222", RefusedKey, "7700900111", "Amara", "Osei", "delivery address", "Orders assistant",
            FakeWassist.Key, SignedEvent.Secret, "/workflows/", "sig=", location.Segments[^1],
        ]);
    }
}
