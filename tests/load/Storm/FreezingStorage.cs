using System.Collections.Concurrent;
using System.Text;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Load.Storm;

/// <summary>
/// Azurite behind a proxy that can stop forwarding. As in a network that stalls, a request that was sent meanwhile arrives afterwards,
/// whether or not its sender has given up by then; and an answer that was on its way comes late.
/// </summary>
internal sealed class FreezingStorage : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<DateTimeOffset>> _notes = new();
    private readonly ConcurrentDictionary<string, (int Count, TimeSpan Time)> _operations = new();
    private readonly Azurite _azurite;
    private readonly string _account;
    private StorageProxy? _proxy;
    private volatile Task _thawed = Task.CompletedTask;

    private FreezingStorage(Azurite azurite) => (_azurite, _account) = (azurite, azurite.NewAccount());

    /// <summary>Through the proxy.</summary>
    public string ConnectionString => _proxy!.ConnectionString;

    /// <summary>Past the proxy.</summary>
    public string DirectConnectionString => _account;

    /// <summary>Requests by kind, with the time that Azurite took for them.</summary>
    public IReadOnlyDictionary<string, (int Count, TimeSpan Time)> Operations => _operations;

    public static async Task<FreezingStorage> StartAsync()
    {
        var storage = new FreezingStorage(await Azurite.StartAsync());
        storage._proxy = await StorageProxy.StartAsync(storage._account, storage.ForwardAsync);
        return storage;
    }

    /// <summary>Forwards nothing for so long.</summary>
    public async Task FreezeAsync(TimeSpan length)
    {
        var thawed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _thawed = thawed.Task;
        await Task.Delay(length);
        thawed.SetResult();
    }

    /// <summary>When notes reached storage that a flow was told: the note's row is named by news and flow.</summary>
    public IReadOnlyCollection<DateTimeOffset> NotesOf(string row) => _notes.TryGetValue(row, out var notes) ? notes : [];

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null)
            await _proxy.DisposeAsync();
        await _azurite.DisposeAsync();
    }

    private async Task ForwardAsync(StorageCall call)
    {
        await _thawed;
        var started = TimeProvider.System.GetTimestamp();
        var answer = await call.SendAsync(CancellationToken.None);
        using var response = answer.Response;
        var took = TimeProvider.System.GetElapsedTime(started);
        var path = call.Context.Request.Path.Value!;
        var kind = $"{call.Service} {call.Context.Request.Method} {path.Split('/', '(').ElementAtOrDefault(2)}";
        _operations.AddOrUpdate(kind, (1, took), (_, before) => (before.Count + 1, before.Time + took));
        if (call.Context.Request.Method == "PATCH" && answer.Response.IsSuccessStatusCode && Encoding.UTF8.GetString(call.Body).Contains("\"told\"", StringComparison.Ordinal))
            _notes.GetOrAdd(path.Split("RowKey='")[1].TrimEnd('\'', ')'), _ => []).Enqueue(DateTimeOffset.UtcNow);
        await _thawed;
        if (!call.Context.RequestAborted.IsCancellationRequested)
            await call.AnswerAsync(answer);
    }
}
