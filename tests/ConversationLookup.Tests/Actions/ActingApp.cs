using System.Net.Http.Json;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Tests.Actions;

/// <summary>An app that may do everything, with storage, in front of a Wassist that does it.</summary>
internal sealed class ActingApp(FakeWassist upstream, ActingWassist wassist, App app) : IAsyncDisposable
{
    public ActingWassist Wassist => wassist;

    public FakeWassist Upstream => upstream;

    public App App => app;

    public static async Task<ActingApp> StartAsync(IReadOnlyDictionary<string, string>? settings = null, bool withStorage = true, Action<IServiceCollection>? configure = null)
    {
        var upstream = await FakeWassist.StartAsync();
        var wassist = new ActingWassist();
        upstream.Answer = wassist.AnswerAsync;
        var all = new Dictionary<string, string> { ["Actions:Allowed"] = "all" };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            all[name] = value;
        var app = withStorage ? await App.StartWithStorageAsync(upstream, all, configure) : await App.StartAsync(upstream, all, configure);
        return new ActingApp(upstream, wassist, app);
    }

    /// <summary>Any POST under <c>/api/</c>.</summary>
    public static async Task<Answer> PostAsync(App app, string path, object? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await app.SendAsync(request);
    }

    /// <summary>Any POST under <c>/api/</c>.</summary>
    public Task<Answer> PostAsync(string path, object? body, params (string Name, string Value)[] headers) => PostAsync(app, path, body, headers);

    /// <summary>Something to be done in the usual conversation.</summary>
    public Task<Answer> DoAsync(string route, object? body = null, params (string Name, string Value)[] headers) => PostAsync($"conversations/{Bodies.Id}/{route}", body, headers);

    /// <summary>A text into the usual conversation, with an idempotency key.</summary>
    public Task<Answer> SendAsync(string text, string? key = null) => DoAsync("messages", new { text, idempotencyKey = key });

    /// <summary>A POST with a body as it is, JSON or not.</summary>
    public async Task<Answer> PostTextAsync(string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body) };
        return await app.SendAsync(request);
    }

    /// <summary>Has Wassist do nothing for POSTs until it is let.</summary>
    /// <returns>What ends when the first has arrived, and what lets all go on.</returns>
    public (Task Arrived, TaskCompletionSource Go) HoldPosts()
    {
        var (arrived, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        upstream.Answer = async context =>
        {
            if (context.Request.Method == "POST")
            {
                arrived.TrySetResult();
                await go.Task.WaitAsync(TestContext.Current.CancellationToken);
            }

            await wassist.AnswerAsync(context);
        };
        return (arrived.Task.WaitAsync(TestContext.Current.CancellationToken), go);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await upstream.DisposeAsync();
    }
}
