using System.Diagnostics;
using ConversationLookup.FunctionsHost.Protocol;
using ConversationLookup.FunctionsHost.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Forwarder;

namespace ConversationLookup.FunctionsHost.Http;

/// <summary>What callers talk to.</summary>
/// <remarks>
/// The order of checks and the answers: HostAvailabilityCheckMiddleware.cs, FunctionInvocationMiddleware.cs, AuthenticationLevelHandler.cs
/// and ExceptionMiddleware.cs of https://github.com/Azure/azure-functions-host. It forwards with the same library in the same way
/// (DefaultHttpProxyService.cs), which replaces the caller's X-Forwarded-* by its own; the worker takes host and scheme from those.
/// </remarks>
internal sealed class HttpServer : IAsyncDisposable
{
    private const string InvocationIdHeader = "x-ms-invocation-id";

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);
    private static readonly ForwarderRequestConfig Forwarding = new() { ActivityTimeout = TimeSpan.FromSeconds(240) };

    private readonly HttpMessageInvoker _invoker = new(new UntilItListens());
    private readonly WebApplication _app;
    private readonly IHttpForwarder _forwarder;
    private readonly string? _key;
    private readonly Func<Task<JobHost?>> _jobHost;

    private HttpServer(WebApplication app, string? key, Func<Task<JobHost?>> jobHost)
    {
        (_app, _key, _jobHost) = (app, key, jobHost);
        _forwarder = app.Services.GetRequiredService<IHttpForwarder>();
    }

    public string Url => _app.Urls.Single();

    /// <param name="url">The address.</param>
    /// <param name="key">The function key, or null.</param>
    /// <param name="jobHost">The job host as soon as it runs, or null when it could not be started.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<HttpServer> StartAsync(string url, string? key, Func<Task<JobHost?>> jobHost, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(url);
        builder.Services.AddHttpForwarder();
        var app = builder.Build();
        var server = new HttpServer(app, key, jobHost);
        app.Run(server.AnswerAsync);
        await app.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>Takes no more requests and lets those under way end.</summary>
    public async Task StopAsync()
    {
        using var patience = new CancellationTokenSource(StopPatience);
        await _app.StopAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _invoker.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (await RunningJobHostAsync(context.RequestAborted) is not { } jobHost)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync("Function host is not running.", context.RequestAborted);
        }
        else if (!jobHost.Routes.TryMatch(context.Request, out var function, out var routeValues))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (((HttpTrigger)function.Trigger).NeedsKey && !HasKey(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else
        {
            await InvokeAsync(context, jobHost.Dispatcher, function, routeValues);
        }
    }

    private async Task<JobHost?> RunningJobHostAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _jobHost().WaitAsync(StartPatience, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private bool HasKey(HttpRequest request) => _key is null
        || (request.Headers.TryGetValue("x-functions-key", out var values) || request.Query.TryGetValue("code", out values)) && values[0] == _key;

    private async Task InvokeAsync(HttpContext context, Dispatcher dispatcher, Function function, RouteValueDictionary routeValues)
    {
        using var activity = new Activity(function.Name);
        if (context.Request.Headers.TraceParent.ToString() is { Length: > 0 } parent)
            activity.SetParentId(parent);
        activity.TraceStateString = context.Request.Headers.TraceState;
        foreach (var item in context.Request.Headers.Baggage.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (item.Split('=') is [var name, var value])
                activity.AddBaggage(name.Trim(), value.Trim());
        }

        activity.Start();
        try
        {
            await dispatcher.ReportAsync(function, invocationId => InvokeAsync(context, dispatcher, function, routeValues, invocationId));
        }
        catch (Exception failed) when (failed is InvocationFailedException or TimeoutException or OperationCanceledException && !context.Response.HasStarted)
        {
            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    private async Task InvokeAsync(HttpContext context, Dispatcher dispatcher, Function function, RouteValueDictionary routeValues, string invocationId)
    {
        var worker = await dispatcher.WorkerAsync(context.RequestAborted);
        context.Request.Headers[InvocationIdHeader] = invocationId;
        var metadata = routeValues.ToDictionary(value => value.Key, value => new TypedData { String = $"{value.Value}" });

        // The request goes first: the worker does not wait long for it.
        var forwarding = _forwarder.SendAsync(context, worker.HttpUri, _invoker, Forwarding).AsTask();
        try
        {
            await worker.InvokeAsync(function, invocationId, new TypedData { Http = new HttpData() }, metadata, context.RequestAborted);
        }
        finally
        {
            await forwarding;
        }

        if (await forwarding is var error and not ForwarderError.None)
            throw new InvocationFailedException($"The request could not be forwarded: {error}.");
    }
}
