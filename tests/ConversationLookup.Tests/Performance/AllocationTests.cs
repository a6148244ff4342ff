using ConversationLookup.AllocationProbe;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Performance;

/// <summary>What a lookup allocates, counted in the local host's own process. Unlike its time it is the same on every machine.</summary>
public sealed class AllocationTests
{
    private const int Lookups = 2_000;

    [Theory]
    [InlineData("0", 10_000)] // each from Wassist, with everything on: tries, breaker, budget, time-outs, sharing
    [InlineData("300", 3_000)] // all but the first from the cache
    public async Task A_lookup_keeps_within_its_budget_of_bytes(string cacheSeconds, int budget)
    {
        await using var wassist = await FakeWassist.StartAsync();
        using var probe = new Probe();
        var url = $"http://127.0.0.1:{LocalServer.FreePort()}";
        await using var host = LocalHostProcess.Start(["--urls", url], new Dictionary<string, string>(probe.Environment)
        {
            ["Wassist__BaseUrl"] = wassist.Url,
            ["Wassist__ApiKey"] = FakeWassist.Key,
            ["Wassist__RequestsPerMinute"] = "1000000",
            ["Lookup__CacheSeconds"] = cacheSeconds,
            // Code is compiled anew as soon as it has run 30 times. Else that waits until nothing else is compiled, which is
            // later on a busy machine, and code that waits for it boxes more.
            ["DOTNET_TC_CallCountingDelayMs"] = "0",
        });
        await host.ReadyAsync();
        using var http = new HttpClient { BaseAddress = new Uri(url) };

        await LookUpAsync(http); // what is made once
        var before = probe.Read();
        await LookUpAsync(http);
        var bytes = (probe.Read() - before) / Lookups;

        TestContext.Current.TestOutputHelper!.WriteLine($"{bytes} bytes a lookup");
        Assert.InRange(bytes!.Value, 1_000, budget);
    }

    private static async Task LookUpAsync(HttpClient http)
    {
        for (var lookup = 0; lookup < Lookups; lookup++)
        {
            using var response = await http.GetAsync($"/api/conversations/{Bodies.Id}", TestContext.Current.CancellationToken);
            response.EnsureSuccessStatusCode();
        }
    }
}
