using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Support;

/// <summary>A real web server on a free port of this machine that answers everything with one delegate.</summary>
internal static class LocalServer
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

    /// <summary>The certificate of its HTTPS servers in a file, for the <c>SSL_CERT_FILE</c> of a process that is to trust it.</summary>
    public static string CertificateFile => CertificateInFile.Value;

    public static async Task<WebApplication> StartAsync(RequestDelegate answer, bool https = false)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        if (https)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            if (https)
                listen.UseHttps(Certificate.Value);
        }));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(CancellationToken.None);
        return app;
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
