using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ConversationLookup.Tests.Support;

/// <summary>Stands between the app and a storage account on real sockets; what becomes of each request is for its user to say.</summary>
internal sealed partial class StorageProxy : IAsyncDisposable
{
    private readonly HttpClient _http = new();
    private readonly List<LocalServer> _servers = [];

    private StorageProxy(string connectionString) => ConnectionString = connectionString;

    /// <summary>Reaches the account through this.</summary>
    public string ConnectionString { get; private set; }

    /// <param name="account">The connection string of the account itself.</param>
    /// <param name="handle">Is called for every request.</param>
    public static async Task<StorageProxy> StartAsync(string account, Func<StorageCall, Task> handle)
    {
        var proxy = new StorageProxy(account);
        foreach (Match endpoint in Endpoint().Matches(account))
        {
            var (service, url) = (endpoint.Groups["service"].Value, endpoint.Groups["url"].Value);
            var server = await LocalServer.StartAsync(async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body, context.RequestAborted);
                await handle(new StorageCall(context, service, url, body.ToArray(), proxy._http));
            });
            proxy._servers.Add(server);
            proxy.ConnectionString = proxy.ConnectionString.Replace(url, server.Url, StringComparison.Ordinal);
        }

        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
        _http.Dispose();
    }

    [GeneratedRegex("(?<service>[A-Z][a-z]+)Endpoint=(?<url>http://127[.]0[.]0[.]1:[0-9]+)")]
    private static partial Regex Endpoint();
}

/// <summary>A request on its way to storage.</summary>
internal sealed class StorageCall(HttpContext context, string service, string endpoint, byte[] body, HttpClient http)
{
    public HttpContext Context => context;

    /// <summary><c>Queue</c>, <c>Table</c> or <c>Blob</c>.</summary>
    public string Service => service;

    public byte[] Body => body;

    /// <summary>Has storage do it.</summary>
    public async Task<(HttpResponseMessage Response, byte[] Body)> SendAsync(CancellationToken cancellationToken)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), endpoint + target) { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in context.Request.Headers.Where(header => header.Key is not ("Host" or "Connection")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)value!))
                request.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)value!);
        }

        var response = await http.SendAsync(request, cancellationToken);
        return (response, await response.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    /// <summary>Gives the caller storage's answer.</summary>
    public async Task AnswerAsync((HttpResponseMessage Response, byte[] Body) answer)
    {
        context.Response.StatusCode = (int)answer.Response.StatusCode;
        foreach (var (name, value) in answer.Response.Headers.Concat(answer.Response.Content.Headers).Where(header => header.Key is not ("Transfer-Encoding" or "Connection" or "Keep-Alive")))
            context.Response.Headers[name] = value.ToArray();
        if (answer.Body.Length > 0)
            await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }
}
