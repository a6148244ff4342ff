using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Support;

/// <summary>An upstream on a real socket whose answers a test chooses. It checks the key as Wassist does.</summary>
internal sealed class FakeWassist : IAsyncDisposable
{
    public const string Key = "test-key-do-not-leak";

    private readonly LocalServer _app;

    private FakeWassist(LocalServer app) => _app = app;

    /// <summary>Who may ask.</summary>
    public string AcceptedKey { get; set; } = Key;

    /// <summary>What a request with the right key gets; the live shape unless a test says otherwise.</summary>
    public RequestDelegate Answer { get; set; } = Json(id => Bodies.Live(id));

    /// <summary>The trace context of each request, or nothing.</summary>
    public ConcurrentQueue<string> TraceParents { get; } = [];

    /// <summary>The headers of each request, a line each.</summary>
    public ConcurrentQueue<string> Headers { get; } = [];

    /// <summary>Every request that arrived, in order.</summary>
    public ConcurrentQueue<RecordedRequest> Requests { get; } = [];

    public string Url => _app.Url;

    public static async Task<FakeWassist> StartAsync()
    {
        FakeWassist? fake = null;
        var app = await LocalServer.StartAsync(context => fake!.AnswerAsync(context));
        return fake = new FakeWassist(app);
    }

    /// <summary>200 with a body made for the id in the path.</summary>
    public static RequestDelegate Json(Func<string, JsonNode> body) => context =>
        context.Response.WriteAsync(body(context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries)[^1]).ToJsonString());

    /// <summary>One answer for each of the routes that are read.</summary>
    public static RequestDelegate Routes(RequestDelegate? conversation = null, RequestDelegate? list = null, RequestDelegate? messages = null) => context =>
        (context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries).Length switch
        {
            3 => list,
            4 => conversation ?? Json(id => Bodies.Live(id)),
            _ => messages,
        } ?? Status(404))(context);

    /// <summary>A status with a body and headers.</summary>
    public static RequestDelegate Status(int status, string body = "{}", params (string Name, string Value)[] headers) => async context =>
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
            context.Response.Headers[name] = value;
        if (status is not (204 or 304)) // which have no body
            await context.Response.WriteAsync(body);
    };

    /// <summary>200 with any bytes.</summary>
    public static RequestDelegate Raw(byte[] body) => context => context.Response.Body.WriteAsync(body).AsTask();

    /// <summary>The connection is cut without an answer.</summary>
    public static Task HangUp(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    /// <summary>No answer until the caller gives up.</summary>
    public static async Task Never(HttpContext context)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>One answer after another; the last one stays.</summary>
    public static RequestDelegate InTurn(params RequestDelegate[] answers)
    {
        var next = -1;
        return context => answers[Math.Min(Interlocked.Increment(ref next), answers.Length - 1)](context);
    }

    /// <summary>Waits until this many requests arrived.</summary>
    public Task ReceivesAsync(int requests, CancellationToken cancellationToken) => _app.UntilAsync(() => Requests.Count >= requests, cancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        var key = context.Request.Headers["X-API-Key"].ToString();
        TraceParents.Enqueue(context.Request.Headers.TraceParent.ToString());
        Headers.Enqueue(string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}")));
        Requests.Enqueue(new RecordedRequest(context.Request.Method, context.Request.Path + context.Request.QueryString, key));
        return key == AcceptedKey
            ? Answer(context)
            : Status(401, """{"detail":"Invalid API key."}""", ("X-Request-Id", "req-401"))(context);
    }
}

internal sealed record RecordedRequest(string Method, string Path, string Key);
