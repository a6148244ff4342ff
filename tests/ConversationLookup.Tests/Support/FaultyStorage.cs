using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Support;

/// <summary>
/// Stands between the app and Azurite on real sockets, and cuts every connection after a number of requests: what a process that is
/// killed there has done to storage is done, and no more.
/// </summary>
internal sealed partial class FaultyStorage : IAsyncDisposable
{
    private readonly HttpClient _http = new();
    private readonly List<WebApplication> _servers = [];
    private CancellationTokenSource _cut = new();
    private int _left = int.MaxValue;

    private FaultyStorage()
    {
    }

    /// <summary>Reaches an account of its own through this.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>Whether the tables, and they alone, do not answer.</summary>
    public bool TablesAreGone { get; set; }

    /// <summary>What storage answers 503.</summary>
    public Func<HttpRequest, bool> Refuses { get; set; } = _ => false;

    /// <summary>The same account without this between.</summary>
    public string DirectConnectionString { get; private set; } = "";

    /// <summary>What was asked, in order; only what went through.</summary>
    public ConcurrentQueue<StorageRequest> Requests { get; } = [];

    /// <summary>What was put onto the queues, in order, also what a queue still hides.</summary>
    public ConcurrentQueue<string> Messages { get; } = [];

    public static async Task<FaultyStorage> StartAsync()
    {
        var account = await Azurite.NewAccountAsync();
        var storage = new FaultyStorage { ConnectionString = account, DirectConnectionString = account };
        foreach (Match endpoint in Endpoint().Matches(storage.ConnectionString))
        {
            var service = endpoint.Groups["service"].Value;
            var url = endpoint.Groups["url"].Value;
            var server = await LocalServer.StartAsync(context => storage.ForwardAsync(context, url, service));
            storage._servers.Add(server);
            storage.ConnectionString = storage.ConnectionString.Replace(url, server.Urls.Single(), StringComparison.Ordinal);
        }

        return storage;
    }

    /// <summary>Lets so many requests through, then none.</summary>
    /// <returns>Ends when the first one is cut: a process that is killed there does nothing more.</returns>
    public CancellationToken CutAfter(int requests)
    {
        _cut = new CancellationTokenSource();
        _left = requests;
        return _cut.Token;
    }

    /// <summary>Lets everything through again.</summary>
    public void Heal() => CutAfter(int.MaxValue);

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
        _http.Dispose();
    }

    private async Task ForwardAsync(HttpContext context, string endpoint, string service)
    {
        if ((service == "Table" && TablesAreGone) || Interlocked.Decrement(ref _left) < 0)
        {
            if (!TablesAreGone)
                await _cut.CancelAsync();
            context.Abort();
            return;
        }

        if (Refuses(context.Request))
        {
            context.Response.StatusCode = 503;
            return;
        }

        var target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        body.Position = 0;
        if (context.Request.Method == "POST" && context.Request.Path.Value!.EndsWith("/messages", StringComparison.Ordinal))
            Messages.Enqueue(Encoding.UTF8.GetString(Convert.FromBase64String(MessageText().Match(Encoding.UTF8.GetString(body.ToArray())).Groups[1].Value)));
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), endpoint + target) { Content = new StreamContent(body) };
        foreach (var (name, value) in context.Request.Headers.Where(header => header.Key is not ("Host" or "Connection")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)value!))
                request.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)value!);
        }

        using var response = await _http.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, value) in response.Headers.Concat(response.Content.Headers).Where(header => header.Key is not ("Transfer-Encoding" or "Connection" or "Keep-Alive")))
            context.Response.Headers[name] = value.ToArray();
        var answer = await response.Content.ReadAsByteArrayAsync(context.RequestAborted);
        Requests.Enqueue(new StorageRequest(service, context.Request.Method, context.Request.Path, (int)response.StatusCode, body.Length + answer.Length));
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    [GeneratedRegex("<MessageText>(.*)</MessageText>")]
    private static partial Regex MessageText();

    [GeneratedRegex("(?<service>[A-Z][a-z]+)Endpoint=(?<url>http://127[.]0[.]0[.]1:[0-9]+)")]
    private static partial Regex Endpoint();
}

/// <summary>One request that storage answered.</summary>
/// <param name="Service"><c>Queue</c>, <c>Table</c> or <c>Blob</c>.</param>
/// <param name="Bytes">Of both bodies.</param>
internal sealed record StorageRequest(string Service, string Method, string Path, int Status, long Bytes);
