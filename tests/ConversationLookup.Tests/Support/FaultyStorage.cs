using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Support;

/// <summary>
/// Stands between the app and Azurite on real sockets, and cuts every connection after a number of requests: what a process that is
/// killed there has done to storage is done, and no more.
/// </summary>
internal sealed partial class FaultyStorage : IAsyncDisposable
{
    private StorageProxy? _proxy;
    private CancellationTokenSource _cut = new();
    private int _left = int.MaxValue;

    private FaultyStorage(string account) => DirectConnectionString = account;

    /// <summary>Reaches an account of its own through this.</summary>
    public string ConnectionString => _proxy!.ConnectionString;

    /// <summary>The same account without this between.</summary>
    public string DirectConnectionString { get; }

    /// <summary>Whether the tables, and they alone, do not answer.</summary>
    public bool TablesAreGone { get; set; }

    /// <summary>What storage answers 503.</summary>
    public Func<HttpRequest, bool> Refuses { get; set; } = _ => false;

    /// <summary>How every request is answered instead.</summary>
    public RequestDelegate? Instead { get; set; }

    /// <summary>What storage does at once and answers when this is done.</summary>
    public Func<HttpRequest, Task> Holds { get; set; } = _ => Task.CompletedTask;

    /// <summary>What storage answered, in order.</summary>
    public ConcurrentQueue<StorageRequest> Requests { get; } = [];

    /// <summary>What was put onto the queues, in order, also what a queue still hides.</summary>
    public ConcurrentQueue<string> Messages { get; } = [];

    public static async Task<FaultyStorage> StartAsync()
    {
        var storage = new FaultyStorage(await Azurite.NewAccountAsync());
        storage._proxy = await StorageProxy.StartAsync(storage.DirectConnectionString, storage.ForwardAsync);
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

    public ValueTask DisposeAsync() => _proxy!.DisposeAsync();

    private async Task ForwardAsync(StorageCall call)
    {
        var context = call.Context;
        if ((call.Service == "Table" && TablesAreGone) || Interlocked.Decrement(ref _left) < 0)
        {
            if (!TablesAreGone)
                await _cut.CancelAsync();
            context.Abort();
            return;
        }

        if (Instead is { } instead)
        {
            await instead(context);
            return;
        }

        if (Refuses(context.Request))
        {
            context.Response.StatusCode = 503;
            return;
        }

        var sent = Decoded(Encoding.UTF8.GetString(call.Body));
        if (context.Request.Method == "POST" && context.Request.Path.Value!.EndsWith("/messages", StringComparison.Ordinal))
            Messages.Enqueue(sent);
        var answer = await call.SendAsync(context.RequestAborted);
        using var _ = answer.Response;
        Requests.Enqueue(new StorageRequest(
            call.Service, context.Request.Method, context.Request.Path, context.Request.QueryString.Value!, call.Body.Length + answer.Body.Length, $"{string.Join('\n', context.Request.Headers)}\n{sent}"));
        await Holds(context.Request);
        await call.AnswerAsync(answer);
    }

    private static string Decoded(string body) => Message().Match(body) is { Success: true } message
        ? Encoding.UTF8.GetString(Convert.FromBase64String(message.Groups["text"].Value))
        : body;

    [GeneratedRegex("<MessageText>(?<text>[^<]+)</MessageText>")]
    private static partial Regex Message();
}

/// <summary>One request that storage answered.</summary>
/// <param name="Service"><c>Queue</c>, <c>Table</c> or <c>Blob</c>.</param>
/// <param name="Bytes">Of both bodies.</param>
/// <param name="Text">Its headers and its body, that of a queue's message decoded.</param>
internal sealed record StorageRequest(string Service, string Method, string Path, string Query, long Bytes, string Text);
