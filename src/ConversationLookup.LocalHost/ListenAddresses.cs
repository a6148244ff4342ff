using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace ConversationLookup.LocalHost;

/// <summary>Whether this machine can listen where it is told to, said before anything starts, so that all faults are said at once.</summary>
public static class ListenAddresses
{
    private const string Example = "such as http://localhost:7071";

    /// <summary>Marks the certificate that <c>dotnet dev-certs https</c> makes.</summary>
    private const string DeveloperCertificate = "1.3.6.1.4.1.311.84.1.1";

    /// <param name="setting">The setting's name.</param>
    /// <param name="addresses">Its value: addresses separated by semicolons.</param>
    /// <param name="mayUseHttps">Whether a certificate can be used at all.</param>
    public static IEnumerable<string> Faults(string setting, string addresses, bool mayUseHttps) => addresses
        .Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .DefaultIfEmpty("")
        .Select(address => Fault(setting, address, mayUseHttps))
        .OfType<string>()
        .Select(fault => $"{setting}{fault}");

    private static string? Fault(string setting, string text, bool mayUseHttps)
    {
        if (!TryParse(text, out var address))
            return $" must be an address to listen at, with a port from 1 to 65535, {Example}.";
        if (address.IsUnixPipe || address.IsNamedPipe)
            return null;
        if (address.PathBase.Length > 0)
            return $" must be an address without a path, {Example}, not one that ends in '{address.PathBase}'.";
        if (address.Scheme == "https" && !mayUseHttps)
            return $" must begin with http, {Example}; or, for https, make a certificate first: dotnet dev-certs https --trust";
        return Listen(address) switch
        {
            SocketError.Success => null,
            SocketError.AddressAlreadyInUse => $": cannot listen at {text}: address already in use. Stop the program that uses the port, or choose another: --{setting} http://localhost:{Math.Max(1, (address.Port + 1) % IPEndPoint.MaxPort)}",
            SocketError.AddressNotAvailable => $": cannot listen at {text}: this machine does not have that address. Choose one that it has, {Example}.",
            SocketError.AccessDenied => $": cannot listen at {text}: the port needs special rights. Choose one above 1023, {Example}.",
            var error => $": cannot listen at {text}: {new SocketException((int)error).Message}.",
        };
    }

    /// <summary>Whether https would find the certificate of this machine's developer.</summary>
    public static bool HasDeveloperCertificate()
    {
        using var store = new X509Store(StoreName.My, StoreLocation.CurrentUser);
        store.Open(OpenFlags.ReadOnly);
        return store.Certificates.Any(IsDeveloperCertificate);
    }

    /// <summary>Whether a server can use it, and <c>dotnet dev-certs</c> made it.</summary>
    public static bool IsDeveloperCertificate(X509Certificate2 certificate) =>
        certificate.HasPrivateKey && certificate.Extensions.Any(extension => extension.Oid?.Value == DeveloperCertificate);

    private static bool TryParse(string text, out BindingAddress address)
    {
        address = null!;
        try
        {
            address = BindingAddress.Parse(text);
            return address.IsUnixPipe || address.IsNamedPipe
                || (address.Scheme is "http" or "https"
                    && address.Port is >= 0 and <= IPEndPoint.MaxPort
                    && (address.Port > 0 || address.Host != "localhost") // two addresses, and one free port that fits both cannot be asked for
                    && (address.Host is "*" or "+" || Uri.CheckHostName(address.Host) is not UriHostNameType.Unknown));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static SocketError Listen(BindingAddress address)
    {
        var ip = address.Host == "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(address.Host, out var given) ? given
            : IPAddress.Any; // as the web server takes any other name
        try
        {
            using var listener = new TcpListener(ip, address.Port);
            listener.Start();
            return SocketError.Success;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }
}
