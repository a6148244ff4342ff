using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Load.Faults;

/// <summary>A Wassist that fails in every way that was ever thought of, by the number of the call for the conversation.</summary>
internal sealed class FaultyWassist : IAsyncDisposable
{
    /// <summary>Of one conversation in so many it never answers.</summary>
    private const int StuckOneIn = 500;

    private readonly IReadOnlyDictionary<Guid, Sample> _samples;
    private readonly KeyVaultStandIn _vault;
    private readonly HashSet<Guid> _stuck;
    private readonly int _seed;
    private readonly ConcurrentDictionary<Guid, int> _calls = new();
    private readonly (string Name, int Permille, Func<HttpContext, Sample, Task> Answer)[] _faults;
    private LocalServer? _app;
    private int _isLimiting;

    private FaultyWassist(IReadOnlyDictionary<Guid, Sample> samples, KeyVaultStandIn vault, int seed)
    {
        (_samples, _vault, _seed) = (samples, vault, seed);
        _stuck = [.. samples.Keys.Where((_, index) => index % StuckOneIn == 0)];
        _faults =
        [
            ("500", 20, Status(500)),
            ("502 with HTML", 20, Status(502, "<html><body>Bad gateway</body></html>", "text/html")),
            ("503", 30, Status(503)),
            ("504", 10, Status(504)),
            ("408", 10, Status(408)),
            ("425", 5, Status(425)),
            ("429, no Retry-After", 15, Status(429)),
            ("429, Retry-After 0", 10, Status(429, headers: ("Retry-After", "0"))),
            ("429, Retry-After 1", 10, Status(429, headers: ("Retry-After", "1"))),
            ("429, Retry-After 9e99", 5, Status(429, headers: ("Retry-After", "9e99"))),
            ("429, retry_after in the body", 10, Status(429, """{"retry_after":"00:00:02"}""")),
            ("400", 5, Status(400, """{"detail":"no"}""")),
            ("404", 15, Status(404, """{"detail":"Not found."}""")),
            ("410", 5, Status(410)),
            ("418", 3, Status(418)),
            ("302 to another host", 5, Status(302, headers: ("Location", "https://example.com/"))),
            ("204", 5, Status(204, null)),
            ("200, nothing in it", 10, Status(200, "")),
            ("200, HTML", 20, Status(200, "<html><body>Log in</body></html>", "text/html")),
            ("200, an array", 5, Status(200, "[]")),
            ("200, null", 5, Status(200, "null")),
            ("200, undefined", 10, (context, sample) => WriteAsync(context, Replace(sample, "41230", "undefined"))),
            ("200, True", 10, (context, sample) => WriteAsync(context, Replace(sample, "true", "True"))),
            ("200, no id", 5, Status(200, """{"contact":{}}""")),
            ("200, another conversation", 15, (context, _) => WriteAsync(context, Encoding.UTF8.GetBytes(Bodies.Live($"{Guid.NewGuid():D}").ToJsonString()))),
            ("200, JSON cut off", 20, (context, sample) => WriteAsync(context, sample.Body[..^5])),
            ("200, JSON twice", 5, (context, sample) => WriteAsync(context, [.. sample.Body, .. sample.Body])),
            ("200, never closed 100,000 deep", 2, Status(200, new string('[', 100_000))),
            ("200, over 1 MiB", 5, (context, _) => WriteAsync(context, new byte[1_300_000])),
            ("200, gzip over 1 MiB", 5, (context, _) => WriteAsync(context, Zip(new byte[20_000_000]), isZipped: true)),
            ("200, gzip that is none", 10, (context, sample) => WriteAsync(context, sample.Body, isZipped: true)),
            ("200, gzip damaged", 10, (context, sample) => WriteAsync(context, Damage(Zip(sample.Body)), isZipped: true)),
            ("200, gzip cut off", 10, (context, sample) => WriteAsync(context, Zip(sample.Body)[..^12], isZipped: true)),
            ("200, headers of 100 KB", 3, Status(200, headers: ("X-Long", new string('x', 100_000)))),
            ("reset before an answer", 30, Reset),
            ("reset in the body", 20, BreakOffAsync),
            ("slow drip of a second", 10, (context, sample) => DripAsync(context, sample.Body, 10, TimeSpan.FromMilliseconds(100))),
            ("slow drip without end", 1, (context, sample) => DripAsync(context, sample.Body, 1_000, TimeSpan.FromMilliseconds(200))),
            ("no answer", 1, NoAnswerAsync),
        ];
    }

    public string Url => _app!.Url;

    /// <summary>Whether nothing fails.</summary>
    public bool IsCalm { get; set; } = true;

    /// <summary>Whether everything is answered 503.</summary>
    public bool IsOut { get; set; }

    /// <summary>
    /// Answers one call 429 with a wait of half a minute. After one that is longer than five seconds the app calls nobody for so long, so
    /// this is no fault at random.
    /// </summary>
    public void Limit() => Volatile.Write(ref _isLimiting, 1);

    /// <summary>How often each thing was answered.</summary>
    public ConcurrentDictionary<string, int> Answers { get; } = new();

    public static async Task<FaultyWassist> StartAsync(IReadOnlyDictionary<Guid, Sample> samples, KeyVaultStandIn vault, int seed)
    {
        var wassist = new FaultyWassist(samples, vault, seed);
        wassist._app = await LocalServer.StartAsync(wassist.AnswerAsync);
        return wassist;
    }

    public ValueTask DisposeAsync() => _app!.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var id = Guid.Parse(context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries)[^1]);
        var (name, answer) = Choose(context, id);
        Answers.AddOrUpdate(name, 1, (_, before) => before + 1);
        try
        {
            await answer(context, _samples.TryGetValue(id, out var sample) ? sample : _samples.Values.First());
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The app has left.
        }
    }

    private (string Name, Func<HttpContext, Sample, Task> Answer) Choose(HttpContext context, Guid id)
    {
        if (!_samples.ContainsKey(id))
            return ("before it began", (context, _) => WriteAsync(context, Encoding.UTF8.GetBytes(Bodies.Live($"{id:D}").ToJsonString())));
        if (context.Request.Headers["X-API-Key"] != _vault.Secrets[KeyVaultStandIn.ApiKey]) // a new key is valid at once, and the old one no more
            return ("401, the key was rotated", Status(401));
        if (IsOut)
            return ("503 to everybody", Status(503));
        if (Interlocked.Exchange(ref _isLimiting, 0) == 1)
            return ("429, Retry-After 30", Status(429, headers: ("Retry-After", "30")));
        if (!IsCalm)
        {
            if (_stuck.Contains(id))
                return ("no answer, ever", NoAnswerAsync);
            var call = _calls.AddOrUpdate(id, 1, (_, before) => before + 1);
            var chance = BitConverter.ToUInt32(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes($"{_seed} {id} {call}"))) % 1000;
            foreach (var (name, permille, answer) in _faults)
            {
                if (chance < permille)
                    return (name, answer);
                chance -= (uint)permille;
            }

            if (chance % 2 == 0)
                return ("200, right, gzip", (context, sample) => WriteAsync(context, Zip(sample.Body), isZipped: true));
        }

        return ("200, right", (context, sample) => WriteAsync(context, sample.Body));
    }

    private static Task NoAnswerAsync(HttpContext context, Sample sample) => Task.Delay(Timeout.Infinite, context.RequestAborted);

    private static Func<HttpContext, Sample, Task> Status(int status, string? body = "{}", string type = "application/json", params (string Name, string Value)[] headers) => (context, _) =>
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
            context.Response.Headers[name] = value;
        if (body is null)
            return Task.CompletedTask;
        context.Response.ContentType = type;
        return context.Response.WriteAsync(body, context.RequestAborted);
    };

    private static async Task WriteAsync(HttpContext context, byte[] body, bool isZipped = false)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        if (isZipped)
            context.Response.Headers.ContentEncoding = "gzip";
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static Task Reset(HttpContext context, Sample sample)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private static async Task BreakOffAsync(HttpContext context, Sample sample)
    {
        context.Response.ContentLength = sample.Body.Length;
        await context.Response.Body.WriteAsync(sample.Body.AsMemory(0, sample.Body.Length / 2), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        context.Abort();
    }

    private static async Task DripAsync(HttpContext context, byte[] body, int pieces, TimeSpan pause)
    {
        context.Response.ContentLength = body.Length;
        foreach (var piece in body.Chunk(Math.Max(1, (body.Length + pieces - 1) / pieces)))
        {
            await context.Response.Body.WriteAsync(piece, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(pause, context.RequestAborted);
        }
    }

    /// <summary>Not JSON any more, also for a body that does not have what is replaced.</summary>
    private static byte[] Replace(Sample sample, string what, string by)
    {
        var body = Encoding.UTF8.GetString(sample.Body).Replace(what, by, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(body.Contains(by, StringComparison.Ordinal) ? body : string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{by}}}"""));
    }

    private static byte[] Zip(byte[] bytes)
    {
        using var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionLevel.Fastest))
            zip.Write(bytes);
        return zipped.ToArray();
    }

    private static byte[] Damage(byte[] zipped)
    {
        for (var index = 12; index < zipped.Length; index += 7)
            zipped[index] ^= 0x5A;
        return zipped;
    }
}
