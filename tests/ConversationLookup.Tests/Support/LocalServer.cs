using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Support;

/// <summary>
/// A real web server on a free port of this machine that answers everything with one delegate. What the delegate throws, a failed assertion
/// first of all, would be a 500 to the app, which it may put right by trying again: it fails the test that disposes of the server.
/// </summary>
internal sealed class LocalServer : IAsyncDisposable
{
    /// <summary>Made for this run, for localhost.</summary>
    private static readonly Lazy<X509Certificate2> Certificate = new(() =>
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    });

    private static readonly Lazy<string> CertificateInFile = new(() =>
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("certificate-").FullName, "localhost.pem");
        File.WriteAllText(path, Certificate.Value.ExportCertificatePem());
        return path;
    });

    private static int _ports = Random.Shared.Next(20_000);

    private readonly ConcurrentQueue<Exception> _faults = [];
    private readonly WebApplication _app;

    private LocalServer(RequestDelegate answer, bool https)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        if (https)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (https)
                listen.UseHttps(Certificate.Value);
        }));
        _app = builder.Build();
        _app.Run(context => AnswerAsync(answer, context));
    }

    /// <summary>The certificate of its HTTPS servers in a file, for the <c>SSL_CERT_FILE</c> of a process that is to trust it.</summary>
    public static string CertificateFile => CertificateInFile.Value;

    public string Url => _app.Urls.Single();

    public static async Task<LocalServer> StartAsync(RequestDelegate answer, bool https = false)
    {
        var server = new LocalServer(answer, https);
        await server._app.StartAsync(CancellationToken.None);
        return server;
    }

    /// <summary>Waits until something is so, unless the delegate throws.</summary>
    public async Task UntilAsync(Func<bool> isSo, CancellationToken cancellationToken)
    {
        while (!isSo())
        {
            ThrowIfFaulty();
            await Task.Delay(5, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        ThrowIfFaulty();
    }

    /// <summary>Whether somebody listens on a port.</summary>
    public static async Task<bool> ListensAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>
    /// A port that nobody listens on, each time another. Below those that the system gives to whoever asks for any, so that nobody gets it
    /// before the program that it is for.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = 12_000 + (Interlocked.Increment(ref _ports) % 20_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }

    /// <summary>A port of this machine whose packets are dropped: its queue of connections is full, and nobody takes one.</summary>
    public static Unreachable StartUnreachable() => new();

    private void ThrowIfFaulty()
    {
        if (_faults.TryPeek(out var fault))
            throw new InvalidOperationException($"A server of the test found a fault: {fault.Message}", fault);
    }

    private async Task AnswerAsync(RequestDelegate answer, HttpContext context)
    {
        try
        {
            await answer(context);
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested && exception is not (OperationCanceledException or IOException))
        {
            _faults.Enqueue(exception);
            throw;
        }
    }

    public sealed class Unreachable : IDisposable
    {
        private readonly List<Socket> _sockets = [new(SocketType.Stream, ProtocolType.Tcp)];

        public Unreachable()
        {
            _sockets[0].Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _sockets[0].Listen(0);
            for (var filling = 0; filling < 4; filling++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                _sockets.Add(socket);
                _ = socket.ConnectAsync(_sockets[0].LocalEndPoint!).ContinueWith(static connected => connected.Exception, TaskScheduler.Default);
            }
        }

        public string Url => $"http://{_sockets[0].LocalEndPoint}/";

        public void Dispose() => _sockets.ForEach(socket => socket.Dispose());
    }
}
