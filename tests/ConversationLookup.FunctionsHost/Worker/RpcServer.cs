using System.Collections.Concurrent;
using System.Net;
using ConversationLookup.FunctionsHost.Protocol;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.FunctionsHost.Worker;

/// <summary>Where workers connect to.</summary>
internal sealed class RpcServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, WorkerConnection> _expected = [];

    private RpcServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public static async Task<RpcServer> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore();
        RpcServer? server = null;
        builder.Services.AddSingleton(_ => new EventStreamService(server!._expected));
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = int.MaxValue;
            grpc.MaxSendMessageSize = int.MaxValue;
        });
        var app = builder.Build();
        app.UseRouting();
        app.MapGrpcService<EventStreamService>();
        server = new RpcServer(app);
        await app.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>A connection for a worker that is about to start.</summary>
    public WorkerConnection Expect(HostOutput output)
    {
        var connection = new WorkerConnection(output);
        _expected[connection.WorkerId] = connection;
        return connection;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private sealed class EventStreamService(ConcurrentDictionary<string, WorkerConnection> expected) : FunctionRpc.FunctionRpcBase
    {
        public override async Task EventStream(
            IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
        {
            if (!await requestStream.MoveNext(context.CancellationToken)
                || requestStream.Current.StartStream is not { } start
                || !expected.TryRemove(start.WorkerId, out var connection))
                return;
            try
            {
                await connection.CarryAsync(requestStream, responseStream, context.CancellationToken);
            }
            catch (Exception ended) when (ended is OperationCanceledException or IOException)
            {
                // The worker is gone.
            }
        }
    }
}
